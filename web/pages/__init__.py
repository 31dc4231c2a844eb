"""Pages for people, rendered by the server; one file per part of the site."""

from __future__ import annotations

from flask import Blueprint, Flask

from web.pages import (
    account,
    accounts,
    attachments,
    audit,
    bank_accounts,
    calendar,
    case_messages,
    case_parts,
    cases,
    corrections,
    edge,
    failures,
    fund,
    home,
    incidents,
    intake,
    offices,
    payments,
    policy,
    printed_notices,
    relief,
    reports,
    retroactive,
    sign_in,
    tasks,
    work,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.blueprint,
    sign_in.blueprint,
    work.blueprint,
    tasks.blueprint,
    cases.blueprint,
    case_parts.blueprint,
    printed_notices.blueprint,
    case_messages.blueprint,
    corrections.blueprint,
    bank_accounts.blueprint,
    edge.blueprint,
    fund.blueprint,
    intake.blueprint,
    reports.blueprint,
    relief.blueprint,
    attachments.blueprint,
    payments.blueprint,
    failures.blueprint,
    account.blueprint,
    accounts.blueprint,
    offices.blueprint,
    incidents.blueprint,
    retroactive.blueprint,
    policy.blueprint,
    calendar.blueprint,
    audit.blueprint,
)


def register(app: Flask) -> None:
    """Add every part of the site."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
