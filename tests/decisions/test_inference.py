"""Whether a model's texts fit its types: what the gate refuses before anybody is given a result."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from html import escape

import pytest

from tests.decisions.models import (
    make_decision,
    make_document,
    make_input,
    make_literal,
    make_model,
    make_table,
    make_table_model,
)
from tests.decisions.test_working_days import CALENDAR
from workflows.decisions import (
    DecisionModel,
    ParameterTable,
    check_decision,
    check_meaning,
    parse_dmn,
)
from workflows.decisions.kinds import host_kinds
from workflows.decisions.parameters import ParameterRecorder
from workflows.decisions.working_days import calendar_functions
from workflows.errors import Finding
from workflows.feel.inference.kinds import ANY

TYPES = (
    '<itemDefinition name="tMember">'
    '<itemComponent name="wage"><typeRef>number</typeRef></itemComponent>'
    '<itemComponent name="born"><typeRef>date</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tMembers" isCollection="true"><typeRef>tMember</typeRef>'
    "</itemDefinition>"
)
PARAMETERS = ParameterTable.from_yaml(
    {
        "a.yaml": b"""
rate:
  label: a
  unit: b
  type: number
  values: [{from: 2021-01-01, value: 2, source: [w5], certainty: found}]
way:
  label: a
  unit: b
  type: string
  values: [{from: 2021-01-01, value: fast, source: [w5], certainty: found}]
