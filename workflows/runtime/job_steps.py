"""What the worker does for each kind of job."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.definitions.calendar_changes import RECOUNT
from workflows.jobs import Step
from workflows.privacy import KeyRing
from workflows.runtime.recounts import recount_step


def job_steps(keys: KeyRing) -> Mapping[str, Step]:
    """The step of each kind of job that this version knows."""
    return {RECOUNT: recount_step(keys)}
