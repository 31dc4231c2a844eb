"""Households: people with sealed identities, facts kept as versions, facts handed to the rules."""

from workflows.assistance.households.applicants import ApplicantData, household_of_applicant
from workflows.assistance.households.data import (
    UNKNOWN_FACTS,
    HouseholdData,
    IncomeData,
    MemberData,
    PropertyData,
)
from workflows.assistance.households.facts import (
    Identity,
    identity_of,
    member_facts,
    rule_facts,
)
from workflows.assistance.households.membership import household_subject
from workflows.assistance.households.people import (
    lock_household,
    open_case_number,
    person_at,
    person_with,
    require_member,
    require_no_open_case,
)
from workflows.assistance.households.recording import (
    register_household,
    replace_facts,
)

__all__ = [
    "UNKNOWN_FACTS",
    "ApplicantData",
    "HouseholdData",
    "Identity",
    "IncomeData",
    "MemberData",
    "PropertyData",
    "household_of_applicant",
    "household_subject",
    "identity_of",
    "lock_household",
    "member_facts",
    "open_case_number",
    "person_at",
    "person_with",
    "register_household",
    "replace_facts",
    "require_member",
    "require_no_open_case",
    "rule_facts",
]
