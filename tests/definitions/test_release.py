"""Publishing a policy and reading it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import create_engine, func, select, update
from sqlalchemy.orm import Session

from models.releases import PolicyBlob, PolicyFile, Release
from models.types import new_id
from tests.definitions.diagrams import CLAUSES_YAML, OPERATIONS, line, node, policy
from workflows.definitions.check import ROLES
from workflows.definitions.files import PolicyFiles
from workflows.definitions.gate import pass_gate
from workflows.definitions.release import (
    current_policy,
    current_release,
    policy_of,
    publish_release,
    release_files,
)
from workflows.errors import SYSTEM, Conflict, Finding, Invalid, NotFound
from workflows.transaction import prepare_engine, transaction

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FIRST = policy(line(node("userTask", "Task_A")))
SECOND = policy(line(node("userTask", "Task_A"), node("userTask", "Task_B")))


def publish(
    session: Session,
    files: PolicyFiles = FIRST,
    *,
    day: int = 0,
    district_id: str | None = None,
) -> str:
    """Publish in a transaction of its own; the id of the release."""
    with transaction(session):
        return publish_release(
            session,
            files,
            actor=SYSTEM,
            now=NOW + timedelta(days=day),
            operations=OPERATIONS,
            district_id=district_id,
            note="首次发布",
        ).id


def test_a_published_policy_is_read_back_as_it_was(session: Session) -> None:
    # given
    release_id = publish(session)
    # when
    found = policy_of(session, release_id)
    # then
    assert found.content_hash == FIRST.content_hash
    assert dict(release_files(session, release_id)) == dict(FIRST)
    assert list(found.process("p").elements) == ["Start_1", "Task_A", "End_1"]
    assert policy_of(session, release_id) is found


def test_publishing_the_same_content_again_gives_the_same_release(session: Session) -> None:
    # given
    release_id = publish(session)
    # when
    again = publish(session, PolicyFiles(dict(FIRST)), day=1)
    # then
    assert again == release_id
    assert session.scalar(select(func.count()).select_from(Release)) == 1


def test_contents_that_two_releases_share_are_stored_once(session: Session) -> None:
    # given
    publish(session)
    before = session.scalar(select(func.count()).select_from(PolicyBlob))
    # when
    publish(session, SECOND, day=1)
    # then
    assert session.scalar(select(func.count()).select_from(PolicyBlob)) == (before or 0) + 1
    files = session.scalar(select(func.count()).select_from(PolicyFile))
    assert files == len(FIRST) + len(SECOND)


def test_the_newest_release_is_the_current_one(session: Session) -> None:
    # given
    publish(session)
    # when
    second = publish(session, SECOND, day=1)
    # then
    assert current_release(session, None).id == second
    assert current_policy(session, None).content_hash == SECOND.content_hash


def test_a_release_of_another_district_is_not_current(session: Session) -> None:
    # given
    here, there = new_id(), new_id()
    first = publish(session)
    # when
    second = publish(session, SECOND, day=1, district_id=there)
    # then
    assert current_release(session, here).id == first
    assert current_release(session, there).id == second


def test_an_older_content_cannot_quietly_become_current_again(session: Session) -> None:
    # given
    publish(session)
    publish(session, SECOND, day=1)
    # when / then
    with pytest.raises(Conflict) as caught:
        publish(session, day=2)
    assert caught.value.code == "release.elsewhere"


def test_a_policy_with_errors_is_refused_with_all_of_them(session: Session) -> None:
    # given
    files = policy(
        line(node("userTask", "Task_A", extra=""), node("serviceTask", "Task_S", extra=""))
    )
    # when
    with pytest.raises(Invalid) as caught:
        publish(session, files)
    # then
    found = {(finding.code, finding.element) for finding in caught.value.findings}
    assert {
        ("task.assignment", "Task_A"),
        ("task.form", "Task_A"),
        ("task.operation", "Task_S"),
    } <= found
    assert session.scalar(select(func.count()).select_from(Release)) == 0


def test_the_trial_sees_only_what_passed_the_gate_and_can_refuse(session: Session) -> None:
    # given
    seen: list[str] = []

    def trial(files: PolicyFiles) -> list[Finding]:
        seen.append(files.content_hash)
        return [Finding("engine_refused", "引擎不接受。", "Refused.", file="processes/p.bpmn")]

    bad = policy(line(node("userTask", "Task_A", extra="")))
    for files in (bad, FIRST):
        # when
        with pytest.raises(Invalid), transaction(session):
            publish_release(
                session, files, actor=SYSTEM, now=NOW, operations=OPERATIONS, trial=trial
            )
    # then
    assert seen == [FIRST.content_hash]


def test_a_policy_that_passed_the_gate_is_known_and_another_question_is_asked_anew() -> None:
    # given
    asked: list[str] = []

    def trial(files: PolicyFiles) -> list[Finding]:
        asked.append(files.content_hash)
        return []

    passed = pass_gate(SECOND, OPERATIONS, ROLES, trial)
    # when
    again = pass_gate(PolicyFiles(dict(SECOND)), dict(OPERATIONS), ROLES, trial)
    without = pass_gate(SECOND, OPERATIONS, ROLES, None)
    # then
    assert again is passed
    assert asked == [SECOND.content_hash]
    assert without is not passed
    with pytest.raises(Invalid, match="有错误"):
        pass_gate(SECOND, OPERATIONS, {}, None)


def test_publishing_needs_a_transaction(session: Session) -> None:
    # given / when / then
    with pytest.raises(RuntimeError):
        publish_release(session, FIRST, actor=SYSTEM, now=NOW, operations=OPERATIONS)


def test_of_two_who_publish_the_same_at_once_one_is_told(postgres_url: str) -> None:
    # given
    engine = create_engine(postgres_url)
    prepare_engine(engine)
    answers: list[str] = []

    def second() -> None:
        with Session(engine) as other:
            try:
                answers.append(publish(other))
            except Conflict as error:
                answers.append(error.code)

    racer = Thread(target=second)
    with Session(engine) as session, transaction(session):
        # when
        publish_release(session, FIRST, actor=SYSTEM, now=NOW, operations=OPERATIONS)
        racer.start()
        racer.join(timeout=1)
        assert racer.is_alive()
    racer.join(timeout=10)
    # then
    assert answers == ["release.concurrent"]
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Release)) == 1
    engine.dispose()


def test_without_a_release_there_is_nothing_to_begin_with(session: Session) -> None:
    # given / when / then
    with pytest.raises(NotFound) as caught:
        current_release(session, None)
    assert caught.value.code == "release.none"
    with pytest.raises(NotFound):
        policy_of(session, new_id())


def test_files_changed_behind_the_release_are_refused(session: Session) -> None:
    # given
    release_id = publish(session)
    digest = FIRST.hashes["clauses.yaml"]
    # when
    with transaction(session):
        session.execute(
            update(PolicyBlob)
            .where(PolicyBlob.sha256 == digest)
            .values(content=CLAUSES_YAML.replace("某办法", "别的办法").encode())
        )
    # then
    with pytest.raises(Invalid) as caught:
        policy_of(session, release_id)
    assert caught.value.code == "release.damaged"
