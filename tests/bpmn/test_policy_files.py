"""The files of the policy fit together: ids, keys, dates and the notice itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from lxml import etree

from tests.bpmn.policy import POLICY, clause_ids, clocks, decision_model, parameters, read_yaml
from workflows.decisions.parameter_reading import Parameter
from workflows.definitions.check import check_policy
from workflows.definitions.files import load_policy
from workflows.runtime.service_tasks import signatures

_PARAMETER = re.compile(r'parameter\(\s*"([^"]+)"')
_DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
DMN_FILES = sorted((POLICY / "decisions").glob("*.dmn"))
#: Open questions that need a decision of the district before production, and those that don't.
QUESTIONS: Final = (
    "P02 P04 P05 P06 P07 P08 P09 P10 P11 P12 P13 P14 P14b P15 P16 P17 P19 P20 P21 P22 P23 P24 P25"
    " P26 P27 P28 P29 P30 P31 P32 P33 P35 P36 P37 P38 P39 P40 P41 P42 P43 P44 P46 P48 P50"
)
NO_DECISION_NEEDED = {"P01", "P03", "P18", "P34", "P45", "P47", "P49"}
NOTICE_SHA256 = "4722db53c41c8ef28c3f410c76e7dad6e6163fdde902a578a70a3df5a5428b45"

HOLIDAYS = {
    2021: "01-01 02-11 02-12 02-15 02-16 02-17 04-05 05-03 05-04 05-05 06-14 09-20 09-21"
    " 10-01 10-04 10-05 10-06 10-07",
    2022: "01-03 01-31 02-01 02-02 02-03 02-04 04-04 04-05 05-02 05-03 05-04 06-03 09-12"
    " 10-03 10-04 10-05 10-06 10-07",
    2023: "01-02 01-23 01-24 01-25 01-26 01-27 04-05 05-01 05-02 05-03 06-22 06-23 09-29"
    " 10-02 10-03 10-04 10-05 10-06",
}
WORKDAYS = {
    2021: "02-07 02-20 04-25 05-08 09-18 09-26 10-09",
    2022: "01-29 01-30 04-02 04-24 05-07 10-08 10-09",
    2023: "01-28 01-29 04-23 05-06 06-25 10-07 10-08",
}


def texts_of(file: Path) -> Iterator[str]:
    for element in etree.parse(file).iter(f"{_DMN}text"):
        if not str(element.getparent().tag).endswith("annotationEntry"):
            yield element.text or ""


def cited_clauses() -> Iterator[tuple[str, str]]:
    for parameter in parameters():
        for entry in parameter.entries:
            for clause in entry.source:
                yield parameter.key, clause
    for key, clock in clocks().items():
        for clause in clock["clause"]:
            yield key, clause
    for file in DMN_FILES:
        for rule in etree.parse(file).iter(f"{_DMN}rule"):
            cell = rule.find(f"{_DMN}annotationEntry")  # the clauses come first
            for clause in (
                (cell.findtext(f"{_DMN}text") or "").split(",") if cell is not None else ()
            ):
                yield file.name, clause.strip()
    for file in sorted((POLICY / "processes").glob("*.bpmn")):
        for element in etree.parse(file).iter("{urn:doudi:bpmn:1}clause"):
            yield file.name, element.get("ref", "")


def test_every_cited_clause_stands_in_the_register() -> None:
    # when
    missing = {(place, clause) for place, clause in cited_clauses() if clause not in clause_ids()}
    # then
    assert not missing


def test_a_clause_says_where_its_text_comes_from_and_whether_it_is_quoted() -> None:
    # given
    clauses = read_yaml("clauses.yaml")
    # then
    assert len(clauses) == len(clause_ids())
    for clause in clauses:
        assert clause["kind"] in {"quoted", "summary"}, clause["id"]
        assert clause["certainty"] in {
            "found", "found_part", "elsewhere", "derived", "memory", "default", "none",
        }, clause["id"]  # fmt: skip
        assert clause["text"] and clause["article"] and clause["summary"] and clause["source"]
        assert isinstance(clause.get("from", date.min), date), clause["id"]


def test_the_notice_is_the_one_received() -> None:
    # given
    content = (POLICY / "regulation" / "notice-kaizhou-2021-137.txt").read_bytes()
    # then
    assert hashlib.sha256(content).hexdigest() == NOTICE_SHA256


def test_clauses_of_the_notice_are_its_own_words() -> None:
    # given the notice without its page breaks
    notice = re.sub(
        r"\s*\n\s*", "", (POLICY / "regulation" / "notice-kaizhou-2021-137.txt").read_text("utf-8")
    )
    quoted = [clause for clause in read_yaml("clauses.yaml") if clause["kind"] == "quoted"]
    paragraphs = {clause["id"]: clause for clause in quoted if "part_of" not in clause}
    # then all of them are there, and together they are the whole of it from the first sentence on
    assert [clause["id"].startswith("kz137-") for clause in quoted] == [True] * len(quoted)
    assert "".join(clause["summary"] for clause in paragraphs.values()) in notice
    # and the items of a paragraph are the whole of it after its heading
    items: dict[str, str] = {}
    for clause in quoted:
        if "part_of" in clause:
            items[clause["part_of"]] = items.get(clause["part_of"], "") + clause["summary"]
    assert len(items) == 12
    for paragraph, text in items.items():
        whole = paragraphs[paragraph]["summary"]
        assert whole.endswith(text) and whole.removesuffix(text).count("。") == 1


def test_every_clause_and_every_parameter_is_used_or_says_why_not() -> None:
    # when
    found = check_policy(load_policy(POLICY), operations=signatures())
    # then
    codes = {"clause.unused", "parameter.unused", "parameter.waits"}
    assert [finding for finding in found if finding.code in codes] == []


def test_every_open_question_has_a_parameter_and_most_an_authority() -> None:
    # given
    by_question: dict[str, list[Parameter]] = {}
    for parameter in parameters():
        by_question.setdefault(parameter.question or "", []).append(parameter)
    # then
    assert set(QUESTIONS.split()) | NO_DECISION_NEEDED == by_question.keys() - {""}
    for question in QUESTIONS.split():
        assert any(p.entries[-1].settle for p in by_question[question]), question


def test_every_parameter_that_a_table_reads_exists() -> None:
    # when
    missing = {
        (file.name, key)
        for file in DMN_FILES
        for text in texts_of(file)
        for key in _PARAMETER.findall(text)
        if key not in parameters()
    }
    # then
    assert not missing


@pytest.mark.parametrize("file", DMN_FILES, ids=lambda file: file.name)
def test_no_amount_or_age_stands_in_a_table(file: Path) -> None:
    # given every text of the tables without what is read by parameter()
    for text in texts_of(file):
        bare = re.sub(r"parameter\([^)]*\)|\"[^\"]*\"|@\"[^\"]*\"", "", text)
        # then only zero, one (of shares), and the positions of a text are left
        numbers = set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?", bare))
        assert numbers <= {"0", "1", "7"}, text


@pytest.mark.parametrize("file", DMN_FILES, ids=lambda file: file.name)
def test_every_row_of_a_table_names_its_clause(file: Path) -> None:
    # given
    tree = etree.parse(file)
    # then
    for table in tree.iter(f"{_DMN}decisionTable"):
        columns = [a.get("name") for a in table.findall(f"{_DMN}annotation")]
        assert columns in (["依据"], ["依据", "说明", "explanation"])
        for rule in table.findall(f"{_DMN}rule"):
            entries = [e.findtext(f"{_DMN}text") for e in rule.findall(f"{_DMN}annotationEntry")]
            assert len(entries) == len(columns) and all(entries), rule.get("id")
    for rule in tree.iter(f"{_DMN}rule"):
        assert (rule.findtext(f"{_DMN}description") or "").strip(), rule.get("id")


@pytest.mark.parametrize("file", DMN_FILES, ids=lambda file: file.name)
def test_a_decision_model_is_read_without_findings(file: Path) -> None:
    # then
    assert decision_model(file.name).decisions
    assert list(decision_model(file.name).findings) == []


@pytest.mark.parametrize("file", DMN_FILES, ids=lambda file: file.name)
def test_an_id_of_a_decision_file_occurs_once(file: Path) -> None:
    # when
    ids = [element.get("id") for element in etree.parse(file).iter() if element.get("id")]
    # then
    assert sorted({key for key in ids if ids.count(key) > 1}) == []


@pytest.mark.parametrize("file", DMN_FILES, ids=lambda file: file.name)
def test_every_fact_of_a_decision_file_has_a_type(file: Path) -> None:
    # then
    for data in etree.parse(file).findall(f"{_DMN}inputData"):
        variable = data.find(f"{_DMN}variable")
        assert variable is not None and variable.get("typeRef"), data.get("id")


def test_a_clock_takes_its_length_and_its_warning_from_parameters() -> None:
    # then
    for key, clock in clocks().items():
        assert clock["length"] == f"{key}.length"
        assert clock["unit"] in {"workdays", "days", "months", "hours"}
        assert clock["severity"] in {"alert", "red", "limit"}
        for name in (clock["length"], clock.get("warn"), clock["roll"]):
            assert name is None or isinstance(name, bool) or name in parameters(), (key, name)


def test_a_parameter_says_what_it_is_and_a_default_says_why() -> None:
    # then
    for parameter in parameters():
        assert parameter.label, parameter.key
        for entry in parameter.entries:
            assert set(entry.source) <= clause_ids() and entry.source, parameter.key
            if entry.certainty == "default":
                assert parameter.note or parameter.question or entry.note, parameter.key
                assert entry.settle or parameter.question or parameter.note, parameter.key


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_the_calendar_has_the_holidays_and_make_up_days_of_the_year(year: int) -> None:
    # given
    table = read_yaml("calendar.yaml")

    def listed(rows: list[dict[str, Any]]) -> list[str]:
        return [row["on"].strftime("%m-%d") for row in rows if row["on"].year == year]

    # then
    assert listed(table["holidays"]) == HOLIDAYS[year].split()
    assert listed(table["workdays"]) == WORKDAYS[year].split()


def test_the_calendar_lists_weekdays_off_and_weekends_worked_since_2004() -> None:
    # given
    table = read_yaml("calendar.yaml")
    # then
    assert (table["known_from"], table["known_until"]) == (date(2004, 1, 1), date(2026, 12, 31))
    assert all(row["on"].weekday() < 5 and row["name"] for row in table["holidays"])
    assert all(row["on"].weekday() >= 5 and row["name"] for row in table["workdays"])
    assert {row["on"].year for row in table["holidays"]} == set(range(2004, 2027))
