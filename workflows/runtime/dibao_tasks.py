"""The operations of 低保 beside those that every application has: what each takes and gives."""

from __future__ import annotations

from typing import Final

from workflows.assistance.edge import VALID_MONTHS, end_edge, record_edge
from workflows.assistance.other_cases import open_other_cases
from workflows.assistance.other_programmes import other_programmes
from workflows.assistance.places import OWN_COUNTY, OWN_PROVINCE, place_facts, poverty_facts
from workflows.runtime.registered import registered

DIBAO: Final = (
    registered(
        "place.facts",
        place_facts,
        outputs={"members": "list", "here": "string", "applicant": "string"},
        reads=(OWN_PROVINCE, OWN_COUNTY),
    ),
    registered(
        "household.poverty_exit",
        poverty_facts,
        outputs={"people": "list", "person_ids": "list", "unstable_income": "boolean"},
    ),
    registered("case.open_others", open_other_cases, {"requests": "list"}),
    registered(
        "application.other_programmes",
        other_programmes,
        outputs={"offers": "list", "chosen": "list"},
    ),
    registered(
        "edge.record",
        record_edge,
        outputs={"decided_on": "date", "valid_until": "date"},
        undo="forbid",
        reads=(VALID_MONTHS,),
    ),
    registered("edge.end", end_edge, {"reason": "string"}, {"ended_on": "date"}),
)
