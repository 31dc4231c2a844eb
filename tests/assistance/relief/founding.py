"""A district that is founded once and copied for each test: founding takes longer than testing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from models.accounts import Account
from models.offices import Office
from tests.assistance.relief.world import Relief
from tests.databases import PostgresDatabases, SqliteDatabases
from tests.runtime.district import District
from workflows.privacy import KeyRing
from workflows.transaction import prepare_engine


@dataclass(frozen=True)
class Template:
    """A founded district in a database that nobody is connected to."""

    databases: SqliteDatabases | PostgresDatabases
    address: str
    keys: str
    offices: dict[str, str]
    accounts: dict[str, str]

    def opened(self, session: Session) -> Relief:
        """The district in a copy of the database."""
        session.expire_on_commit = False
        district = District(session, KeyRing.from_json(self.keys))
        for key, office_id in self.offices.items():
            district.offices[key] = session.get_one(Office, office_id)
        for login, account_id in self.accounts.items():
            district.accounts[login] = session.get_one(Account, account_id)
        session.rollback()
        return Relief(district)

    @contextmanager
    def world(self) -> Iterator[Relief]:
        """The district in a copy of its own."""
        with self.databases.clone(self.address) as address:
            engine = create_engine(address)
            prepare_engine(engine)
            if engine.dialect.name == "sqlite":
                event.listen(engine, "connect", without_fsync)
            try:
                with Session(engine) as session:
                    yield self.opened(session)
            finally:
                engine.dispose()


@contextmanager
def template(databases: SqliteDatabases | PostgresDatabases) -> Iterator[Template]:
    """Found the district."""
    with databases.copy() as address:
        engine = create_engine(address)
        prepare_engine(engine)
        with Session(engine, expire_on_commit=False) as session:
            district = Relief.founded(session).district
            found = Template(
                databases, address, district.keys.to_json(),
                {key: office.id for key, office in district.offices.items()},
                {login: account.id for login, account in district.accounts.items()},
            )  # fmt: skip
        engine.dispose()
        yield found


def without_fsync(connection: Any, _record: object) -> None:
    """A test's database needn't survive a power cut."""
    connection.execute("PRAGMA synchronous=OFF")
