"""Small DMN documents for the tests, made from a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from workflows.decisions import DecisionModel, parse_dmn

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def make_document(*parts: str, namespace: str = "urn:test", dmn: str = DMN) -> bytes:
    """A document with these elements."""
    start = f'<definitions xmlns="{dmn}" namespace="{namespace}" name="test">'
    return (start + "".join(parts) + "</definitions>").encode()


def make_model(*parts: str) -> DecisionModel:
    """A model with these elements."""
    return parse_dmn(make_document(*parts), file="test.dmn")


def make_input(name: str, type_ref: str = "Any") -> str:
    """Input data whose id is its name."""
    return (
        f'<inputData id="{name}" name="{name}"><variable name="{name}" typeRef="{type_ref}"/>'
        "</inputData>"
    )


def make_literal(text: str) -> str:
    """A literal expression."""
    return f"<literalExpression><text>{escape(text, quote=False)}</text></literalExpression>"


def make_decision(
    name: str,
    expression: str,
    *,
    inputs: Sequence[str] = (),
    decisions: Sequence[str] = (),
    knowledge: Sequence[str] = (),
    type_ref: str = "Any",
) -> str:
    """A decision whose id is its name, with what it requires by id."""
    requirements = "".join(
        f'<informationRequirement><requiredInput href="#{found}"/></informationRequirement>'
        for found in inputs
    )
    requirements += "".join(
        f'<informationRequirement><requiredDecision href="#{found}"/></informationRequirement>'
        for found in decisions
    )
    requirements += "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#{found}"/></knowledgeRequirement>'
        for found in knowledge
    )
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}" typeRef="{type_ref}"/>'
        f"{requirements}{expression}</decision>"
    )


def make_table(
    rows: Sequence[str],
    *,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
    policy: str = "UNIQUE",
    aggregation: str = "",
    allowed_outputs: Mapping[str, str] | None = None,
    allowed_inputs: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> str:
    """A table; a row is `test | test | result | clause`, columns are names with their types."""

    def text(tag: str, content: str | None) -> str:
        return (
            "" if content is None else f"<{tag}><text>{escape(content, quote=False)}</text></{tag}>"
        )

    columns = "".join(
        f'<input><inputExpression typeRef="{kind}"><text>{name}</text></inputExpression>'
        f"{text('inputValues', (allowed_inputs or {}).get(name))}</input>"
        for name, kind in inputs.items()
    )
    columns += "".join(
        f'<output name="{name}" typeRef="{kind}">'
        f"{text('outputValues', (allowed_outputs or {}).get(name))}"
        f"{text('defaultOutputEntry', (defaults or {}).get(name))}</output>"
        for name, kind in outputs.items()
    )
    rules = ""
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row.split("|")]
        tests, rest = cells[: len(inputs)], cells[len(inputs) :]
        results, notes = rest[: len(outputs)], rest[len(outputs) :]
        rules += f'<rule id="r{number}">'
        rules += "".join(text("inputEntry", cell) for cell in tests)
        rules += "".join(text("outputEntry", cell) for cell in results)
        rules += "".join(text("annotationEntry", cell) for cell in notes) + "</rule>"
    aggregated = f' aggregation="{aggregation}"' if aggregation else ""
    return (
        f'<decisionTable id="table" hitPolicy="{policy}"{aggregated}>{columns}'
        f'<annotation name="依据"/>{rules}</decisionTable>'
    )


def make_table_model(rows: Sequence[str], **columns: object) -> DecisionModel:
    """A model of one decision `result` that is a table over its own inputs."""
    inputs = columns["inputs"]
    assert isinstance(inputs, Mapping)
    table = make_table(rows, **columns)  # type: ignore[arg-type] # passed on as they came
    return make_model(
        *(make_input(name) for name in inputs), make_decision("result", table, inputs=list(inputs))
    )
