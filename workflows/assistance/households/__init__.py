"""Households: people with sealed identities, facts kept as versions, facts handed to the rules."""

from workflows.assistance.households.applicants import ApplicantData, household_of_applicant
from workflows.assistance.households.data import (
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
from workflows.assistance.households.people import (
    person_with,
    require_member,
    require_no_open_case,
)
from workflows.assistance.households.recording import (
    household_subject,
    register_household,
    replace_facts,
)

__all__ = [
    "ApplicantData",
    "HouseholdData",
    "Identity",
    "IncomeData",
    "MemberData",
    "PropertyData",
    "household_of_applicant",
    "household_subject",
    "identity_of",
    "member_facts",
    "person_with",
    "register_household",
    "replace_facts",
    "require_member",
    "require_no_open_case",
    "rule_facts",
]
