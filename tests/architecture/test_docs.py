"""The documents: links lead somewhere, decisions are numbered once, words and tables exist."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from models.accounts import Role
from models.migrations.tables import METADATA
from scripts import clauses, operations
from workflows.definitions.check import check_policy
from workflows.definitions.diagram import ElementKind
from workflows.definitions.files import load_policy
from workflows.definitions.policy import parse_policy
from workflows.runtime.service_tasks import signatures

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
EXAMPLE = DOCS / "how-to" / "example"
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"(?m)^#{1,6} (.+)$")
_FENCE = re.compile(r"(?ms)^ *```.*?^ *```$")
_SOURCES = (".py", ".bpmn", ".dmn", ".yaml", ".form")


def pages() -> list[Path]:
    """Every Markdown page of the repository that readers are led to."""
    found = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "web" / "README.md"]
    return sorted([*found, ROOT / "web" / "frontend" / "README.md", *ROOT.glob("bpmn/**/*.md")])


def name_of(path: Path) -> str:
    """A page by its path below the repository."""
    return path.relative_to(ROOT).as_posix()


def links(page: Path) -> Iterator[str]:
    """The targets of a page's links within the repository."""
    for target in _LINK.findall(_FENCE.sub("", page.read_text("utf-8"))):
        if not re.match(r"[a-z]+:", target):
            yield unquote(target)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = _HEADING.findall(_FENCE.sub("", page.read_text("utf-8")))
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    # when
    broken = []
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    # then
    assert broken == []


def test_every_page_below_docs_can_be_reached_from_the_index() -> None:
    # given
    reached, waiting = set(), [DOCS / "index.md"]
    # when
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        waiting += [(page.parent / target.partition("#")[0]).resolve() for target in links(page)]
    # then
    assert set(DOCS.rglob("*.md")) - reached == set()


def test_every_decision_has_a_number_of_its_own_and_the_four_parts() -> None:
    # given
    records = sorted((DOCS / "adr").glob("0*.md"))
    # when
    numbers = [int(record.name[:4]) for record in records]
    # then
    assert numbers == list(range(1, len(records) + 1))
    listed = (DOCS / "adr" / "README.md").read_text("utf-8")
    for record in records:
        text = record.read_text("utf-8")
        assert text.startswith(f"# {record.name[:4]} ")
        for part in ("**Status:**", "## Context", "## Decision", "## Consequences"):
            assert part in text, (record.name, part)
        assert f"({record.name})" in listed


def test_the_pages_from_policy_and_code_are_up_to_date() -> None:
    # when / then: otherwise run `make docs`
    policy = parse_policy(load_policy(clauses.POLICY))
    assert clauses.PAGE.read_text("utf-8") == clauses.page(policy)
    assert operations.PAGE.read_text("utf-8") == operations.page()


@cache
def sources() -> str:
    """Everything that the words of the glossary can stand in."""
    tracked = subprocess.run(
        ["git", "ls-files", "models", "web", "workflows", "bpmn"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    files = [ROOT / name for name in tracked if name.endswith(_SOURCES)]
    return "\n".join(file.read_text("utf-8") for file in files if file.exists())


def words() -> dict[str, str]:
    """Every name of the code that the glossary gives, with its line."""
    found = {}
    for line in (DOCS / "glossary.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and "`" in cells[2]:
            if cells[3].endswith("not handled yet"):
                continue
            found.update(dict.fromkeys(re.findall(r"`([^`]+)`", cells[2]), line))
    return found


def test_the_words_of_the_glossary_stand_in_the_code() -> None:
    # when
    missing = [
        word
        for word in words()
        if not re.search(rf"(?<!\w){re.escape(word.rpartition('.')[2])}(?!\w)", sources())
    ]
    # then
    assert words()
    assert missing == []


def test_the_glossary_has_every_role_and_kind_of_element() -> None:
    # given
    text = (DOCS / "glossary.md").read_text("utf-8")
    # when
    missing = [role.value for role in Role if f"`{role.value}`" not in text]
    missing += [kind.name for kind in ElementKind if f"`{kind.name}`" not in text]
    # then
    assert missing == []


def test_the_architecture_names_every_table_and_no_other() -> None:
    # given
    section = (DOCS / "architecture.md").read_text("utf-8").partition("## Tables")[2]
    rows = [line for line in section.partition("## ")[0].splitlines() if line.startswith("| `")]
    # when
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    # then
    assert named == set(METADATA.tables)


def test_the_example_of_a_new_process_passes_the_gate() -> None:
    # given
    policy = load_policy(ROOT / "bpmn")
    added = {
        f"{folder}/{file.name}": file.read_bytes()
        for folder, suffix in (("processes", ".bpmn"), ("forms", ".form"))
        for file in EXAMPLE.glob(f"*{suffix}")
    }
    # when
    findings = check_policy(policy.replaced(added), operations=signatures())
    # then
    assert added
    assert [finding for finding in findings if finding.file in added] == []


@pytest.mark.parametrize("page", [p for p in pages() if p.is_relative_to(DOCS)], ids=name_of)
def test_a_page_keeps_to_its_subject(page: Path) -> None:
    # given
    foreign = re.compile(
        r"/(home|root|work|tmp)/|https?://(?!127\.0\.0\.1|localhost|[\w.]+\.example\b)", re.I
    )
    # when / then
    assert foreign.findall(page.read_text("utf-8")) == []
