"""From a form-js document to a form, with every finding at once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any, Final, NoReturn

from workflows.decisions.forms.bounds import BoundsReader, decimal_of
from workflows.decisions.forms.model import (
    FieldKind,
    Form,
    FormField,
    Group,
    Option,
    Part,
    Separator,
    TextBlock,
)
from workflows.errors import Finding, Invalid

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 20
_KEY: Final = re.compile(r"[^\W\d]\w{0,63}")
_KINDS: Final = {
    "textfield": FieldKind.TEXT,
    "textarea": FieldKind.LONG_TEXT,
    "number": FieldKind.NUMBER,
    "select": FieldKind.CHOICE,
    "radio": FieldKind.CHOICE,
    "checkbox": FieldKind.CHECKBOX,
    "checklist": FieldKind.CHOICES,
    "taglist": FieldKind.CHOICES,
    "datetime": FieldKind.DATE,
    "filepicker": FieldKind.ATTACHMENTS,
}
_SPECIAL_KINDS: Final = {
    "money": (FieldKind.MONEY, {"textfield", "number"}),
    "surveyors": (FieldKind.SURVEYORS, {"textfield", "select", "checklist", "taglist"}),
    "attachments": (FieldKind.ATTACHMENTS, {"textfield", "filepicker"}),
}
_REFUSED_KEYS: Final = frozenset({"typename"})


def parse_form(content: bytes, *, file: str) -> Form:
    """The form in a form-js document (schema version 1 to 16 and later of form-js 1.x).

    Its key is the document's `id`, or the file's name without `.form`.

    Raises:
        Invalid: with every finding: not JSON, an unknown component, a key that is missing, not a
            name or used twice, bounds that contradict, a choice without values.
    """
    document = _document(content, file)
    reader = _Reader(file)
    parts = reader.parts(document.get("components", []), 0)
    key = document.get("id")
    stem = PurePosixPath(file).name.removesuffix(".form")
    if not isinstance(key, str) or not key:
        key = stem
    title = document.get("title") or _heading(parts) or key
    if not reader.fields and not reader.findings:
        reader.report("no_fields", "表单没有字段。", "The form has no fields.", None)
    if reader.findings:
        raise Invalid("form.findings", findings=reader.findings)
    return Form(key=key, title=str(title), parts=parts, fields=reader.fields, file=file)


def _heading(parts: tuple[Part, ...]) -> str | None:
    first = parts[0] if parts else None
    if isinstance(first, TextBlock) and first.text.startswith("#"):
        return first.text.splitlines()[0].lstrip("#").strip()
    return None


def _document(content: bytes, file: str) -> Mapping[str, Any]:
    if len(content) > MAX_BYTES:
        raise _refused("too_large", "文件超过 1 MB。", "The file is larger than 1 MB.", file)

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            raise ValueError("a key occurs twice")
        return found

    def constant(name: str) -> NoReturn:
        raise ValueError(f"{name} is not a number")

    try:
        document = json.loads(
            content.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=constant,
            object_pairs_hook=pairs,
        )
    except (ValueError, RecursionError) as error:
        raise _refused(
            "not_json", "文件不是合法的 JSON。", f"The file is not JSON: {error}.", file
        ) from None
    if not isinstance(document, dict) or not isinstance(document.get("components"), list):
        raise _refused(
            "not_a_form", "文件不是 form-js 表单。", "The file is not a form-js form.", file
        )
    return document


def _refused(code: str, message: str, message_en: str, file: str) -> Invalid:
    return Invalid(findings=[Finding(f"form.{code}", message, message_en, file=file)])


class _Reader:
    """Collects fields and findings while a document is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.fields: dict[str, FormField] = {}

    def report(self, code: str, message: str, message_en: str, element: str | None) -> None:
        where, where_en = ("", "") if element is None else (f"{element}：", f"{element}: ")
        self.findings.append(
            Finding(
                f"form.{code}",
                where + message,
                where_en + message_en,
                file=self.file,
                element=element,
            )
        )

    def parts(self, given: Any, depth: int) -> tuple[Part, ...]:
        if not isinstance(given, list) or depth > MAX_DEPTH:
            self.report("not_a_form", "组件列表有误。", "A list of components is wrong.", None)
            return ()
        found = [self._part(component, depth) for component in given]
        return tuple(part for part in found if part is not None)

    def _part(self, given: Any, depth: int) -> Part | None:
        if not isinstance(given, dict):
            self.report("not_a_form", "组件有误。", "A component is wrong.", None)
            return None
        kind, identity = given.get("type"), str(given.get("id") or given.get("key") or "")
        hide = self._feel(_mapping(given.get("conditional")).get("hide"), identity)
        if kind == "group":
            parts = self.parts(given.get("components", []), depth + 1)
            return Group(_text(given.get("label")), parts, identity, hide)
        if kind == "text":
            return TextBlock(_text(given.get("text")), identity, hide)
        if kind in {"separator", "spacer"}:
            return Separator(identity, hide)
        if kind in {"button"}:
            return None
        if kind not in _KINDS:
            self.report(
                "unknown_component",
                f"不支持的组件 {kind}。",
                f"The component {kind} is not supported.",
                identity,
            )
            return None
        return self._field(given, str(kind), hide)

    def _field(self, given: dict[str, Any], component: str, hide: str | None) -> FormField | None:
        key = given.get("key")
        if not isinstance(key, str) or not _KEY.fullmatch(key) or key in _REFUSED_KEYS:
            self.report(
                "bad_key",
                f"字段名 {key!r} 不是合法的变量名。",
                f"The key {key!r} is not the name of a variable.",
                str(given.get("id") or key),
            )
            return None
        if key in self.fields:
            self.report("duplicate_key", "字段名重复。", "The key is used twice.", key)
            return None
        properties = {
            str(name): _text(value) for name, value in _mapping(given.get("properties")).items()
        }
        kind = self._kind(given, component, properties, key)
        validate = _mapping(given.get("validate"))
        if isinstance(given.get("readonly"), str):
            self.report(
                "readonly_condition",
                "“只读”不能是条件。",
                "`readonly` cannot be a condition.",
                key,
            )
        options, options_from = self._options(given, kind, key)
        found = FormField(
            key=key,
            label=_text(given.get("label")) or _text(given.get("dateLabel")) or key,
            kind=kind,
            component=component,
            id=_text(given.get("id")),
            required=validate.get("required") is True,
            readonly=given.get("disabled") is True or given.get("readonly") is True,
            description=_text(given.get("description")),
            bounds=BoundsReader(self.report, key).bounds(kind, given, validate, properties),
            options=options,
            options_from=options_from,
            hide=hide,
            required_when=self._feel(properties.get("required-when"), key),
            earliest=self._day(properties.get("earliest"), kind, key),
            latest=self._day(properties.get("latest"), kind, key),
            default=given.get("defaultValue"),
            start=self._start(properties.get("start"), kind, key),
            accept=_text(given.get("accept")),
            properties=properties,
        )
        self.fields[key] = found
        return found

    def _kind(
        self, given: dict[str, Any], component: str, properties: Mapping[str, str], key: str
    ) -> FieldKind:
        special = properties.get("kind")
        if special:
            kind, components = _SPECIAL_KINDS.get(special, (_KINDS[component], set()))
            if component not in components:
                self.report(
                    "unknown_kind",
                    f"{component} 不能是 {special} 类型。",
                    f"A {component} cannot be of kind {special}.",
                    key,
                )
            return kind
        if component != "datetime":
            return _KINDS[component]
        subtype = given.get("subtype", "date")
        if subtype not in {"date", "datetime"}:
            self.report(
                "unknown_subtype",
                f"不支持的日期类型 {subtype}。",
                f"The subtype {subtype} is not supported.",
                key,
            )
        return FieldKind.DATETIME if subtype == "datetime" else FieldKind.DATE

    def _options(
        self, given: dict[str, Any], kind: FieldKind, key: str
    ) -> tuple[tuple[Option, ...], str | None]:
        if kind not in {FieldKind.CHOICE, FieldKind.CHOICES}:
            return (), None
        source = given.get("valuesExpression") or given.get("valuesKey")
        if source:
            return (), self._feel(source, key)
        options = []
        values = given.get("values")
        for item in values if isinstance(values, list) else []:
            value = _mapping(item).get("value")
            if not isinstance(value, str | bool | Decimal) or value == "":
                self.report("bad_value", "选项没有值。", "An option has no value.", key)
                continue
            options.append(Option(value, _text(_mapping(item).get("label")) or str(value)))
        if not options:
            self.report("no_values", "没有可选的值。", "There are no values to choose.", key)
        if len({str(option.value) for option in options}) < len(options):
            self.report("duplicate_value", "选项的值重复。", "Two options are equal.", key)
        return tuple(options), None

    def _day(self, given: str | None, kind: FieldKind, key: str) -> str | None:
        """The FEEL of a bound; `today` stands for `today()`."""
        text = self._feel(given, key)
        if text is not None and kind not in {FieldKind.DATE, FieldKind.DATETIME}:
            self.report(
                "bad_bound",
                "只有日期才有最早和最晚的一天。",
                "Only a date has an earliest and a latest day.",
                key,
            )
        return "today()" if text == "today" else text

    def _start(self, given: str | None, kind: FieldKind, key: str) -> str | None:
        """What a fresh form shows in a field."""
        wants = {"today": FieldKind.DATE, "me": FieldKind.SURVEYORS}.get(given or "", kind)
        if given and (wants is not kind or not _KEY.fullmatch(given)):
            self.report(
                "bad_start",
                "start 应为变量名；today 只用于日期，me 只用于选择工作人员。",
                "`start` names a variable; `today` is for dates, `me` for staff to choose.",
                key,
            )
        return given or None

    def _feel(self, given: Any, element: str) -> str | None:
        if given is None or given == "":
            return None
        if not isinstance(given, str):
            self.report("bad_feel", "条件应为 FEEL。", "A condition should be FEEL.", element)
            return None
        return given.strip().removeprefix("=").strip() or None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(decimal_of(value))
    return value if isinstance(value, str) else ""
