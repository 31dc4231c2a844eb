"""The published policy: releases, diagrams, parameters with their sources, clauses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, url_for
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from models.accounts import Account
from models.releases import Release
from web.auth import current_viewer
from web.database import current_moment, db_session
from web.guard import requires
from web.headers import allow_style_attributes, confine
from workflows.access import Action, may
from workflows.calendar import local_day
from workflows.definitions.policy import Policy
from workflows.definitions.release import policy_of
from workflows.definitions.uses import clause_uses_of, parameter_uses_of
from workflows.errors import NotFound
from workflows.runtime.service_tasks import signatures

blueprint = Blueprint("policy", __name__, url_prefix="/policy")


@blueprint.get("")
@requires(Action.POLICY_READ)
def releases() -> str:
    """The releases of the district, newest first; the first one is in force."""
    rows = db_session().execute(
        select(Release, Account.name)
        .outerjoin(Account, Account.id == Release.published_by_id)
        .where(_visible())
        .order_by(Release.published_at.desc(), Release.id.desc())
    )
    return render_template(
        "policy_releases.html",
        releases=rows.all(),
        may_see_changes=may(current_viewer(), Action.RETROACTIVE_READ),
    )


@blueprint.get("/current")
@requires(Action.POLICY_READ)
def current() -> Response:
    """To the release in force."""
    newest = db_session().scalar(
        select(Release.id)
        .where(_visible())
        .order_by(Release.published_at.desc(), Release.id.desc())
        .limit(1)
    )
    if newest is None:
        raise NotFound("release.none", "尚未发布任何政策版本。", "No release has been published.")
    return redirect(url_for("policy.processes", release_id=newest))


@blueprint.get("/<uuid:release_id>")
@requires(Action.POLICY_READ)
def processes(release_id: UUID) -> str:
    """The processes of a release."""
    release, policy = _release(release_id)
    return render_template("policy_processes.html", release=release, policy=policy)


@blueprint.get("/<uuid:release_id>/processes/<process_id>")
@requires(Action.POLICY_READ)
def diagram(release_id: UUID, process_id: str) -> str:
    """One process: its diagram, and its steps with role and clauses as a table."""
    release, policy = _release(release_id)
    allow_style_attributes()
    return render_template(
        "policy_diagram.html",
        release=release,
        policy=policy,
        process=policy.process(process_id),
    )


@blueprint.get("/<uuid:release_id>/diagrams/<process_id>.bpmn")
@requires(Action.POLICY_READ)
def diagram_file(release_id: UUID, process_id: str) -> Response:
    """The file that a process is drawn in."""
    _, policy = _release(release_id)
    file = policy.process(process_id).file
    content = policy.files.get(file)
    if content is None:
        abort(404)
    return confine(Response(content, mimetype="application/xml"))


@blueprint.get("/<uuid:release_id>/parameters")
@requires(Action.POLICY_READ)
def parameters(release_id: UUID) -> str:
    """Every parameter with its values by date, source and certainty."""
    release, policy = _release(release_id)
    shown = sorted(policy.parameters.parameters.values(), key=lambda found: found.key)
    return render_template(
        "policy_parameters.html",
        release=release,
        parameters=shown,
        clauses=policy.clauses,
        uses=parameter_uses_of(policy, signatures()),
        today=local_day(current_moment()),
        defaults=sum(
            any(entry.certainty == "default" for entry in found.entries) for found in shown
        ),
        shown=_shown,
    )


@blueprint.get("/<uuid:release_id>/clauses")
@requires(Action.POLICY_READ)
def clauses(release_id: UUID) -> str:
    """The register of clauses with what rests on each, and the packs that the texts make up."""
    release, policy = _release(release_id)
    return render_template(
        "policy_clauses.html", release=release, policy=policy, uses=clause_uses_of(policy)
    )


def _visible() -> Any:
    return or_(Release.district_id == current_viewer().district_id, Release.district_id.is_(None))


def _release(release_id: UUID) -> tuple[Release, Policy]:
    release = db_session().scalar(select(Release).where(Release.id == str(release_id), _visible()))
    if release is None:
        raise NotFound("release.not_found", "找不到这个政策版本。", "There is no such release.")
    return release, policy_of(db_session(), release.id)


def _shown(value: object) -> str:
    """A parameter's value as a line of text."""
    if isinstance(value, list):
        return "、".join(_shown(item) for item in value)
    if isinstance(value, dict):
        return ";".join(f"{key}:{_shown(item)}" for key, item in value.items())
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)
