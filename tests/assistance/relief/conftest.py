"""A district with money for relief, on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tests.assistance.relief.founding import Template, template
from tests.assistance.relief.world import Relief
from tests.conftest import BOTH
from tests.databases import PostgresDatabases, SqliteDatabases


@pytest.fixture(scope="session")
def sqlite_template(sqlite_databases: SqliteDatabases) -> Iterator[Template]:
    """A founded district in SQLite."""
    with template(sqlite_databases) as found:
        yield found


@pytest.fixture(scope="session")
def postgres_template(postgres_databases: PostgresDatabases) -> Iterator[Template]:
    """A founded district in PostgreSQL."""
    with template(postgres_databases) as found:
        yield found


@pytest.fixture(params=BOTH)
def founded(request: pytest.FixtureRequest) -> Template:
    """A founded district; the test runs on both kinds of database."""
    name = "sqlite_template" if request.param == "sqlite" else "postgres_template"
    found: Template = request.getfixturevalue(name)
    return found


@pytest.fixture
def database_url(founded: Template) -> Iterator[str]:
    """The address of a copy of the founded district."""
    with founded.databases.clone(founded.address) as address:
        yield address


@pytest.fixture
def relief(founded: Template, session: Session) -> Relief:
    """A district with a budget of 50,000 yuan and 20,000 in the township's drawer."""
    return founded.opened(session)
