"""The register of other programmes: which tables to ask for a family that one programme refuses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from workflows.decisions import DecisionModel
from workflows.decisions.sentences import pieces
from workflows.decisions.strict_yaml import load_yaml
from workflows.decisions.wording import Words
from workflows.definitions.fields import list_field, refuse, text_field, texts_field
from workflows.definitions.findings import Report
from workflows.errors import Finding, Invalid
from workflows.feel import FeelSyntaxError, compile_expression

PROGRAMMES: Final = "programmes.yaml"
_FIELDS: Final = frozenset(
    {"key", "after", "decision", "each", "inputs", "qualifies", "zh", "en", "where_zh", "where_en",
     "opens", "clauses"}
)  # fmt: skip
#: What the FEEL of a programme sees beside the inputs of the decision that it comes after: the
#: day, what was decided by id, and with `each` the member or item that is asked about.
_AMBIENT: Final = frozenset({"on", "decided"})
EACH: Final = "member"
#: What `qualifies` and the sentences see of the programme's own decision.
FOUND: Final = "found"


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme that may help where the decisions in `after` were not favourable.

    `decision` is asked with `inputs`, FEEL by the name of the input, once or for `each` item of a
    list; `sentence` is a template, `where` says where to apply.
    """

    key: str
    after: tuple[str, ...]
    decision: str
    each: str
    inputs: Mapping[str, str]
    qualifies: str
    sentence: Words
    where: Words
    clauses: tuple[str, ...]
    #: the process that its application opens; empty where it has none
    opens: str = ""


def read_programmes(content: bytes, report: Report) -> tuple[Programme, ...]:
    """The register as far as it can be read; what is wrong is in the report."""
    try:
        document = load_yaml(content, file=report.file)
    except Invalid as error:
        report.extend(error.findings)
        return ()
    if not isinstance(document, dict) or document.keys() - {"programmes"}:
        report.add("register.shape", name=report.file)
        return ()
    return tuple(_programmes(document, report))


def _programmes(document: Mapping[str, Any], report: Report) -> Iterator[Programme]:
    seen: set[str] = set()
    for position, row in enumerate(list_field(document, "programmes", "programmes", report), 1):
        key = row.get("key") if isinstance(row, dict) else None
        if not isinstance(key, str) or not key:
            report.add("register.item", str(position), position=position, name="key")
            continue
        if key in seen:
            report.add("register.repeated", key, key=key)
        seen.add(key)
        for extra in sorted(map(str, row.keys() - _FIELDS)):
            report.add("register.field", key, field=extra, key=key, name=extra)
        inputs = row.get("inputs", {})
        if not isinstance(inputs, dict) or not all(
            isinstance(part, str) for pair in inputs.items() for part in pair
        ):
            refuse("inputs", inputs, key, report)
            inputs = {}
        texts = {
            name: text_field(row, name, key, report)
            for name in (
                "decision",
                "each",
                "qualifies",
                "zh",
                "en",
                "where_zh",
                "where_en",
                "opens",
            )
        }
        for name in texts:
            if name not in ("each", "opens") and not texts[name]:
                report.add("register.missing", key, field=name, key=key, name=name)
        yield Programme(
            key,
            texts_field(row, "after", key, report),
            texts["decision"],
            texts["each"],
            inputs,
            texts["qualifies"],
            Words(texts["zh"], texts["en"]),
            Words(texts["where_zh"], texts["where_en"]),
            texts_field(row, "clauses", key, report),
            texts["opens"],
        )


def check_programmes(
    programmes: Collection[Programme],
    report: Report,
    *,
    clauses: Collection[str] | None,
    decisions: Mapping[str, DecisionModel] | None,
) -> None:
    """Report decisions, inputs, clauses and names that a programme uses and nobody defines."""
    for programme in programmes:
        for clause in programme.clauses:
            if clauses is not None and clause not in clauses:
                report.add("clause.unknown", programme.key, clause=clause)
        if decisions is not None:
            _check_decisions(programme, report, decisions)


def _check_decisions(
    programme: Programme, report: Report, decisions: Mapping[str, DecisionModel]
) -> None:
    unknown = [key for key in (programme.decision, *programme.after) if key not in decisions]
    for key in unknown:
        report.add("decision.unknown", programme.key, decision=key)
    if unknown:
        return
    model = decisions[programme.decision]
    needed = {variable.name for variable in model.required_inputs(programme.decision)}
    for name in sorted(needed - programme.inputs.keys()):
        report.add("decision.input_missing", programme.key, decision=programme.decision, name=name)
    for name in sorted(programme.inputs.keys() - needed):
        report.add("decision.input_unknown", programme.key, decision=programme.decision, name=name)
    for after in programme.after:
        given = {found.name for found in decisions[after].required_inputs(after)} | _AMBIENT
        _check_texts(programme, frozenset(given), report)


def _check_texts(programme: Programme, names: frozenset[str], report: Report) -> None:
    inner = names | {EACH} if programme.each else names
    texts = [(programme.each or "null", names), (programme.qualifies, inner | {FOUND})]
    texts += [(text, inner) for text in programme.inputs.values()]
    try:
        for words in (programme.sentence, programme.where):
            texts += [
                (piece.text, inner | {FOUND})
                for text in (words.zh, words.en)
                for piece in pieces(text)
                if piece.is_code
            ]
    except ValueError as error:
        _report(report, programme, "dmn.template", f"花括号有误：{error}", f"braces: {error}")
    for text, known in texts:
        try:
            free = compile_expression(text or "null", known).free_names - known
        except FeelSyntaxError as error:
            _report(report, programme, f"feel.{error.code}", error.message_zh, error.message)
            continue
        for name in sorted(free):
            _report(
                report, programme, "feel.unknown_name",
                f"名称“{name}”没有定义（{text}）", f"nothing defines the name “{name}” ({text})",
            )  # fmt: skip


def _report(report: Report, programme: Programme, code: str, zh: str, en: str) -> None:
    key = programme.key
    finding = Finding(code, f"{key}：{zh}。", f"{key}: {en}.", file=report.file, element=key)
    report.extend([finding])
