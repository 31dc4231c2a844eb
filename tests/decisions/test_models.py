"""Requirement graphs: what an element sees, types, knowledge, services, imports, limits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.decisions.models import (
    make_decision,
    make_document,
    make_input,
    make_literal,
    make_model,
    make_table,
)
from workflows.decisions import (
    DecisionError,
    DecisionModel,
    ParameterRecorder,
    ParameterTable,
    check_decision,
    evaluate_decision,
    evaluate_service,
    parse_models,
)
from workflows.errors import Invalid, NotFound
from workflows.feel import HostFunction


def value(model: DecisionModel, decision: str = "d", **inputs: Any) -> Any:
    return evaluate_decision(model, decision, inputs).value


def make_knowledge(name: str, expression: str, **parameters: str) -> str:
    formal = "".join(
        f'<formalParameter name="{key}" typeRef="{kind}"/>' for key, kind in parameters.items()
    )
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{formal}{expression}</encapsulatedLogic></businessKnowledgeModel>"
    )


def test_a_decision_required_twice_is_computed_once() -> None:
    # given
    calls: list[int] = []
    count = HostFunction("is workday", ("on",), lambda on: bool(calls.append(1)) or True)
    model = make_model(
        make_decision("base", make_literal('is workday(date("2026-11-23"))')),
        make_decision("left", make_literal("base"), decisions=["base"]),
        make_decision("right", make_literal("base"), decisions=["base"]),
        make_decision("d", make_literal("left and right"), decisions=["left", "right"]),
    )
    # when
    result = evaluate_decision(model, "d", {}, functions={"is workday": count})
    # then
    assert result.value is True
    assert calls == [1]
    assert [step.id for step in result.explanation.steps] == ["base", "left", "right", "d"]


def test_names_with_spaces_and_chinese_names_are_found() -> None:
    # given
    model = make_model(
        make_input("per capita income", "number"),
        make_input("家庭人口", "number"),
        make_decision(
            "d",
            make_literal("per capita income * 家庭人口"),
            inputs=["per capita income", "家庭人口"],
        ),
    )
    # when / then
    assert model.findings == ()
    assert value(model, **{"per capita income": 515, "家庭人口": 3}) == 1545


def test_what_is_not_required_is_not_seen() -> None:
    # given
    model = make_model(make_input("income"), make_decision("d", make_literal("income + 1")))
    # when
    (finding,) = model.findings
    # then
    assert finding.code == "feel.unknown_name"
    assert "income" in finding.message


def test_unknown_functions_references_and_types_are_findings() -> None:
    # given
    model = make_model(
        make_decision("d", make_literal("workday later(1)"), inputs=["gone"], type_ref="tGone")
    )
    # when
    codes = {finding.code for finding in model.findings}
    # then
    assert {"dmn.unknown_reference", "dmn.unknown_type"} <= codes
    assert any(code.startswith("feel.") for code in codes)


def test_a_cycle_is_a_finding_and_never_an_endless_evaluation() -> None:
    # given
    model = make_model(
        make_decision("a", make_literal("b"), decisions=["b"]),
        make_decision("b", make_literal("a"), decisions=["a"]),
    )
    # when / then
    assert {finding.code for finding in model.findings} == {"dmn.cycle"}
    with pytest.raises(DecisionError):
        value(model, "a")


def test_a_long_chain_of_decisions_ends_in_an_error_of_ours_or_a_value() -> None:
    # given
    chain = [
        make_decision(f"d{n}", make_literal(f"d{n - 1} + 1"), decisions=[f"d{n - 1}"])
        for n in range(1, 400)
    ]
    model = make_model(make_decision("d0", make_literal("0")), *chain)
    # when / then
    assert value(model, "d20") == 20
    with pytest.raises(DecisionError, match=r"decision\.limit"):
        value(model, "d399")


def test_a_result_of_the_wrong_type_is_refused_and_a_fitting_one_converted() -> None:
    # given
    wrong = make_model(make_decision("d", make_literal('"x"'), type_ref="number"))
    single = make_model(make_decision("d", make_literal("[7]"), type_ref="number"))
    day = make_model(
        make_decision("d", make_literal('date("2026-11-23")'), type_ref="date and time")
    )
    # when / then
    with pytest.raises(DecisionError, match=r"decision\.wrong_type"):
        value(wrong)
    assert value(single) == 7
    assert value(day).isoformat().startswith("2026-11-23T00:00:00")


ITEMS = (
    '<itemDefinition name="tArea"><typeRef>string</typeRef>'
    '<allowedValues><text>"urban","rural"</text></allowedValues></itemDefinition>'
    '<itemDefinition name="tMember"><itemComponent name="birth"><typeRef>date</typeRef>'
    '</itemComponent><itemComponent name="monthly income"><typeRef>number</typeRef>'
    '</itemComponent></itemDefinition><itemDefinition name="tMembers" isCollection="true">'
    "<typeRef>tMember</typeRef></itemDefinition>"
)


def test_item_definitions_check_structure_and_allowed_values() -> None:
    # given
    model = make_model(
        ITEMS,
        make_input("area", "tArea"),
        make_input("members", "tMembers"),
        make_decision(
            "d",
            make_literal('if area = "rural" then sum(members.monthly income) else 0'),
            inputs=["area", "members"],
        ),
    )
    member = {"birth": date(1960, 1, 1), "monthly income": Decimal("100.50")}
    # when / then
    assert model.findings == ()
    assert value(model, area="rural", members=[member, member]) == Decimal("201.00")
    with pytest.raises(DecisionError, match=r"decision\.wrong_type"):
        value(model, area="sea", members=[member])
    with pytest.raises(DecisionError, match=r"decision\.wrong_type"):
        value(model, area="rural", members=[{**member, "monthly income": "much"}])
    with pytest.raises(DecisionError, match=r"decision\.wrong_type"):
        value(model, area="rural", members=["somebody"])


def test_a_component_that_is_not_given_is_null_for_the_host_and_wrong_for_the_standard() -> None:
    # given
    text = "members[1].monthly income = null and members[1].birth != null"
    model = make_model(
        ITEMS,
        make_input("members", "tMembers"),
        make_decision("d", make_literal(text), inputs=["members"]),
    )
    partial = [{"birth": date(1960, 1, 1)}]
    # when
    strict = evaluate_decision(model, "d", {"members": partial})
    standard = evaluate_decision(model, "d", {"members": partial}, strict=False)
    # then
    assert strict.value is True
    assert standard.value is not True


def test_a_component_that_a_type_does_not_have_is_a_finding() -> None:
    # given
    model = make_model(
        ITEMS,
        make_input("members", "tMembers"),
        make_decision("d", make_literal("sum(members.monthly incomes) > 5"), inputs=["members"]),
        make_decision("right", make_literal("members.birth[1].year"), inputs=["members"]),
    )
    # when
    (finding,) = check_decision(model)
    # then
    assert finding.code == "feel.unknown_property"
    assert "tMember 没有属性 monthly incomes" in finding.message


def test_a_knowledge_model_is_called_with_checked_arguments_and_explained() -> None:
    # given
    model = make_model(
        make_knowledge("top up", make_literal("base * rate"), base="number", rate="number"),
        make_decision("d", make_literal("top up(500, 0.3)"), knowledge=["top up"]),
        make_decision("wrong", make_literal('top up("a", 0.3)'), knowledge=["top up"]),
    )
    # when
    result = evaluate_decision(model, "d", {})
    # then
    assert result.value == 150
    assert [(step.kind, step.id) for step in result.explanation.steps] == [
        ("knowledge_model", "top up"),
        ("decision", "d"),
    ]
    with pytest.raises(DecisionError, match=r"decision\.wrong_type"):
        value(model, "wrong")


def test_recursion_without_end_is_stopped() -> None:
    # given
    model = make_model(
        make_knowledge("f", make_literal("f(n + 1)"), n="number"),
        make_decision("d", make_literal("f(1)"), knowledge=["f"]),
        make_decision("many", make_literal("for i in 1..1000000 return i")),
    )
    # when / then
    with pytest.raises(DecisionError, match=r"decision\.limit"):
        value(model)
    with pytest.raises(DecisionError, match=r"decision\.limit"):
        value(model, "many")


BOXED = {
    "context": (
        '<context><contextEntry><variable name="a"/>'
        f"{make_literal('2')}</contextEntry><contextEntry>{make_literal('a * 3')}</contextEntry>"
        "</context>",
        Decimal(6),
    ),
    "list": (f"<list>{make_literal('1')}{make_literal('2')}</list>", [Decimal(1), Decimal(2)]),
    "relation": (
        '<relation><column name="a"/><column name="b"/>'
        f"<row>{make_literal('1')}{make_literal('2')}</row></relation>",
        [{"a": Decimal(1), "b": Decimal(2)}],
    ),
    "invocation": (
        f'<invocation>{make_literal("max")}<binding><parameter name="list"/>'
        f"{make_literal('[1, 5]')}</binding></invocation>",
        Decimal(5),
    ),
    "conditional": (
        f"<conditional><if>{make_literal('1 > 2')}</if><then>{make_literal('1')}</then>"
        f"<else>{make_literal('2')}</else></conditional>",
        Decimal(2),
    ),
    "for": (
        f'<for iteratorVariable="n"><in>{make_literal("1..3")}</in>'
        f"<return>{make_literal('n * n + count(partial)')}</return></for>",
        [Decimal(1), Decimal(5), Decimal(11)],
    ),
    "some": (
        f'<some iteratorVariable="n"><in>{make_literal("[1, 2]")}</in>'
        f"<satisfies>{make_literal('n > 1')}</satisfies></some>",
        True,
    ),
    "every": (
        f'<every iteratorVariable="n"><in>{make_literal("[1, 2]")}</in>'
        f"<satisfies>{make_literal('n > 1')}</satisfies></every>",
        False,
    ),
    "filter": (
        f"<filter><in>{make_literal('[{a: 1}, {a: 2}]')}</in>"
        f"<match>{make_literal('a > 1')}</match></filter>",
        [{"a": Decimal(2)}],
    ),
    "function": (
        '<context><contextEntry><variable name="f"/><functionDefinition>'
        f'<formalParameter name="n" typeRef="number"/>{make_literal("n + 1")}'
        f"</functionDefinition></contextEntry><contextEntry>{make_literal('f(1)')}"
        "</contextEntry></context>",
        Decimal(2),
    ),
}


@pytest.mark.parametrize("kind", BOXED)
def test_boxed_expressions_give_their_value(kind: str) -> None:
    # given
    expression, expected = BOXED[kind]
    source = expression.replace("1..3", "[1, 2, 3]")
    model = make_model(make_decision("d", source))
    # when / then
    assert model.findings == ()
    assert value(model) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (BOXED["conditional"][0].replace("1 &gt; 2", '"abc"'), None),
        (BOXED["conditional"][0].replace("1 &gt; 2", "null"), 2),
        (BOXED["filter"][0].replace("a &gt; 1", '"abc"'), None),
        (BOXED["filter"][0].replace("a &gt; 1", "1"), None),
        (BOXED["filter"][0].replace("a &gt; 1", "null"), []),
        (BOXED["filter"][0].replace("[{a: 1}, {a: 2}]", "null"), None),
        (BOXED["some"][0].replace("n &gt; 1", '"abc"'), None),
        (BOXED["every"][0].replace("n &gt; 1", "1"), None),
    ],
)
def test_a_boxed_condition_that_is_no_truth_value_gives_null(
    expression: str, expected: Any
) -> None:
    # given (10.2.1.8 to 10.2.1.11)
    model = make_model(make_decision("d", expression))
    # when
    result = evaluate_decision(model, "d", {}, strict=False)
    # then
    assert result.value == expected


def test_the_inputs_of_a_table_without_parameters_are_its_parameters() -> None:
    # given (10.2.1.7)
    rows = ["> 5 | 1", "<= 5 | 2"]
    table = make_table(rows, inputs={"the amount": "number"}, outputs={"o": "number"})
    model = make_model(
        make_knowledge("classed", table),
        make_decision(
            "d", make_literal("[classed(9), classed(the amount: 1)]"), knowledge=["classed"]
        ),
    )
    # when / then
    assert value(model) == [1, 2]


def test_a_decision_service_computes_its_decisions_apart() -> None:
    # given
    model = make_model(
        make_input("income", "number"),
        make_decision("base", make_literal("income * 2"), inputs=["income"]),
        make_decision("out", make_literal("base + income"), inputs=["income"], decisions=["base"]),
        '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#out"/>'
        '<inputDecision href="#base"/><inputData href="#income"/></decisionService>',
        make_decision("d", make_literal("[s(1, 100), base]"), decisions=["base"], knowledge=["s"]),
    )
    # when
    direct = evaluate_service(model, "s", {"income": 1, "base": 10})
    # then
    assert direct.value == 11
    assert direct.outputs["out"] == 11
    assert value(model, income=5) == [101, 10]


def test_a_decision_service_asked_strictly_wants_every_input() -> None:
    # given
    model = make_model(
        make_input("income"),
        make_decision("out", make_literal("1"), inputs=["income"]),
        '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#out"/>'
        '<inputData href="#income"/></decisionService>',
    )
    # when / then
    with pytest.raises(DecisionError, match=r"decision\.missing_input"):
        evaluate_service(model, "s", {})
    assert evaluate_service(model, "s", {"income": None}).value == 1
    assert evaluate_service(model, "s", {}, strict=False).value == 1


def test_a_decision_tells_the_names_of_its_results() -> None:
    # given
    entries = "".join(
        f'<contextEntry><variable name="{name}"/>{make_literal("1")}</contextEntry>'
        for name in ("a", "b")
    )
    result = f"<contextEntry>{make_literal('a + b')}</contextEntry>"
    model = make_model(
        make_decision("both", f"<context>{entries}</context>"),
        make_decision("sum", f"<context>{entries}{result}</context>"),
        make_decision("one", make_literal("1")),
    )
    # when / then
    assert model.output_names("both") == ("a", "b", "value")
    assert set(evaluate_decision(model, "both", {}).outputs) == {"a", "b", "value"}
    assert model.output_names("sum") == model.output_names("one") == ("value",)


def test_a_type_that_nothing_defines_is_found_wherever_it_is_named() -> None:
    # given
    table = make_table(["- | 1"], inputs={"x": "tGone"}, outputs={"y": "tLost"})
    items = (
        '<itemDefinition name="tOuter"><itemComponent name="inner"><itemComponent name="deep">'
        "<typeRef>tMissing</typeRef></itemComponent></itemComponent></itemDefinition>"
    )
    # when
    model = make_model(items, make_input("x"), make_decision("d", table, inputs=["x"]))
    # then
    assert [(found.code, found.element) for found in model.findings] == [
        ("dmn.unknown_type", "tOuter"),
        ("dmn.unknown_type", "d"),
        ("dmn.unknown_type", "d"),
    ]
    assert [name for name in ("tMissing", "tGone", "tLost") if name in str(model.findings)] == [
        "tMissing", "tGone", "tLost",
    ]  # fmt: skip


def test_models_import_decisions_and_types_from_one_another() -> None:
    # given
    shared = make_document(
        ITEMS,
        make_input("area", "tArea"),
        make_decision("standard", make_literal("515"), inputs=["area"]),
        namespace="urn:shared",
    )
    user = make_document(
        '<import namespace="urn:shared" name="shared" importType="dmn"/>',
        '<decision id="d" name="d"><variable name="d"/><informationRequirement>'
        '<requiredDecision href="urn:shared#standard"/></informationRequirement>'
        f"{make_literal('shared.standard * 2')}</decision>",
        namespace="urn:user",
    )
    # when
    models = parse_models({"b.dmn": user, "shared.dmn": shared})
    # then
    assert value(models["b.dmn"], area="rural") == 1030
    assert [found.name for found in models["b.dmn"].required_inputs("d")] == ["area"]


def test_a_service_over_imported_elements_has_their_qualified_names_as_parameters() -> None:
    # given (10.4)
    shared = make_document(
        make_input("rate", "number"),
        make_decision("doubled", make_literal("rate * 2"), inputs=["rate"]),
        namespace="urn:shared",
    )
    user = make_document(
        '<import namespace="urn:shared" name="shared" importType="dmn"/>',
        '<decisionService id="s" name="service"><variable name="service"/>'
        '<outputDecision href="urn:shared#doubled"/><inputData href="urn:shared#rate"/>'
        "</decisionService>",
        make_decision("d", make_literal("service(shared.rate: 4)"), knowledge=["s"]),
        namespace="urn:user",
    )
    # when
    model = parse_models({"user.dmn": user, "shared.dmn": shared})["user.dmn"]
    # then
    assert value(model) == 8
    assert evaluate_service(model, "service", {"rate": 5}).value == 10
    assert evaluate_service(model, "service", {"shared.rate": 6}).value == 12


def test_a_missing_import_is_a_finding_and_a_circle_of_imports_is_refused() -> None:
    # given
    def importing(other: str, own: str) -> bytes:
        return make_document(
            f'<import namespace="{other}" name="other" importType="dmn"/>',
            make_decision("d", make_literal("1")),
            namespace=own,
        )

    # when
    alone = parse_models({"a.dmn": importing("urn:gone", "urn:a")})
    with pytest.raises(Invalid) as caught:
        parse_models({"a.dmn": importing("urn:b", "urn:a"), "b.dmn": importing("urn:a", "urn:b")})
    # then
    assert [finding.code for finding in alone["a.dmn"].findings] == ["dmn.import_missing"]
    assert {finding.code for finding in caught.value.findings} == {"dmn.import_cycle"}


def test_an_unknown_decision_is_not_found() -> None:
    with pytest.raises(NotFound):
        value(make_model(make_decision("d", make_literal("1"))), "other")


def test_parameters_used_are_listed_with_day_source_and_certainty() -> None:
    # given
    table = ParameterTable.from_yaml(
        {
            "standards.yaml": """
