"""Messages that nobody waited for: kept with their case, delivered once when somebody does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cases import KeptMessage
from workflows.feel import from_json
from workflows.runtime.engine import EngineRun, Wait, WaitKind
from workflows.runtime.evidence import case_subject, key_for, open_answers
from workflows.runtime.host import CaseHost


def deliver_kept(
    session: Session, host: CaseHost, run: EngineRun, before: Mapping[str, Wait]
) -> list[dict[str, Any]]:
    """Give what was kept to the waits that this act has made; what the trail says about it.

    A message whose answers were erased, or that the process has no variables for, stays kept.
    """
    delivered: list[dict[str, Any]] = []
    passed: set[str] = set()
    while fresh := _fresh_messages(run, before):
        kept = session.scalar(
            select(KeptMessage)
            .where(
                KeptMessage.case_id == host.case.id,
                KeptMessage.delivered_at.is_(None),
                KeptMessage.message.in_(fresh),
                KeptMessage.id.not_in(passed),
            )
            .order_by(KeptMessage.received_at, KeptMessage.id)
            .limit(1)
        )
        if kept is None:
            break
        passed.add(kept.id)
        wait = fresh[kept.message]
        values = _answers(session, host, kept)
        if values is None or not values.keys() <= run.scopes.view(wait.scope).keys():
            continue
        host.entered(run, wait.element, wait.scope)
        for name, value in values.items():
            run.scopes.write(wait.scope, name, value)
        run.fire(wait.id)
        kept.delivered_at = host.now
        delivered.append(
            {
                "kept": kept.id,
                "message": kept.message,
                "element": wait.element.id,
                "received_at": kept.received_at,
            }
        )
    return delivered


def _fresh_messages(run: EngineRun, before: Mapping[str, Wait]) -> dict[str, Wait]:
    return {
        str(wait.element.message): wait
        for wait_id, wait in run.waits().items()
        if wait.kind is WaitKind.MESSAGE and wait_id not in before
    }


def _answers(session: Session, host: CaseHost, kept: KeptMessage) -> dict[str, Any] | None:
    evidence = orjson.loads(kept.payload)
    key = key_for(session, str(evidence.get("person", "")), host.keys)
    opened = open_answers(key, case_subject(host.case), evidence)
    if opened is None:
        return None
    return {name: from_json(value) for name, value in opened.items()}
