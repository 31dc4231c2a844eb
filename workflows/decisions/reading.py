"""From a DMN document to its definitions (DMN 1.1 to 1.5), with every finding at once."""

from __future__ import annotations

from typing import Final

from lxml import etree

from workflows.decisions.document import (
    child,
    child_text,
    children,
    hardened_root,
    line_of,
    local_name,
    namespace_of,
)
from workflows.decisions.model import (
    Decision,
    DecisionService,
    Definitions,
    Element,
    Import,
    InputData,
    ItemDefinition,
    KnowledgeModel,
    Text,
    Variable,
)
from workflows.decisions.reading_expressions import ExpressionReader
from workflows.decisions.wording import read_decision, read_fact
from workflows.errors import Finding, Invalid

NAMESPACES: Final = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)
_IGNORED: Final = frozenset(
    {
        "description", "extensionElements", "elementCollection", "performanceIndicator",
        "organizationUnit", "knowledgeSource", "textAnnotation", "association", "group",
        "businessContextElement", "artifact",
    }
)  # fmt: skip


def read_definitions(content: bytes, *, file: str) -> Definitions:
    """The definitions in a DMN document of version 1.1 to 1.5.

    Raises:
        Invalid: the document is refused, or its structure is wrong; with all findings.
    """
    root = hardened_root(content, file=file)
    if local_name(root) != "definitions" or namespace_of(root) not in NAMESPACES:
        raise Invalid(
            findings=[
                Finding(
                    "dmn.not_dmn",
                    "文件不是 DMN 1.1 至 1.5 的决策模型。",
                    "The file is not a decision model of DMN 1.1 to 1.5.",
                    file=file,
                )
            ]
        )
    reader = _Reader(file)
    definitions = reader.definitions(root)
    if reader.findings:
        raise Invalid(findings=reader.findings)
    return definitions


class _Reader:
    """Collects the findings while one document is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.expressions = ExpressionReader(self._finding)

    def _finding(self, code: str, message: str, message_en: str, element: etree._Element) -> None:
        self.findings.append(
            Finding(
                code,
                message,
                message_en,
                file=self.file,
                element=element.get("id") or element.get("name"),
                line=line_of(element),
            )
        )

    def definitions(self, root: etree._Element) -> Definitions:
        elements: dict[str, Element] = {}
        types: dict[str, ItemDefinition] = {}
        imports: list[Import] = []
        for part in children(root):
            kind = local_name(part)
            if kind == "itemDefinition":
                item = self._item(part)
                types[item.name] = item
            elif kind == "import":
                imports.append(
                    Import(
                        part.get("namespace", ""),
                        _clean(part.get("name", "")),
                        part.get("locationURI"),
                        line_of(part),
                    )
                )
            elif kind in {"inputData", "decision", "businessKnowledgeModel", "decisionService"}:
                self._element(kind, part, elements)
            elif kind not in _IGNORED:
                self._finding(
                    "dmn.unknown_element",
                    f"不认识的元素 {kind}。",
                    f"Unknown element {kind}.",
                    part,
                )
        return Definitions(
            file=self.file,
            namespace=root.get("namespace", ""),
            name=root.get("name", ""),
            elements=elements,
            types=types,
            imports=tuple(imports),
        )

    def _element(self, kind: str, part: etree._Element, into: dict[str, Element]) -> None:
        name = _clean(part.get("name", ""))
        key = part.get("id") or name
        if not name:
            self._finding("dmn.no_name", f"{kind} 没有名称。", f"A {kind} has no name.", part)
            return
        if key in into or any(name == other.name for other in into.values()):
            self._finding(
                "dmn.duplicate",
                f"编号或名称重复：{name}（{key}）。",
                f"Duplicate id or name: {name} ({key}).",
                part,
            )
            return
        variable = self._variable(child(part, "variable"), name)
        if kind == "inputData":
            into[key] = InputData(key, name, variable, read_fact(part, self._finding))
        elif kind == "decision":
            into[key] = self._decision(part, key, name, variable)
        elif kind == "businessKnowledgeModel":
            logic = child(part, "encapsulatedLogic")
            function = None if logic is None else self.expressions.function(logic)
            into[key] = KnowledgeModel(
                key, name, variable, function, _knowledge(part), line_of(part)
            )
        else:
            into[key] = DecisionService(
                key,
                name,
                variable,
                outputs=_hrefs(part, "outputDecision"),
                encapsulated=_hrefs(part, "encapsulatedDecision"),
                input_decisions=_hrefs(part, "inputDecision"),
                input_data=_hrefs(part, "inputData"),
                line=line_of(part),
            )

    def _decision(self, part: etree._Element, key: str, name: str, variable: Variable) -> Decision:
        information = tuple(
            href
            for requirement in children(part, "informationRequirement")
            for href in (
                *_hrefs(requirement, "requiredDecision"),
                *_hrefs(requirement, "requiredInput"),
            )
        )
        return Decision(
            id=key,
            name=name,
            variable=variable,
            expression=self.expressions.only_child(part),
            information=information,
            knowledge=_knowledge(part),
            question=child_text(part, "question") or "",
            description=child_text(part, "description") or "",
            line=line_of(part),
            wording=read_decision(part, self._finding),
        )

    def _variable(self, part: etree._Element | None, name: str) -> Variable:
        if part is None:
            return Variable(name)
        return Variable(_clean(part.get("name", "")) or name, part.get("typeRef"))

    def _item(self, part: etree._Element, depth: int = 0) -> ItemDefinition:
        name = _clean(part.get("name", ""))
        if not name:
            self._finding("dmn.no_name", "数据类型没有名称。", "A type has no name.", part)
        if depth > 30:
            self._finding("dmn.too_deep", "数据类型嵌套过深。", "The type nests too deep.", part)
            return ItemDefinition(name, None)
        function = child(part, "functionItem")
        return ItemDefinition(
            name=name,
            type_ref=child_text(part, "typeRef") or part.get("typeRef"),
            collection=part.get("isCollection") == "true",
            allowed=_tests(child(part, "allowedValues")),
            constraint=_tests(child(part, "typeConstraint")),
            components=tuple(
                self._item(component, depth + 1) for component in children(part, "itemComponent")
            ),
            function=None
            if function is None
            else (
                tuple(
                    self._variable(parameter, parameter.get("name", ""))
                    for parameter in children(function, "parameters")
                ),
                function.get("outputTypeRef"),
            ),
            description=child_text(part, "description") or "",
            wording=read_fact(part, self._finding),
        )


def _clean(name: str) -> str:
    return " ".join(name.split())


def _hrefs(part: etree._Element, kind: str) -> tuple[str, ...]:
    return tuple(found.get("href", "") for found in children(part, kind))


def _knowledge(part: etree._Element) -> tuple[str, ...]:
    return tuple(
        href
        for requirement in children(part, "knowledgeRequirement")
        for href in _hrefs(requirement, "requiredKnowledge")
    )


def _tests(part: etree._Element | None) -> Text | None:
    text = None if part is None else child(part, "text")
    if text is None or not (text.text or "").strip():
        return None
    return Text(text.text or "", line_of(text))