"""
    }
)


def found(text: str, *, type_ref: str = "Any") -> list[Finding]:
    """What is said of a decision over members, a day and a text."""
    model = make_model(
        TYPES,
        make_input("members", "tMembers"),
        make_input("on", "date"),
        make_input("kind", "string"),
        make_decision("d", make_literal(text), inputs=["members", "on", "kind"], type_ref=type_ref),
    )
    assert model.findings == ()
    return check_meaning(model, PARAMETERS)


def codes(model: DecisionModel) -> list[str]:
    assert model.findings == ()
    return [finding.code for finding in check_meaning(model)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("members[1].wage > kind", "feel.operand_types"),
        ("sum(members.wages)", "feel.unknown_property"),
        ("sum(for m in members return m.wages)", "feel.unknown_property"),
        ("members[wage > kind]", "feel.operand_types"),
        ("on.yaer", "feel.unknown_property"),
        ('parameter("rate", on) = kind', "feel.operand_types"),
        ('parameter("way") + 1', "feel.operand_types"),
        ("parameter(1)", "feel.argument_type"),
        ("parameter()", "feel.wrong_arguments"),
        ("workday after(kind, 3)", "feel.argument_type"),
        ("workday after(on, 3) + 1", "feel.operand_types"),
        ("if kind then 1 else 2", "feel.not_boolean"),
    ],
)
def test_a_mistake_of_types_in_a_decision_is_an_error_in_both_languages(
    text: str, code: str
) -> None:
    # when
    (finding,) = found(text)
    # then
    assert (finding.code, finding.severity) == (code, "error")
    assert (finding.file, finding.element, finding.line) == ("test.dmn", "d", 1)
    assert finding.message.startswith("d：")
    assert finding.message_en.startswith("d: ")
    assert text[:40] in finding.message


@pytest.mark.parametrize(
    "text",
    [
        'sum(members.wage) * parameter("rate", on)',
        'if parameter("way") = "fast" then on else workday after(on, 3)',
        "count(members[born < on]) > 1",
        "members[1].wage",
        "some m in members satisfies m.born = null",
        'kind in ("a", "b") and is workday(on)',
    ],
)
def test_what_fits_is_not_complained_about(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "type_ref", "fits"),
    [
        ("kind", "number", False),
        ("members", "tMembers", True),
        ("members[1]", "tMember", True),
        ("{wage: 1}", "tMember", False),
        ("{wage: 1, born: on}", "tMember", True),
        ('{wage: "a", born: on}', "tMember", False),
        ("[{wage: 1, born: on}]", "tMembers", True),
        ("[1, 2]", "tMembers", False),
        ("on", "dateTime", True),
        ("null", "number", True),
    ],
)
def test_a_result_of_another_type_than_declared_is_an_error(
    text: str, type_ref: str, fits: bool
) -> None:
    # when
    result = found(text, type_ref=type_ref)
    # then
    assert [finding.code for finding in result] == ([] if fits else ["dmn.type"])
    assert fits or f"而声明的类型是 {type_ref}" in result[0].message


def test_each_cell_of_a_table_is_held_against_its_column() -> None:
    # given
    model = make_table_model(
        ['< "5" | 1', '>= 5 | "a"'],
        inputs={"income": "number"},
        outputs={"amount": "number"},
        defaults={"amount": "true"},
    )
    # when
    result = [finding for finding in check_meaning(model) if finding.severity == "error"]
    # then
    assert [finding.code for finding in result] == [
        "dmn.type", "feel.operand_types", "dmn.type"
    ]  # fmt: skip
    assert result[1].message.startswith("result：第 1 行“income”：运算符 < 不能用于")
    assert result[2].message_en.startswith("result: row 2, “amount”: the result is string")


def test_a_name_in_a_filter_is_unknown_when_no_type_has_it() -> None:
    # given
    def said(text: str) -> list[str]:
        model = make_model(
            TYPES,
            make_input("members", "tMembers"),
            make_decision("d", make_literal(text), inputs=["members"]),
        )
        return [finding.code for finding in check_decision(model)]

    # when / then
    assert said("members[wage > 1]") == []
    assert said("members[wages > 1]") == ["feel.unknown_name"]
    assert said("wage > 1") == ["feel.unknown_name"]
    assert said("members[wage > 1].wage + wage") == ["feel.unknown_name"]


def test_an_input_expression_has_the_type_of_its_column() -> None:
    # given
    table = make_table(
        ["< 5 | 1", ">= 5 | 2"], inputs={"on.year": "string"}, outputs={"a": "number"}
    )
    model = make_model(make_input("on", "date"), make_decision("d", table, inputs=["on"]))
    # when / then
    assert codes(model)[0] == "dmn.type"


def test_knowledge_is_called_with_what_it_takes_and_gives_what_it_declares() -> None:
    # given
    def called(text: str, body: str = "base * 2") -> list[str]:
        return codes(
            make_model(
                '<businessKnowledgeModel id="up" name="up"><variable name="up" typeRef="number"/>'
                '<encapsulatedLogic><formalParameter name="base" typeRef="number"/>'
                f"{make_literal(body)}</encapsulatedLogic></businessKnowledgeModel>",
                make_decision("d", make_literal(text), knowledge=["up"]),
            )
        )

    # when / then
    assert called("up(1) + 1") == []
    assert called('up("a")') == ["feel.argument_type"]
    assert called("up(1, 2)") == ["feel.wrong_arguments"]
    assert called("up(bases: 1)") == ["feel.wrong_arguments"]
    assert called('up(1) + "a"') == ["feel.operand_types"]
    assert called("up(1)", body="string(base)") == ["dmn.type"]
    assert called("up(1)", body="if base > 1 then up(base - 1) else base") == []


@pytest.mark.parametrize(
    ("boxed", "code"),
    [
        ("<list>{}{}</list>", None),
        ('<context><contextEntry><variable name="a" typeRef="string"/>{}</contextEntry></context>',
         "dmn.type"),
        ('<context><contextEntry><variable name="a"/>{}</contextEntry><contextEntry>'
         "<literalExpression><text>a + 1</text></literalExpression></contextEntry></context>",
         None),
        ("<conditional><if>{}</if><then>{}</then><else>{}</else></conditional>",
         "feel.not_boolean"),
        ('<relation><column name="a" typeRef="date"/><row>{}</row></relation>', "dmn.type"),
        ('<for iteratorVariable="i"><in>{}</in><return>{}</return></for>', None),
        ('<every iteratorVariable="i"><in>{}</in><satisfies>{}</satisfies></every>',
         "feel.not_boolean"),
        ("<filter><in>{}</in><match>{}</match></filter>", None),
        ('<functionDefinition><formalParameter name="p" typeRef="string"/>'
         "<literalExpression><text>p * 2</text></literalExpression></functionDefinition>",
         "feel.operand_types"),
    ],
)  # fmt: skip
def test_boxed_expressions_are_looked_into(boxed: str, code: str | None) -> None:
    # given
    number = make_literal("1")
    model = make_model(make_decision("d", boxed.format(*[number] * boxed.count("{}"))))
    # when / then
    assert codes(model) == ([] if code is None else [code])


def test_an_invocation_binds_what_the_function_takes() -> None:
    # given
    def bound(text: str, type_ref: str = "Any") -> list[str]:
        function = (
            '<businessKnowledgeModel id="up" name="up"><variable name="up"/><encapsulatedLogic>'
            f'<formalParameter name="base" typeRef="number"/>{make_literal("base")}'
            "</encapsulatedLogic></businessKnowledgeModel>"
        )
        invocation = (
            f'<invocation>{make_literal("up")}<binding><parameter name="base" '
            f'typeRef="{type_ref}"/>{make_literal(text)}</binding></invocation>'
        )
        return codes(make_model(function, make_decision("d", invocation, knowledge=["up"])))

    # when / then
    assert bound("1") == []
    assert bound('"a"') == ["feel.argument_type"]
    assert bound("1", type_ref="string") == ["dmn.type"]


def test_what_an_imported_model_gives_is_known_and_its_mistakes_are_its_own() -> None:
    # given
    imported = parse_dmn(
        make_document(
            make_decision("amount", make_literal("5"), type_ref="number"),
            make_decision("wrong", make_literal('1 + "a"')),
            namespace="urn:base",
        ),
        file="base.dmn",
    )
    text = escape('base.amount + "a" and base.wrong = base.amount')
    document = make_document(
        '<import namespace="urn:base" name="base" importType="x"/>'
        '<decision id="d" name="d"><variable name="d"/>'
        '<informationRequirement><requiredDecision href="urn:base#amount"/>'
        "</informationRequirement><informationRequirement>"
        '<requiredDecision href="urn:base#wrong"/></informationRequirement>'
        f"<literalExpression><text>{text}</text></literalExpression></decision>"
    )
    model = parse_dmn(document, file="own.dmn", imports={"urn:base": imported})
    # when
    (finding,) = check_meaning(model)
    # then
    assert (finding.file, finding.code) == ("own.dmn", "feel.operand_types")


def test_requirements_in_a_circle_and_types_that_hold_themselves_end() -> None:
    # given
    model = make_model(
        '<itemDefinition name="tTree"><itemComponent name="left"><typeRef>tTree</typeRef>'
        "</itemComponent></itemDefinition>",
        make_input("tree", "tTree"),
        make_decision("a", make_literal("b + 1"), decisions=["b"]),
        make_decision("b", make_literal("a + tree.left.left.left"), inputs=["tree"],
                      decisions=["a"]),
    )  # fmt: skip
    # when / then
    assert [finding.code for finding in check_meaning(model)] == []


def test_a_chain_of_many_decisions_is_looked_at_without_running_out_of_stack() -> None:
    # given
    model = make_model(
        make_decision("d0", make_literal('1 + "a"')),
        *(
            make_decision(f"d{at}", make_literal(f"d{at - 1} + 1"), decisions=[f"d{at - 1}"])
            for at in reversed(range(1, 400))
        ),
    )
    # when / then
    assert codes(model) == ["feel.operand_types"]


def test_the_kinds_of_the_hosts_functions_are_those_that_they_have() -> None:
    # given
    functions = dict(calendar_functions(CALENDAR))
    functions["parameter"] = PARAMETERS.host_function(date(2026, 1, 1), ParameterRecorder())
    kinds = host_kinds(PARAMETERS)
    # when / then
    assert kinds.keys() == functions.keys()
    for name, function in functions.items():
        parameters = kinds[name].parameters
        assert parameters is not None
        assert tuple(parameter for parameter, _ in parameters) == function.parameters
        assert tuple(str(kind) for _, kind in parameters) == function.types
        assert kinds[name].optional == len(function.optional)
    assert kinds["parameter"].result == ANY
    assert PARAMETERS.value("rate", date(2026, 1, 1)).value == Decimal(2)
