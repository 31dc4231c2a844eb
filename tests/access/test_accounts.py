"""Accounts, roles and offices: the rules that only the database can decide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.accounts import Account, ApiToken, Role
from models.assistance import NearRelativeFiling
from models.cases import Case
from models.households import Area, Household, HouseholdMember, Person
from models.offices import Office
from models.releases import Release
from models.trail import TrailEntry
from models.types import new_id
from workflows.access import (
    require_impartial,
    require_post,
    require_separate,
    viewer_of_account,
    viewer_of_token,
    visible_cases,
    visible_households,
)
from workflows.access.accounts import (
    create_account,
    current_holdings,
    deactivate_account,
    grant_role,
    reactivate_account,
    revoke_role,
)
from workflows.access.offices import (
    close_office,
    create_district,
    create_office,
    office_tree,
    rename_office,
    reopen_office,
)
from workflows.access.passwords import hash_password
from workflows.access.tokens import create_token, own_tokens, revoke_token, token_hash
from workflows.errors import SYSTEM, Actor, Conflict, Invalid, NotAllowed, NotFound
from workflows.transaction import transaction

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HASH = hash_password("Lantern-Harbour-27")


@contextmanager
def district(session: Session) -> Iterator[dict[str, Office]]:
    """A transaction that begins with a district, two townships and two villages."""
    with transaction(session):
        root = create_district(session, code="500154", name="开州区", actor=SYSTEM, now=NOW)
        offices = {"district": root}
        for name, parent, code in [
            ("township", "district", "500154001"),
            ("other", "district", "500154002"),
            ("village", "township", "500154001201"),
            ("second", "township", "500154001202"),
        ]:
            offices[name] = create_office(
                session, offices[parent], code=code, name=name, actor=SYSTEM, now=NOW
            )
        yield offices


def an_account(
    session: Session, district_id: str, login: str = "li", index: bytes | None = None
) -> Account:
    """An account without roles."""
    return create_account(
        session,
        district_id=district_id,
        login=login,
        name="李试",
        password_hash=HASH,
        id_number_index=index,
        actor=SYSTEM,
        now=NOW,
    )


def a_case(session: Session, offices: dict[str, Office], village: str, index: bytes) -> Case:
    """A case of a household whose one member has that id-card number index."""
    root, place = offices["district"], offices[village]
    township_id = place.parent_id if place.level.value == "village" else place.id
    release = session.scalar(select(Release)) or Release(
        id=new_id(), content_hash="0" * 64, manifest={}, published_at=NOW
    )
    person = Person(
        id=new_id(),
        district_id=root.id,
        data_key=b"k",
        id_number_index=index,
        name_index=b"n",
        identity=b"i",
        created_at=NOW,
    )
    session.add_all([release, person])
    session.flush()  # the household names the person
    household = Household(
        id=new_id(),
        district_id=root.id,
        township_id=township_id,
        village_id=place.id,
        area=Area.RURAL,
        head_person_id=person.id,
        created_at=NOW,
    )
    session.add(household)
    session.flush()  # the member and the case name the household
    case = Case(
        id=new_id(),
        district_id=root.id,
        number=f"N-{index.hex()}",
        process_key="dibao",
        release_id=release.id,
        household_id=household.id,
        township_id=township_id,
        village_id=place.id,
        opened_at=NOW,
        engine_state=b"",
    )
    session.add_all(
        [
            case,
            HouseholdMember(
                id=new_id(),
                household_id=household.id,
                person_id=person.id,
                relation="本人",
                facts=b"f",
                recorded_at=NOW,
            ),
        ]
    )
    session.flush()  # the tests query it in the same transaction
    return case


def test_roles_that_are_separated_cannot_be_granted(session: Session) -> None:
    # given
    with district(session) as offices:
        account = an_account(session, offices["district"].id)
        grant_role(session, account, offices["district"], Role.AUDITOR, actor=SYSTEM, now=NOW)
        # when
        with pytest.raises(NotAllowed) as refused:
            grant_role(session, account, offices["district"], Role.REVIEWER, actor=SYSTEM, now=NOW)
        # then
        assert refused.value.code == "role.separated"
        assert [holding.role for holding in current_holdings(session, account.id, now=NOW)] == [
            Role.AUDITOR
        ]


@pytest.mark.parametrize(
    ("role", "office"), [(Role.ASSISTANT, "township"), (Role.REVIEWER, "village")]
)
def test_a_role_belongs_to_one_level_of_office(session: Session, role: Role, office: str) -> None:
    # given
    with district(session) as offices:
        account = an_account(session, offices["district"].id)
        # when / then
        with pytest.raises(Invalid, match="这一级"):
            grant_role(session, account, offices[office], role, actor=SYSTEM, now=NOW)


def test_an_account_closed_at_the_same_moment_gets_no_role(session: Session) -> None:
    # given an account that somebody closes after it was read
    with district(session) as offices:
        account = an_account(session, offices["district"].id)
        session.flush()
        session.execute(
            update(Account).values(active=False).execution_options(synchronize_session=False)
        )
        assert account.active
        # when / then
        with pytest.raises(Invalid) as error:
            grant_role(
                session, account, offices["township"], Role.CASE_OFFICER, actor=SYSTEM, now=NOW
            )
        assert [found.code for found in error.value.findings] == ["account.closed"]


def test_the_same_role_is_granted_once_per_office(session: Session) -> None:
    # given
    with district(session) as offices:
        account = an_account(session, offices["district"].id)
        for office in ("village", "second"):
            grant_role(session, account, offices[office], Role.ASSISTANT, actor=SYSTEM, now=NOW)
        # when / then
        with pytest.raises(Conflict):
            grant_role(session, account, offices["village"], Role.ASSISTANT, actor=SYSTEM, now=NOW)


def test_nobody_grants_revokes_or_closes_their_own(session: Session) -> None:
    # given
    with district(session) as offices:
        account = an_account(session, offices["district"].id)
        holding = grant_role(
            session, account, offices["district"], Role.SECURITY_ADMIN, actor=SYSTEM, now=NOW
        )
        own = Actor(account.id, "security_admin", offices["district"].id)
        # when / then
        with pytest.raises(NotAllowed):
            grant_role(session, account, offices["district"], Role.AUDITOR, actor=own, now=NOW)
        with pytest.raises(NotAllowed):
            revoke_role(session, account, holding.id, actor=own, now=NOW)
        with pytest.raises(NotAllowed):
            deactivate_account(session, account, actor=own, now=NOW)


def test_closing_an_account_ends_its_roles_sessions_and_tokens(session: Session) -> None:
    # given
    with district(session) as offices:
        account = an_account(session, offices["district"].id)
        grant_role(session, account, offices["village"], Role.ASSISTANT, actor=SYSTEM, now=NOW)
        viewer = viewer_of_account(session, account.id, now=NOW)
        assert viewer is not None
        _, text = create_token(session, viewer, label="脚本", days=30, now=NOW)
        session.flush()  # viewer_of_token reads by SQL
        assert viewer_of_token(session, token_hash(text), now=NOW) == viewer
        # when
        later = NOW + timedelta(hours=1)
        deactivate_account(session, account, actor=SYSTEM, now=later)
        session.flush()  # as above
        # then
        assert viewer_of_account(session, account.id, now=later) is None
        assert viewer_of_token(session, token_hash(text), now=later) is None
        assert current_holdings(session, account.id, now=later) == []
        with pytest.raises(Conflict):
            deactivate_account(session, account, actor=SYSTEM, now=later)
        reactivate_account(session, account, HASH, actor=SYSTEM, now=later)
        session.flush()  # as above
        again = viewer_of_account(session, account.id, now=later)
        assert again is not None and again.holdings == () and again.session_epoch == 2
        actions = session.scalars(
            select(TrailEntry.action)
            .where(TrailEntry.subject_id == account.id)
            .order_by(TrailEntry.sequence)
        ).all()
        assert actions == [
            "account.created",
            "role.granted",
            "token.created",
            "role.revoked",
            "account.deactivated",
            "account.changed",
            "password.changed",
        ]


def test_a_token_ends_by_time_and_by_hand_and_only_its_hash_is_kept(session: Session) -> None:
    # given
    with district(session) as offices:
        account = an_account(session, offices["district"].id)
        other = an_account(session, offices["district"].id, "wang")
        session.flush()  # viewer_of_account reads by SQL
        viewer = viewer_of_account(session, account.id, now=NOW)
        stranger = viewer_of_account(session, other.id, now=NOW)
        assert viewer is not None and stranger is not None
        token, text = create_token(session, viewer, label="脚本", days=30, now=NOW)
        session.flush()  # as above
        # when / then
        assert text not in str(session.execute(select(ApiToken.token_hash)).all())
        last = NOW + timedelta(days=30)
        assert viewer_of_token(session, token_hash(text), now=last - timedelta(seconds=1))
        assert viewer_of_token(session, token_hash(text), now=last) is None
        with pytest.raises(NotFound):
            revoke_token(session, stranger, token.id, now=NOW)
        revoke_token(session, viewer, token.id, now=NOW)
        session.flush()  # as above
        assert viewer_of_token(session, token_hash(text), now=NOW) is None
        assert own_tokens(session, account.id, now=NOW) == []


def test_a_login_is_taken_once(session: Session) -> None:
    # given
    with pytest.raises(Conflict) as refused, district(session) as offices:
        an_account(session, offices["district"].id, "li")
        # when
        an_account(session, offices["district"].id, "LI")
    # then
    assert refused.value.code == "account.login_taken"
    assert session.scalars(select(Account)).all() == []


def test_an_office_sees_its_own_cases_and_households_only(session: Session) -> None:
    # given
    with district(session) as offices:
        cases = {
            name: a_case(session, offices, name, bytes([number]))
            for number, name in enumerate(["village", "second", "other"])
        }
        people = {}
        for login, role, office in [
            ("a", Role.ASSISTANT, "village"),
            ("o", Role.CASE_OFFICER, "township"),
            ("r", Role.REVIEWER, "district"),
            ("s", Role.SYSTEM_ADMIN, "district"),
        ]:
            account = an_account(session, offices["district"].id, login)
            grant_role(session, account, offices[office], role, actor=SYSTEM, now=NOW)
            session.flush()  # viewer_of_account reads by SQL
            people[login] = viewer_of_account(session, account.id, now=NOW)
        # when
        seen = {}
        for login, viewer in people.items():
            assert viewer is not None
            ids = session.scalars(select(Case.id).where(visible_cases(viewer))).all()
            homes = session.scalars(select(Household.id).where(visible_households(viewer))).all()
            seen[login] = {name for name, case in cases.items() if case.id in ids}
            # then
            assert {cases[name].household_id for name in seen[login]} == set(homes)
        assert seen == {
            "a": {"village"},
            "o": {"village", "second"},
            "r": {"village", "second", "other"},
            "s": set(),
        }


def test_nobody_acts_on_the_case_of_their_own_household_or_near_relative(session: Session) -> None:
    # given
    with district(session) as offices:
        case = a_case(session, offices, "village", b"\x07" * 32)
        own = an_account(session, offices["district"].id, "own", b"\x07" * 32)
        relative = an_account(session, offices["district"].id, "relative", b"\x08" * 32)
        stranger = an_account(session, offices["district"].id, "stranger")
        session.add(
            NearRelativeFiling(
                id=new_id(),
                district_id=offices["district"].id,
                case_id=case.id,
                account_id=relative.id,
                relation="配偶",
                staff_name="某",
                filed_at=NOW,
            )
        )
        session.flush()  # the check reads by SQL
        # when
        answers = {}
        for account in (own, relative, stranger):
            try:
                require_impartial(
                    session,
                    Actor(account.id, "case_officer"),
                    case_id=case.id,
                    household_id=case.household_id,
                )
                answers[account.login] = "may"
            except NotAllowed as refused:
                answers[account.login] = refused.code
        # then
        assert answers == {
            "own": "access.own_household",
            "relative": "access.near_relative",
            "stranger": "may",
        }
        require_impartial(session, SYSTEM, case_id=case.id, household_id=case.household_id)


def test_nobody_confirms_what_they_opined_or_acts_in_a_post_of_another_office() -> None:
    # given
    actor = Actor("a", "confirmer", "d")
    # when / then
    with pytest.raises(NotAllowed):
        require_separate(actor, ["b", None, "a"])
    with pytest.raises(NotAllowed):
        require_post(actor, "confirmer", "elsewhere")
    require_separate(actor, ["b", None])
    require_separate(SYSTEM, [None])
    require_post(actor, "confirmer", "d")


def test_an_office_is_closed_only_when_nothing_depends_on_it(session: Session) -> None:
    # given
    with district(session) as offices:
        case = a_case(session, offices, "village", b"\x07" * 32)
        account = an_account(session, offices["district"].id)
        grant_role(session, account, offices["township"], Role.CASE_OFFICER, actor=SYSTEM, now=NOW)
        # when
        with pytest.raises(Conflict) as refused:
            close_office(session, offices["township"], actor=SYSTEM, now=NOW)
        # then
        assert [finding.code for finding in refused.value.findings] == [
            "office.has_offices",
            "office.has_roles",
            "office.has_cases",
        ]
        assert case.township_id == offices["township"].id
        close_office(session, offices["second"], actor=SYSTEM, now=NOW)
        assert not offices["second"].active
        with pytest.raises(Invalid):
            close_office(session, offices["district"], actor=SYSTEM, now=NOW)


def test_an_office_is_not_reopened_below_a_closed_one(session: Session) -> None:
    # given
    with district(session) as offices:
        township = create_office(
            session, offices["district"], code="500154199", name="新镇", actor=SYSTEM, now=NOW
        )
        village = create_office(
            session, township, code="500154199202", name="新村", actor=SYSTEM, now=NOW
        )
        close_office(session, village, actor=SYSTEM, now=NOW)
        close_office(session, township, actor=SYSTEM, now=NOW)
        # when
        with pytest.raises(Invalid) as refused:
            reopen_office(session, village, actor=SYSTEM, now=NOW)
        # then
        assert refused.value.code == "office.no_place"
        reopen_office(session, township, actor=SYSTEM, now=NOW)
        reopen_office(session, village, actor=SYSTEM, now=NOW)
        assert village.active


def test_an_act_that_changes_nothing_about_an_office_leaves_no_entry(session: Session) -> None:
    # given
    with district(session) as offices:
        village = offices["second"]

        def entries() -> int:
            return len(
                session.scalars(
                    select(TrailEntry.id).where(TrailEntry.subject_id == village.id)
                ).all()
            )

        # when: each act is done twice
        counts = [entries()]
        for _ in range(2):
            close_office(session, village, actor=SYSTEM, now=NOW)
            counts.append(entries())
        for _ in range(2):
            reopen_office(session, village, actor=SYSTEM, now=NOW)
            counts.append(entries())
        for _ in range(2):
            rename_office(session, village, name="新村", actor=SYSTEM, now=NOW)
            counts.append(entries())
    # then
    assert counts == [1, 2, 2, 3, 3, 4, 4]


def test_the_tree_has_three_levels_and_unique_codes(session: Session) -> None:
    # given
    with pytest.raises(Conflict), district(session) as offices:
        rename_office(session, offices["village"], name="新名", actor=SYSTEM, now=NOW)
        tree = office_tree(session, offices["district"].id)
        # then
        assert [branch.office.name for branch in tree.below] == ["township", "other"]
        assert [branch.office.name for branch in tree.below[0].below] == ["新名", "second"]
        with pytest.raises(Invalid):
            create_office(
                session, offices["village"], code="500154001203", name="组", actor=SYSTEM, now=NOW
            )
        # when
        create_office(
            session, offices["district"], code="500154002", name="重", actor=SYSTEM, now=NOW
        )
