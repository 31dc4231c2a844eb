"""Context functions (DMN 1.5, 10.3.4.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflows.feel.builtins.registry import builtin
from workflows.feel.errors import FeelError
from workflows.feel.run import Run
from workflows.feel.values import Value, type_name

Context = Mapping[str, Value]


@builtin("get value", "m: context, key: string")
def get_value(run: Run, context: Context, key: str) -> Value:
    """The value of a key."""
    if key not in context:
        raise FeelError("unknown_property", type="context", name=key)
    return context[key]


@builtin("get entries", "m: context")
def get_entries(run: Run, context: Context) -> Value:
    """A list of contexts with `key` and `value`."""
    run.check_items(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries: list")
def context_of(run: Run, entries: Sequence[Value]) -> Value:
    """A context of a list of contexts with `key` and `value`; no key may occur twice."""
    run.check_items(len(entries))
    built: dict[str, Value] = {}
    for entry in entries:
        if not isinstance(entry, Mapping) or not {"key", "value"} <= entry.keys():
            raise FeelError("invalid_argument", name="context", reason=type_name(entry))
        key = entry["key"]
        if not isinstance(key, str):
            raise FeelError("invalid_argument", name="context", reason=type_name(key))
        if key in built:
            raise FeelError("duplicate_key", name=key)
        built[key] = entry["value"]
    return built


@builtin("context put", "context: context, key: string, value: Any")
def context_put(run: Run, context: Context, key: str, value: Value) -> Value:
    """The context with a key set."""
    run.check_items(len(context) + 1)
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: Any")
def context_put_deep(run: Run, context: Context, keys: Sequence[Value], value: Value) -> Value:
    """The context with a value set along a path of keys."""
    if not keys or not all(isinstance(key, str) for key in keys):
        raise FeelError("invalid_argument", name="context put", reason="keys")
    run.check_items(len(context) + len(keys))
    inner: list[Context] = [context]
    for key in keys[:-1]:
        found = inner[-1].get(key)
        if not isinstance(found, Mapping):
            raise FeelError("unknown_property", type=type_name(found), name=key)
        run.tick(len(found))
        inner.append(found)
    result = value
    for level, key in zip(reversed(inner), reversed(keys), strict=True):
        result = {**level, key: result}
    return result


@builtin("context merge", "contexts: list")
def context_merge(run: Run, contexts: Sequence[Value]) -> Value:
    """The entries of several contexts; later ones win."""
    merged: dict[str, Value] = {}
    for context in contexts:
        if not isinstance(context, Mapping):
            raise FeelError("invalid_argument", name="context merge", reason=type_name(context))
        run.check_items(len(context))
        merged.update(context)
    return merged
