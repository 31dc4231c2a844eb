"""Whether this process can work: version, database, migration head, heartbeat of the workers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from models.plumbing import WorkerHeartbeat
from web.config import VERSION
from web.database import current_moment, current_revision, db_session, newest_revision
from web.guard import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> tuple[dict[str, Any], int]:
    """200 when requests can be served; `worker_seconds` is the age of the latest heartbeat."""
    answer: dict[str, Any] = {"version": VERSION, "newest_revision": newest_revision()}
    try:
        session = db_session()
        answer["revision"] = current_revision(session)
        seen_at = session.scalar(select(func.max(WorkerHeartbeat.seen_at)))
    except SQLAlchemyError:
        return {**answer, "database": "unreachable or not migrated", "ok": False}, 503
    age = (current_moment() - seen_at).total_seconds() if seen_at else None
    ok = answer["revision"] == answer["newest_revision"]
    return {**answer, "database": "ok", "worker_seconds": age, "ok": ok}, 200 if ok else 503
