"""The evaluation of decisions, services and knowledge models, with an explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from workflows.decisions.completion import completed
from workflows.decisions.decision_models import DecisionModel
from workflows.decisions.errors import DecisionError
from workflows.decisions.evaluation import Evaluation
from workflows.decisions.explanation import Explanation
from workflows.decisions.model import (
    Decision,
    DecisionTable,
)
from workflows.decisions.parameters import ParameterRecorder
from workflows.errors import NotFound
from workflows.feel import (
    DEFAULT_LIMITS,
    FeelError,
    FeelLimitExceeded,
    FunctionValue,
    HostFunction,
    Limits,
    Run,
    Value,
)
from workflows.feel.calls import invoke

#: Classes of values that can lack no component.
_WITHOUT_PARTS: Final = frozenset({Decimal, str, bool, date, type(None)})


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """A decision's value and why.

    `outputs` holds the value as `value`, and by name the entries of a context or the only output
    of a table.
    """

    value: Value
    outputs: Mapping[str, Value]
    explanation: Explanation


def evaluate_decision(
    model: DecisionModel,
    decision_id: str,
    inputs: Mapping[str, Value],
    *,
    functions: Mapping[str, HostFunction] | None = None,
    now: datetime | None = None,
    recorder: ParameterRecorder | None = None,
    strict: bool = True,
    limits: Limits = DEFAULT_LIMITS,
    tells: bool = False,
    assumed: Mapping[str, Value] | None = None,
) -> DecisionResult:
    """The value of a decision, by id or name, with its explanation.

    Inputs are by the name of the input data; `namespace#name` reaches one of an imported model.
    The recorder that the parameter function was made with gives each step its parameters.
    `tells` makes the steps say in sentences what they decided. `assumed` holds results, by the id
    of the decision, that are taken for given and not computed.

    Strict, as the host evaluates: overlapping rows of a UNIQUE table, no row and no default, a
    missing or wrongly typed input, a test that cannot be told and a null made by a failed
    operation are errors; a component that its declared type has and the input lacks is null. Not
    strict, as the standard has it: null and a warning.

    Raises:
        NotFound: no such decision.
        DecisionError: strict, and the result is not reliable; or limits were exceeded.
    """
    decision = model.decision(decision_id)
    evaluation = _evaluation(model, inputs, functions, now, recorder, strict, limits)
    evaluation.tells = tells
    evaluation.memo.update(
        ((model.namespace, key), value) for key, value in (assumed or {}).items()
    )
    value = _bounded(evaluation, model, decision.id)
    return _result(decision, value, evaluation)


def evaluate_service(
    model: DecisionModel,
    service_id: str,
    inputs: Mapping[str, Value],
    *,
    functions: Mapping[str, HostFunction] | None = None,
    now: datetime | None = None,
    recorder: ParameterRecorder | None = None,
    strict: bool = True,
    limits: Limits = DEFAULT_LIMITS,
) -> DecisionResult:
    """The result of a decision service, by id or name; `outputs` are its decisions by name.

    Raises: as `evaluate_decision`.
    """
    service = model.services.get(service_id)
    if service is None:
        raise NotFound(
            "decision.unknown",
            f"决策模型 {model.file} 中没有决策服务 {service_id}。",
            f"The model {model.file} has no decision service {service_id}.",
        )
    evaluation = _evaluation(model, inputs, functions, now, recorder, strict, limits)
    value = _invoked(evaluation, model, service.id, _bounded(evaluation, model, service.id))
    outputs = {"value": value}
    if len(service.outputs) > 1 and isinstance(value, dict):
        outputs.update(value)
    else:
        outputs.update(
            (found[2].variable.name, value)
            for found in map(model.linked.find, service.outputs)
            if found is not None
        )
    return DecisionResult(value, outputs, Explanation(tuple(evaluation.steps)))


def evaluate_knowledge(
    model: DecisionModel,
    knowledge_id: str,
    inputs: Mapping[str, Value],
    *,
    functions: Mapping[str, HostFunction] | None = None,
    now: datetime | None = None,
    strict: bool = True,
    limits: Limits = DEFAULT_LIMITS,
) -> Value:
    """The result of a business knowledge model, by id or name, called with named arguments.

    Raises: as `evaluate_decision`.
    """
    found = model.knowledge.get(knowledge_id)
    if found is None:
        raise NotFound(
            "decision.unknown",
            f"决策模型 {model.file} 中没有业务知识模型 {knowledge_id}。",
            f"The model {model.file} has no business knowledge model {knowledge_id}.",
        )
    evaluation = _evaluation(model, inputs, functions, now, None, strict, limits)
    function = _bounded(evaluation, model, found.id)
    return _invoked(evaluation, model, found.id, function)


def _invoked(evaluation: Evaluation, model: DecisionModel, key: str, function: Value) -> Value:
    """The result of a function called with the inputs of its parameters' names."""
    if not isinstance(function, FunctionValue):
        return None
    given = [_argument(evaluation, parameter.name) for parameter in function.parameters]
    try:
        return invoke(evaluation.run, function, given, None)
    except FeelError as error:
        evaluation.problem(error.code, error.message_zh, error.message)
        return None
    except (FeelLimitExceeded, RecursionError) as error:
        raise _too_much(model, key, error) from None


