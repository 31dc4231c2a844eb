"""What a reviewer would have to remember about the code, as tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("models", "web", "workflows")
MOST_LINES = 400
MOST_FUNCTION_LINES = 60

#: where a broad except may stand: the only commit, the worker's loop, the error page is a handler
BROAD = {"workflows/transaction.py", "workflows/runtime/worker.py", "workflows/jobs.py"}
COMMITS = {"workflows/transaction.py"}
#: the edge: who may read the clock
CLOCKS = {"web/database.py", "web/cli/worker.py", "web/auth.py"}


def sources() -> Iterator[tuple[str, Path]]:
    """Every Python file of the product, by its path below the repository."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path


FILES = dict(sources())
#: generated, and never read as a whole
MIGRATIONS = {name for name in FILES if name.startswith("models/migrations/versions/")}


def tree_of(name: str) -> ast.Module:
    """The file parsed."""
    return ast.parse(FILES[name].read_text("utf-8"))


def calls(name: str) -> Iterator[ast.Call]:
    """Every call in a file."""
    return (node for node in ast.walk(tree_of(name)) if isinstance(node, ast.Call))


def test_the_packages_are_those_of_this_repository() -> None:
    # when / then
    for package in PACKAGES:
        module = __import__(package)
        assert Path(module.__path__[0]).resolve() == ROOT / package


@pytest.mark.parametrize("name", sorted(FILES.keys() - MIGRATIONS))
def test_a_file_is_short_and_says_what_it_owns(name: str) -> None:
    # when
    text = FILES[name].read_text("utf-8")
    # then
    assert len(text.splitlines()) <= MOST_LINES
    assert ast.get_docstring(ast.parse(text)), "no docstring"


@pytest.mark.parametrize("name", sorted(FILES.keys() - MIGRATIONS))
def test_functions_are_short_and_import_nothing(name: str) -> None:
    # given
    functions = [
        node
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    # when
    long = [
        function.name
        for function in functions
        if (function.end_lineno or 0) - function.lineno >= MOST_FUNCTION_LINES
    ]
    importing = [
        function.name
        for function in functions
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))
    ]
    # then
    assert (long, importing) == ([], [])


def test_only_one_module_commits_and_rolls_back() -> None:
    # when
    found = {
        name
        for name in FILES.keys() - COMMITS
        for call in calls(name)
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"commit", "rollback"}
    }
    # then
    assert found == set()


def test_broad_excepts_stand_where_they_must() -> None:
    # when
    found = {
        name
        for name in FILES
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    }
    # then
    assert found <= BROAD


def test_only_the_edge_reads_the_clock() -> None:
    # given
    reading = re.compile(r"\b(datetime\.now|date\.today|datetime\.utcnow|time\.time)\(")
    # when
    found = {name for name, path in FILES.items() if reading.search(path.read_text("utf-8"))}
    # then
    assert found <= CLOCKS


def test_the_host_and_the_tables_know_no_http() -> None:
    # given
    web = {"flask", "werkzeug", "flask_wtf", "flask_babel", "flask_smorest", "web"}
    # when
    found = {
        (name, module)
        for name in FILES
        if not name.startswith("web/")
        for module in imported(name)
        if module.partition(".")[0] in web
    }
    # then
    assert found == set()


def imported(name: str) -> Iterator[str]:
    """The modules that a file imports."""
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_nothing_is_evaluated() -> None:
    # when
    found = {
        (name, call.func.id)
        for name in FILES
        for call in calls(name)
        if isinstance(call.func, ast.Name) and call.func.id in {"eval", "exec", "compile"}
    }
    # then
    assert found == set()


def test_no_file_is_named_after_nothing() -> None:
    # given
    empty = re.compile(r"(utils?|helpers?|common|misc|manager|services?)\.py$")
    # when / then
    assert [name for name in FILES if empty.search(name.rsplit("/", 1)[-1])] == []
