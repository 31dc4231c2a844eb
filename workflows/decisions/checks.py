"""Static checks of decision models and forms, for the gate of a release and for the studio."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from workflows.decisions.coverage_findings import coverage_findings
from workflows.decisions.decision_models import HOST_FUNCTIONS, DecisionModel
from workflows.decisions.explanation import clause_ids, is_clause_column
from workflows.decisions.forms.model import Form
from workflows.decisions.forms.validation import compiled
from workflows.decisions.inference import check_types
from workflows.decisions.model import (
    Aggregation,
    Decision,
    DecisionTable,
    HitPolicy,
    KnowledgeModel,
    tables_in,
)
from workflows.decisions.parameters import ParameterTable
from workflows.errors import Finding
from workflows.feel import (
    BUILT_IN_FUNCTIONS,
    FeelLimitExceeded,
    FeelSyntaxError,
    compile_expression,
)


def check_decision(
    model: DecisionModel,
    known_names: Collection[str] | None = None,
    functions: Collection[str] = HOST_FUNCTIONS,
    *,
    parameters: ParameterTable | None = None,
) -> list[Finding]:
    """Everything that is wrong with a model, before anyone waits for its result.

    Syntax errors with line and column, unknown names, functions, types and references come with
    the model. Besides: input data that is not among `known_names`, functions that the host does
    not give, keys that are not in `parameters`, what `check_meaning` finds, and as warnings rows
    without clause.
    """
    check = _ModelCheck(model)
    if known_names is not None:
        check.inputs(known_names)
    for name in sorted(model.linked.feel.called & HOST_FUNCTIONS - set(functions)):
        check.report("feel.unknown_function", f"函数“{name}”没有定义", f"no function “{name}”")
    if parameters is not None:
        for element, key in model.linked.feel.parameter_keys:
            if key not in parameters:
                check.report(
                    "parameter.unknown",
                    f"参数 {key} 不存在",
                    f"there is no parameter {key}",
                    element,
                )
    for element, table in tables(model):
        check.clauses(element, table)
    return [*model.findings, *check.findings, *check_meaning(model, parameters)]


def check_meaning(model: DecisionModel, parameters: ParameterTable | None = None) -> list[Finding]:
    """What is wrong with a model whose texts can be read.

    Values that do not fit their types, operations that only give null, and tables with rows,
    outputs or policies that cannot give a result, or with rows that overlap or are never reached;
    as warnings, gaps and rows that add nothing; as notes, tables whose rows were not compared.
    """
    check = _ModelCheck(model)
    for element, table in tables(model):
        check.table(element, table)
    types = check_types(model, parameters)
    findings = [*check.findings, *types.findings]
    for typed in types.tables:
        findings += coverage_findings(model, typed, parameters)
    return findings


def tables(model: DecisionModel) -> Iterator[tuple[str, DecisionTable]]:
    """Every decision table of a model with the id of the element that it is in."""
    for element in model.linked.definitions.elements.values():
        if isinstance(element, Decision):
            yield from ((element.id, table) for table in tables_in(element.expression))
        elif isinstance(element, KnowledgeModel):
            yield from ((element.id, table) for table in tables_in(element.logic))


def clause_references(model: DecisionModel) -> Iterator[tuple[str, int, str]]:
    """Each clause that a row of a table names: element, row number, clause id."""
    for element, table in tables(model):
        columns = [at for at, name in enumerate(table.annotations) if is_clause_column(name)]
        for rule in table.rules:
            for at in columns:
                text = rule.annotations[at] if at < len(rule.annotations) else ""
                yield from ((element, rule.number, clause) for clause in clause_ids(text))


class _ModelCheck:
    """Collects the findings of one model."""

    def __init__(self, model: DecisionModel) -> None:
        self.model = model
        self.findings: list[Finding] = []

    def report(
        self,
        code: str,
        message: str,
        message_en: str,
        element: str | None = None,
        line: int | None = None,
        *,
        warning: bool = False,
    ) -> None:
        where = element or self.model.name or self.model.file
        self.findings.append(
            Finding(
                code,
                f"{where}：{message}。",
                f"{where}: {message_en}.",
                file=self.model.file,
                element=element,
                line=line,
                severity="warning" if warning else "error",
            )
        )

    def inputs(self, known_names: Collection[str]) -> None:
        for found in {found.id: found for found in self.model.input_data.values()}.values():
            if found.variable.name not in known_names:
                self.report(
                    "dmn.unknown_input",
                    f"输入 {found.variable.name} 没有来源",
                    f"nothing supplies the input {found.variable.name}",
                    found.id,
                )

    def table(self, element: str, table: DecisionTable) -> None:
        line = table.line or None
        if not table.rules:
            self.report("dmn.no_rules", "决策表没有行", "the table has no rows", element, line)
        self._outputs(element, table)

    def _outputs(self, element: str, table: DecisionTable) -> None:
        line = table.line or None
        names = [output.name for output in table.outputs]
        if len(names) > 1 and (None in names or len(set(names)) < len(names)):
            self.report(
                "dmn.output_names",
                "各输出列须有不同的名称",
                "each output needs a name of its own",
                element,
                line,
            )
        for rule in table.rules:
            if any(not text.text.strip() for text in rule.results):
                self.report(
                    "dmn.empty_output",
                    f"第 {rule.number} 行缺少结果",
                    f"row {rule.number} lacks a result",
                    element,
                    rule.results[0].line or line,
                )
        aggregates = table.aggregation not in {None, Aggregation.COUNT}
        if table.aggregation is not None and table.hit_policy is not HitPolicy.COLLECT:
            self.report(
                "dmn.aggregation",
                "只有 COLLECT 才能汇总",
                "only COLLECT can aggregate",
                element,
                line,
            )
        elif aggregates and len(names) > 1:
            self.report(
                "dmn.aggregation",
                "有多个输出列的表不能汇总",
                "a table with several outputs cannot aggregate",
                element,
                line,
            )
        ordered = table.hit_policy in {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER}
        if ordered and not any(output.allowed for output in table.outputs):
            self.report(
                "dmn.no_priorities",
                "须列出输出值及其先后",
                "the output values must be listed in their order",
                element,
                line,
            )

    def clauses(self, element: str, table: DecisionTable) -> None:
        columns = [at for at, name in enumerate(table.annotations) if is_clause_column(name)]
        for rule in table.rules:
            cells = [rule.annotations[at] for at in columns if at < len(rule.annotations)]
            if not any(clause_ids(cell) for cell in cells):
                self.report(
                    "dmn.no_clause",
                    f"第 {rule.number} 行没有写明依据",
                    f"row {rule.number} names no clause",
                    element,
                    table.line or None,
                    warning=True,
                )


def check_form(
    form: Form,
    known_names: Collection[str] | None = None,
    functions: Collection[str] = HOST_FUNCTIONS,
) -> list[Finding]:
    """What is wrong with a form's conditions and patterns.

    `known_names` are the variables that the form's conditions may name beside its own fields;
    without them, unknown names are not looked for.
    """
    findings: list[Finding] = []

    def report(code: str, element: str, message: str, message_en: str, column: int | None) -> None:
        findings.append(
            Finding(
                code,
                f"{element}：{message}",
                f"{element}: {message_en}",
                file=form.file,
                element=element,
                column=column,
            )
        )

    names = frozenset(form.fields) | frozenset(known_names or ())
    for element, purpose, text in form.conditions():
        try:
            condition = compiled(text, names, frozenset(functions))
        except FeelSyntaxError as error:
            report(
                f"feel.{error.code}",
                element,
                f"{purpose} 条件有误：{error.message_zh}（{text}）",
                f"the condition {purpose} is wrong: {error.message} ({text})",
                error.column,
            )
            continue
        unknown = condition.free_names - names if known_names is not None else frozenset()
        calls = condition.called_functions - names - set(functions) - BUILT_IN_FUNCTIONS
        for name in sorted(unknown | calls):
            report(
                "feel.unknown_name",
                element,
                f"名称“{name}”没有定义（{text}）",
                f"nothing defines the name “{name}” ({text})",
                None,
            )
    for field in form.fields.values():
        if field.bounds.pattern is not None and not _is_pattern(field.bounds.pattern):
            report(
                "form.bad_pattern",
                field.key,
                f"格式 {field.bounds.pattern} 不是合法的正则表达式",
                f"the pattern {field.bounds.pattern} is no regular expression",
                None,
            )
    return findings


def _is_pattern(pattern: str) -> bool:
    expression = compile_expression('matches("", pattern)', frozenset({"pattern"}))
    try:
        result = expression.evaluate({"pattern": pattern}, now=datetime(2000, 1, 1, tzinfo=UTC))
    except FeelLimitExceeded:
        return False
    return result.value is not None
