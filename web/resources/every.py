"""Every resource of the API, with the view that answers for it."""

from collections.abc import Awaitable, Callable
from typing import Any

from domain.actor import Role
from domain.deployment import Deployment
from domain.escalation import EscalationPolicy
from domain.grouping import Group
from domain.schedule import Schedule
from domain.server import Server
from domain.service import Service
from domain.team import Team
from storage.audit import AuditRow
from storage.postmortems import ActionItem
from storage.scope import Scope
from storage.views import (
    alerts,
    approvals,
    audit,
    catalog,
    incidents,
    oncall,
    pages,
    people,
    postmortems,
    runbooks,
    runs,
)
from storage.views.listing import Cut, Listing
from web.resources.resource import ListView, OneView, Resource


class IncidentQuery(incidents.IncidentFilter, Cut):
    """Which incidents, and which part of them."""


class AlertQuery(alerts.AlertFilter, Cut):
    """Which alerts, and which part of them."""


class DeploymentQuery(catalog.DeploymentFilter, Cut):
    """Which deployments, and which part of them."""


class ApprovalQuery(approvals.ApprovalFilter, Cut):
    """Which approvals, and which part of them."""


class RunQuery(runs.RunFilter, Cut):
    """Which runs, and which part of them."""


class PostmortemQuery(postmortems.PostmortemFilter, Cut):
    """Which postmortems, and which part of them."""


class ActionQuery(postmortems.ActionFilter, Cut):
    """Which action items, and which part of them."""


class AuditQuery(audit.AuditFilter, Cut):
    """Which rows, and which part of them."""


def _listed(view: Callable[[Scope, Cut], Awaitable[Listing[Any]]]) -> ListView:
    """A list that is the same for every reader."""
    return lambda scope, _viewer, cut: view(scope, cut)


def _shown(view: Callable[[Scope, str], Awaitable[Any]]) -> OneView:
    """One thing that is the same for every reader."""
    return lambda scope, _viewer, key: view(scope, key)


async def _on_call(scope: Scope, _viewer: str | None, _cut: Cut) -> Listing[oncall.OnCallView]:
    return Listing(items=await oncall.now(scope))


async def _my_pages(scope: Scope, viewer: str | None, _cut: Cut) -> Listing[pages.PageView]:
    return Listing(items=await pages.pending(scope, viewer or ""))


RESOURCES = (
    Resource(
        "incidents",
        incidents.IncidentView,
        lambda scope, viewer, query: incidents.listed(scope, viewer, query, query),
        incidents.shown,
        IncidentQuery,
    ),
    Resource(
        "alerts",
        alerts.AlertView,
        lambda scope, viewer, query: alerts.listed(scope, viewer, query, query),
        alerts.shown,
        AlertQuery,
    ),
    Resource("alert-groups", Group, alerts.groups, alerts.group),
    Resource("services", Service, _listed(catalog.services), _shown(catalog.service)),
    Resource("components", catalog.Component, catalog.components, catalog.component),
    Resource(
        "deployments",
        Deployment,
        lambda scope, _viewer, query: catalog.deployments(scope, query, query),
        _shown(catalog.deployment),
        DeploymentQuery,
    ),
    Resource(
        "approvals",
        approvals.ApprovalView,
        lambda scope, viewer, query: approvals.listed(scope, viewer, query, query),
        approvals.shown,
        ApprovalQuery,
        Role.VIEWER,
    ),
    Resource("servers", Server, _listed(catalog.servers), _shown(catalog.server), role=Role.VIEWER),
    Resource("schedules", Schedule, _listed(catalog.schedules), _shown(catalog.schedule)),
    Resource("policies", EscalationPolicy, _listed(catalog.policies), _shown(catalog.policy)),
    Resource("users", people.UserView, _listed(people.listed), _shown(people.shown)),
    Resource("teams", Team, _listed(catalog.teams), _shown(catalog.team)),
    Resource(
        "postmortems",
        postmortems.PostmortemView,
        lambda scope, viewer, query: postmortems.listed(scope, viewer, query, query),
        postmortems.shown,
        PostmortemQuery,
    ),
    Resource(
        "action-items",
        ActionItem,
        lambda scope, viewer, query: postmortems.action_list(scope, viewer, query, query),
        postmortems.action,
        ActionQuery,
    ),
    Resource(
        "audit",
        AuditRow,
        lambda scope, viewer, query: audit.listed(scope, viewer, query, query),
        audit.shown,
        AuditQuery,
        Role.ADMIN,
    ),
    Resource(
        "runs",
        runs.RunView,
        lambda scope, viewer, query: runs.listed(scope, viewer, query, query),
        runs.shown,
        RunQuery,
        Role.VIEWER,
    ),
    Resource(
        "automation/runbooks",
        runbooks.RunbookView,
        _listed(runbooks.listed),
        _shown(runbooks.shown),
    ),
    Resource("pages", pages.PageView, _my_pages),
    Resource("notifications/on-call/schedule", oncall.OnCallView, _on_call),
    Resource("notifications/escalation-policies", EscalationPolicy, _listed(catalog.policies)),
)