dibao.standard.rural:
  label: 农村最低生活保障标准
  unit: 元/人·月
  type: number
  values:
    - {from: 2021-09-01, value: 515, source: [w5], certainty: found}
dibao.property.limit:
  label: 财产倍数
  type: number
  values:
    - {from: 2021-01-01, value: 2, certainty: default, note: 尚无本地文件, settle: 开州区民政局}
""".encode()
        }
    )
    recorder = ParameterRecorder()
    function = table.host_function(date(2021, 10, 1), recorder)
    model = make_model(
        make_decision(
            "d",
            make_literal('parameter("dibao.standard.rural") * parameter("dibao.property.limit")'),
        )
    )
    # when
    result = evaluate_decision(model, "d", {}, functions={"parameter": function}, recorder=recorder)
    # then
    assert result.value == 1030
    used = result.explanation.parameters
    assert [(found.key, found.valid_from, found.certainty) for found in used] == [
        ("dibao.standard.rural", date(2021, 9, 1), "found"),
        ("dibao.property.limit", date(2021, 1, 1), "default"),
    ]
    lines = "\n".join(result.explanation.lines())
    assert "来源 w5" in lines
    assert "默认值，尚无本地依据，应由 开州区民政局 确认" in lines


def test_every_step_lists_the_parameters_that_it_read() -> None:
    # given two decisions that read the same parameter
    table = ParameterTable.from_yaml(
        {
            "k.yaml": b"k:\n  label: k\n  type: number\n  values:\n"
            b"  - {from: 2021-01-01, value: 2, source: [w5], certainty: found}\n"
        }
    )
    recorder = ParameterRecorder()
    model = make_model(
        make_decision("first", make_literal('parameter("k") + parameter("k")')),
        make_decision("second", make_literal('first * parameter("k")'), decisions=["first"]),
    )
    # when
    result = evaluate_decision(
        model,
        "second",
        {},
        functions={"parameter": table.host_function(date(2021, 10, 1), recorder)},
        recorder=recorder,
    )
    # then each names it once, and so does the whole
    steps = result.explanation.steps
    assert [(step.id, [used.key for used in step.parameters]) for step in steps] == [
        ("first", ["k"]),
        ("second", ["k"]),
    ]
    assert [used.key for used in recorder.uses] == ["k"]
    assert [used.key for used in result.explanation.parameters] == ["k"]


def test_an_unknown_parameter_is_an_error_never_null() -> None:
    # given
    table = ParameterTable({})
    model = make_model(make_decision("d", make_literal('parameter("gone")')))
    # when / then
    with pytest.raises(Invalid, match=r"parameter\.unknown"):
        evaluate_decision(
            model,
            "d",
            {},
            functions={"parameter": table.host_function(date(2026, 1, 1))},
            strict=False,
        )
