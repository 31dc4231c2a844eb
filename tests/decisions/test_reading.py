"""Reading DMN documents: what is accepted, and what is refused with which finding."""

from __future__ import annotations

import pytest

from tests.decisions.models import DMN, make_decision, make_document, make_literal
from workflows.decisions import evaluate_decision, parse_dmn
from workflows.errors import Invalid

ANSWER = make_decision("answer", make_literal("40 + 2"))


def refused(content: bytes) -> list[str]:
    with pytest.raises(Invalid) as caught:
        parse_dmn(content, file="test.dmn")
    for finding in caught.value.findings:
        assert finding.message and finding.message_en and finding.file == "test.dmn"
    return [finding.code for finding in caught.value.findings]


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_version_of_dmn_is_read(namespace: str) -> None:
    # when
    model = parse_dmn(make_document(ANSWER, dmn=namespace), file="test.dmn")
    # then
    assert evaluate_decision(model, "answer", {}).value == 42


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "xml.not_well_formed"),
        (b"<definitions>", "xml.not_well_formed"),
        (b"<definitions/>", "dmn.not_dmn"),
        (b'<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>', "xml.doctype"),
        (b'<!DOCTYPE d SYSTEM "http://localhost/d.dtd"><d/>', "xml.doctype"),
        (b'<?xml version="1.0" encoding="GBK"?><definitions/>', "xml.not_utf8"),
        ("<定义/>".encode("gbk"), "xml.not_utf8"),
        ("<d/>".encode("utf-16"), "xml.not_utf8"),
        (b"<d>&undefined;</d>", "xml.not_well_formed"),
        (b"<d>" + b" " * 1_000_000 + b"</d>", "xml.too_large"),
        (b"<d>" + b"<e/>" * 60_000 + b"</d>", "xml.too_many_elements"),
        (b"<d>" * 5_000 + b"</d>" * 5_000, "xml.not_well_formed"),
    ],
)
def test_a_document_that_cannot_be_trusted_is_refused(content: bytes, code: str) -> None:
    # when / then
    assert refused(content) == [code]


def test_a_file_with_a_byte_order_mark_is_read() -> None:
    # when
    model = parse_dmn(b"\xef\xbb\xbf" + make_document(ANSWER), file="test.dmn")
    # then
    assert "answer" in model.decisions


def test_all_structural_findings_come_at_once_with_their_lines() -> None:
    # given
    table = (
        '<decisionTable hitPolicy="LAST"><input><inputExpression><text>a</text>'
        "</inputExpression></input><output/><rule><outputEntry><text>1</text></outputEntry></rule>"
        "</decisionTable>"
    )
    content = make_document(
        "\n<decision/>", "\n<surprise/>", make_decision("d", table), make_decision("d", table)
    )
    # when
    codes = refused(content)
    # then
    assert codes == [
        "dmn.no_name",
        "dmn.unknown_element",
        "dmn.row_length",
        "dmn.hit_policy",
        "dmn.duplicate",
    ]


def test_expressions_that_nest_too_deep_are_a_finding_not_a_crash() -> None:
    # given
    deep = "<list>" * 100 + make_literal("1") + "</list>" * 100
    # when / then
    assert refused(make_document(make_decision("d", deep))) == ["dmn.too_deep"]


def test_comments_and_instructions_between_elements_are_passed_over() -> None:
    # given
    content = make_document("<!-- a note -->", "<?editor keep?>", ANSWER)
    # when
    model = parse_dmn(content, file="test.dmn")
    # then
    assert model.findings == ()


def test_a_syntax_error_is_a_finding_of_the_model_with_line_and_column() -> None:
    # given
    content = (
        f'<definitions xmlns="{DMN}" namespace="urn:test">\n'
        '<decision id="d" name="d">\n<literalExpression>\n<text>1 +\n  * 2</text>'
        "</literalExpression></decision></definitions>"
    ).encode()
    # when
    model = parse_dmn(content, file="test.dmn")
    # then
    (finding,) = model.findings
    assert (finding.line, finding.column, finding.element) == (5, 3, "d")
    assert finding.code.startswith("feel.")
