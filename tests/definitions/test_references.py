"""What the files of a policy say of each other: decisions, forms, clauses, clocks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import workflows.definitions
from tests.definitions.diagrams import (
    CLOCKS_YAML,
    FORM,
    VARIABLES,
    codes,
    document,
    end,
    flows,
    line,
    message,
    node,
    policy,
    process,
    start,
    variable,
)
from tests.definitions.hostile_parts import GOOD, KIND, boundary, operation, task
from workflows.definitions.files import PolicyFiles
from workflows.definitions.sentences import SENTENCES, WARNINGS


def table(annotation: str = "c1", *, id: str = "amount_model", decision: str = "amount") -> str:
    """A DMN file with one decision table over the input ``members``."""
    return f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
      id="{id}" name="金额" namespace="urn:test:{id}">
      <inputData id="{id}_members" name="members">
        <variable id="{id}_v" name="members" typeRef="number"/></inputData>
      <decision id="{decision}" name="{decision}金额">
        <variable id="{id}_w" name="{decision}金额" typeRef="number"/>
        <informationRequirement id="{id}_r"><requiredInput href="#{id}_members"/>
        </informationRequirement>
        <decisionTable id="{id}_t" hitPolicy="UNIQUE">
          <input id="{id}_i"><inputExpression id="{id}_e" typeRef="number"><text>members</text>
            </inputExpression></input>
          <output id="{id}_o" name="monthly" typeRef="number"/>
          <annotation name="依据"/>
          <rule id="{id}_1"><inputEntry id="{id}_1i"><text>-</text></inputEntry>
            <outputEntry id="{id}_1o"><text>515</text></outputEntry>
            <annotationEntry><text>{annotation}</text></annotationEntry></rule>
        </decisionTable>
      </decision>
    </definitions>"""


MEMBERS = '<doudi:input name="members" value="x"/>'


def decided(inner: str = MEMBERS, dmn: str | None = None) -> PolicyFiles:
    """A policy whose diagram asks the decision ``amount``."""
    diagram = line(
        node(
            "businessRuleTask",
            "Task_D",
            extra=f'<doudi:decision ref="amount">{inner}</doudi:decision>',
        )
    )
    return policy(diagram, **{"decisions/d.dmn": dmn or table()})


def with_form(**changes: object) -> PolicyFiles:
    """A policy whose only form's field is changed."""
    form = {**FORM, "components": [{**FORM["components"][0], **changes}]}  # type: ignore[index]  # JSON
    return policy(GOOD, **{"forms/f.form": json.dumps(form)})