def _evaluation(
    model: DecisionModel,
    inputs: Mapping[str, Value],
    functions: Mapping[str, HostFunction] | None,
    now: datetime | None,
    recorder: ParameterRecorder | None,
    strict: bool,
    limits: Limits,
) -> Evaluation:
    run = Run({}, functions=functions, types=model.linked.predicates, limits=limits, now=now)
    given = {name: _given(model, name, value, strict) for name, value in inputs.items()}
    return Evaluation(given, run, strict=strict, recorder=recorder)


def _given(model: DecisionModel, name: str, value: Value, strict: bool) -> Value:
    if value.__class__ is int:
        return Decimal(value)
    if not strict or value.__class__ in _WITHOUT_PARTS:
        return value
    found = model.input_data.get(name)
    if found is None:
        return value
    return completed(value, found.variable.type_ref, model.linked.definitions.types)


def _argument(evaluation: Evaluation, name: str) -> Value:
    """The input of a parameter, whose name may be qualified by that of an import."""
    given = evaluation.inputs
    if name not in given:
        name = next((bare for bare in given if name.endswith(f".{bare}")), name)
    if name not in given:
        evaluation.problem("missing_input", f"缺少输入 {name}。", f"The input {name} is missing.")
    return given.get(name)


def _bounded(evaluation: Evaluation, model: DecisionModel, key: str) -> Value:
    try:
        return model.linked.value(evaluation, key)
    except (FeelLimitExceeded, RecursionError) as error:
        raise _too_much(model, key, error) from None


def _too_much(model: DecisionModel, key: str, error: Exception) -> DecisionError:
    message = error.message_zh if isinstance(error, FeelLimitExceeded) else "嵌套过深。"
    message_en = error.message if isinstance(error, FeelLimitExceeded) else "It nests too deep."
    return DecisionError(
        "decision.limit",
        f"{model.file} 的 {key} 超出了计算限额：{message}",
        f"{key} of {model.file} exceeded the limits of an evaluation: {message_en}",
        details={"decision": key},
    )


def _result(decision: Decision, value: Value, evaluation: Evaluation) -> DecisionResult:
    outputs: dict[str, Value] = {}
    expression = decision.expression
    if isinstance(expression, DecisionTable) and len(expression.outputs) == 1:
        name = expression.outputs[0].name
        if name:
            outputs[name] = value
    if isinstance(value, dict):
        outputs.update(value)
    outputs["value"] = value
    return DecisionResult(value, outputs, Explanation(tuple(evaluation.steps)))
