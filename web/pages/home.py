"""The way in: to the first page that the viewer may open; and the table of access."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from models.accounts import Role
from web.guard import signed_in
from web.navigation import navigation
from workflows.access import LEVEL_OF_ROLE, RULES, SEPARATIONS

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@signed_in
def index() -> Response | str:
    """To the first entry of the bar; accounts without a role see how to get one."""
    links, registers = navigation()
    if links or registers:
        return redirect([*links, *registers][0][0])
    return render_template("home_without_role.html")


@blueprint.get("/admin/access")
@signed_in
def access_table() -> str:
    """Which role may do what; everybody may look at the rules."""
    return render_template(
        "access_table.html",
        rules=RULES,
        roles=list(Role),
        levels=LEVEL_OF_ROLE,
        separations=SEPARATIONS,
    )
