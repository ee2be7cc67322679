"""HTML for people, a blueprint a noun."""

from flask import Blueprint
from flask_limiter import Limiter

from webmap.pages import (
    assignment,
    cooperation,
    coverage,
    dashboard,
    district_view,
    evaluation,
    follow,
    geocoding,
    handover,
    indices,
    intake,
    login,
    mine,
    notices,
    period_report,
    photos,
    policy,
    poster,
    queue,
    registrations,
    report,
    rule_calendar,
    rule_limits,
    rules,
    ticket_moves,
    tickets,
    unit_work,
    units,
    webhooks,
)
from webmap.pages import map as map_page


def blueprints(limiter: Limiter) -> tuple[Blueprint, ...]:
    """All pages; those that must be slow to guess get the limiter."""
    return (
        map_page.bp,
        tickets.bp,
        follow.bp,
        handover.bp,
        handover.link_blueprint(limiter),
        ticket_moves.bp,
        assignment.bp,
        policy.bp,
        queue.bp,
        mine.bp,
        dashboard.bp,
        district_view.bp,
        evaluation.bp,
        registrations.bp,
        photos.bp,
        notices.bp,
        units.bp,
        geocoding.bp,
        unit_work.bp,
        cooperation.bp,
        coverage.bp,
        indices.bp,
        period_report.bp,
        report.bp,
        intake.bp,
        poster.bp,
        rules.bp,
        rule_limits.bp,
        rule_calendar.bp,
        webhooks.bp,
        login.blueprint(limiter),
    )