def test_a_decision_with_its_input_and_result_is_right() -> None:
    # given
    files = decided(MEMBERS + '<doudi:output name="monthly" variable="x"/>')
    # when / then
    assert codes(files) == set()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (decided(""), ("decision.input_missing", "Task_D")),
        (
            decided(MEMBERS + '<doudi:input name="z" value="1"/>'),
            ("decision.input_unknown", "Task_D"),
        ),
        (
            decided(MEMBERS + '<doudi:output name="z" variable="x"/>'),
            ("decision.output_unknown", "Task_D"),
        ),
        (
            decided(
                MEMBERS
                + '<doudi:output name="monthly" variable="x"/>'
                + '<doudi:output name="value" variable="x"/>'
            ),
            ("variable.written_twice", "Task_D"),
        ),
        (decided(dmn=table("")), ("decision.row_clause", "amount")),
        (decided(dmn=table("c1, c9")), ("clause.unknown", "amount")),
        (
            decided().replaced({"decisions/e.dmn": table(id="second").encode()}),
            ("decision.repeated", "amount"),
        ),
        (with_form(conditional={"hide": "=zzz = 1"}), ("expression.unknown_name", "Task_A")),
        (
            with_form(properties={"required-when": "=system(x)"}),
            ("expression.unknown_function", "Task_A"),
        ),
        (
            with_form(conditional={"hide": '=parameter("x") = 1'}),
            ("expression.unknown_function", "Task_A"),
        ),
        (
            with_form(properties={"required-when": "=case.number = null"}),
            ("expression.unknown_name", "Task_A"),
        ),
        (with_form(conditional={"hide": "=opinion > 1"}), ("expression.mismatch", "Task_A")),
        (with_form(conditional={"hide": "=opinion"}), ("expression.type", "Task_A")),
        (
            decided(MEMBERS + '<doudi:output name="monthly" variable="opinion"/>'),
            ("variable.output_type", "Task_D"),
        ),
        (
            decided('<doudi:input name="members" value="opinion"/>'),
            ("decision.input_type", "Task_D"),
        ),
        (
            decided(MEMBERS.replace('value="', 'value="&quot;&quot; + ')),
            ("expression.mismatch", "Task_D"),
        ),
        (
            policy(GOOD, **{"forms/f.form": json.dumps({**FORM, "id": "g"})}),
            ("form.key", "g"),
        ),
        (policy(GOOD, **{"clocks.yaml": CLOCKS_YAML * 2}), ("register.repeated", "A.k")),
        (
            policy(GOOD, **{"clocks.yaml": CLOCKS_YAML.replace("warn: 1", "wran: 1")}),
            ("register.field", "A.k"),
        ),
        (
            policy(GOOD, **{"clocks.yaml": CLOCKS_YAML.replace("A.k", "A k")}),
            ("register.key", "A k"),
        ),
        (policy(operation('<doudi:input name="kind" value=" "/>')), ("ext.missing", "Task_S")),
        (
            policy(operation(KIND + '<doudi:output name="notice_id" variable="x" value="1"/>')),
            ("ext.attribute", "Task_S"),
        ),
        (
            policy(line(task("Task_A", '<doudi:clock key="A.k" action="start" from=" "/>'))),
            ("expression.empty", "Task_A"),
        ),
        (
            policy(
                line(
                    node("userTask", "Task_A"),
                    more=boundary(message(), cancelActivity="false")
                    + end("E_2", "completed")
                    + flows("B E_2"),
                )
            ),
            ("end.outcome_aside", "E_2"),
        ),
        (
            policy(document(process(), rest='<bpmn:error id="E_1" errorCode="a b"/>')),
            ("error.code", "E_1"),
        ),
        (
            policy(line(node("exclusiveGateway", "G"))),
            ("gateway.idle", "G"),
        ),
        (
            policy(
                document(
                    process(
                        start(),
                        end(),
                        flows("Start_1 End_1"),
                        head="<bpmn:laneSet id='L'>"
                        + "<bpmn:lane id='L_1'><bpmn:flowNodeRef>Start_1</bpmn:flowNodeRef>"
                        "<bpmn:flowNodeRef>End_1</bpmn:flowNodeRef></bpmn:lane>"
                        "<bpmn:lane id='L_2'><bpmn:flowNodeRef>End_1</bpmn:flowNodeRef></bpmn:lane>"
                        "</bpmn:laneSet>",
                    )
                )
            ),
            ("lane.twice", "End_1"),
        ),
        (
            policy(
                line(
                    node("userTask", "Task_A"),
                    variables=VARIABLES + variable("z", "date", default='"2026-01-01"'),
                )
            ),
            ("expression.type", "p"),
        ),
    ],
)
def test_what_does_not_fit_together_is_found(files: PolicyFiles, expected: tuple[str, str]) -> None:
    # given / when
    found = codes(files)
    # then
    assert expected in found


def test_every_sentence_is_used_and_every_warning_exists() -> None:
    # given
    folder = Path(workflows.definitions.__path__[0])
    text = "".join(
        path.read_text() for path in folder.rglob("*.py") if path.parent.name != "sentences"
    )
    # when
    unused = {code for code in SENTENCES if f'"{code}"' not in text}
    # then
    assert unused == set()
    assert SENTENCES.keys() >= WARNINGS


@pytest.mark.parametrize("code", SENTENCES)
def test_both_sentences_of_a_finding_name_the_same_values(code: str) -> None:
    # given
    chinese, english = (
        {part.split("}")[0].removesuffix("!r") for part in sentence.split("{")[1:]}
        for sentence in SENTENCES[code]
    )
    # when / then
    assert {name.removesuffix("_en") for name in chinese} == {
        name.removesuffix("_en") for name in english
    }
