"""Pages for people, rendered by the server; one file per part of the site."""

from __future__ import annotations

from flask import Blueprint, Flask

from web.pages import (
    account,
    accounts,
    adjustments,
    attachments,
    audit,
    bank_accounts,
    calendar,
    case_messages,
    case_parts,
    cases,
    corrections,
    deaths,
    failures,
    fund,
    home,
    incidents,
    intake,
    months,
    objections,
    offices,
    payments,
    policy,
    postings,
    prices,
    printed_notices,
    recoveries,
    relief,
    remedies,
    remedy_forms,
    reports,
    retroactive,
    roll_lists,
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
    fund.blueprint,
    intake.blueprint,
    reports.blueprint,
    relief.blueprint,
    months.blueprint,
    recoveries.blueprint,
    deaths.blueprint,
    remedies.blueprint,
    remedy_forms.blueprint,
    attachments.blueprint,
    payments.blueprint,
    failures.blueprint,
    account.blueprint,
    accounts.blueprint,
    adjustments.blueprint,
    offices.blueprint,
    incidents.blueprint,
    retroactive.blueprint,
    policy.blueprint,
    calendar.blueprint,
    audit.blueprint,
    objections.blueprint,
    postings.blueprint,
    roll_lists.blueprint,
    prices.blueprint,
)


def register(app: Flask) -> None:
    """Add every part of the site."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
