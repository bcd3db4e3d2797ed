"""A unit of work: every repository over one transaction."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property

from sqlalchemy import text

from domain.incident import Incident
from domain.scrub import without
from storage.absences import Absences
from storage.account_linking import LinkCodes
from storage.alerts import AlertGroups, Alerts, Deliveries
from storage.approvals import Approvals, Guards
from storage.approvers import Approvers
from storage.audit import Audit
from storage.bundles import Bundles
from storage.calendars import Calendars
from storage.calls import Calls
from storage.cards import Cards
from storage.catalog import Catalog
from storage.chats import Conversations, Links, Requests
from storage.console import Console
from storage.contact_verification import ContactCodes
from storage.contacts import Contacts
from storage.deploys import ToldDeployments
from storage.facts import Facts
from storage.feeds import Feeds
from storage.freezes import Freezes
from storage.handoffs import Handoffs
from storage.incidents import Incidents
from storage.jobs import Jobs
from storage.models import ModelCalls
from storage.numbers import Numbers
from storage.outages import Outages, Refusals
from storage.pager import Pager
from storage.paging import Escalations, Pages
from storage.people import People
from storage.postmortems import ActionItems, Postmortems
from storage.reachability import ReachTests
from storage.rollbacks import Rollbacks
from storage.roster import Roster
from storage.runbook_suggestions import RunbookSuggestions
from storage.runs import Runs
from storage.safe_mode import SafeModes
from storage.scope import Scope
from storage.settings import Settings
from storage.storms import Storms
from storage.suspects import Suspects
from storage.swaps import Swaps


class Unit:
    """One transaction. What it reads is one state; what it writes commits together."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.now = scope.now
        self.ids = scope.ids
        self.by = scope.by
        self.installation = scope.installation

    @cached_property
    def audit(self) -> Audit:
        """The audit trail."""
        return Audit(self.scope)

    @cached_property
    def facts(self) -> Facts:
        """What happened."""
        return Facts(self.scope, self.audit)

    @cached_property
    def jobs(self) -> Jobs:
        """What is owed."""
        return Jobs(self.scope)

    @cached_property
    def incidents(self) -> Incidents:
        """The incidents."""
        return Incidents(self.scope, self.facts, self.jobs)

    @cached_property
    def escalations(self) -> Escalations:
        """Policies at work."""
        return Escalations(self.scope, self.facts, self.jobs)

    @cached_property
    def pages(self) -> Pages:
        """Pages and rings."""
        return Pages(self.scope, self.facts, self.jobs, self.bundles)

    @cached_property
    def bundles(self) -> Bundles:
        """Pages that ring together."""
        return Bundles(self.scope, self.jobs)

    @cached_property
    def pager(self) -> Pager:
        """Paging one person."""
        return Pager(self.people, self.roster, self.incidents, self.pages)

    @cached_property
    def swaps(self) -> Swaps:
        """Times on call that were offered to others."""
        return Swaps(self.scope, self.facts, self.jobs, self.catalog.schedules)

    @cached_property
    def handoffs(self) -> Handoffs:
        """Changes of shift."""
        return Handoffs(self.scope, self.jobs, self.people)

    @cached_property
    def absences(self) -> Absences:
        """When people are away."""
        return Absences(self.scope, self.facts)

    @cached_property
    def calendars(self) -> Calendars:
        """Calendars that are layers of schedules."""
        return Calendars(self.scope)

    @cached_property
    def feeds(self) -> Feeds:
        """Secret addresses of calendars."""
        return Feeds(self.scope, self.facts, self.people, self.catalog.schedules)

    @cached_property
    def guards(self) -> Guards:
        """Which commands wait for an approval."""
        return Guards(self.scope)

    @cached_property
    def approvals(self) -> Approvals:
        """Calls that wait for an approval."""
        return Approvals(self.scope, self.facts, self.jobs, self.pages)

    @cached_property
    def approvers(self) -> Approvers:
        """Who may approve."""
        return Approvers(self.people, self.roster, self.incidents, self.pages)

    @cached_property
    def rollbacks(self) -> Rollbacks:
        """Rollbacks that were released."""
        return Rollbacks(self.scope, self.facts, self.jobs, self.catalog)

    @cached_property
    def told_deployments(self) -> ToldDeployments:
        """What pipelines told."""
        return ToldDeployments(self.scope, self.catalog.deployments)

    @cached_property
    def suspects(self) -> Suspects:
        """What changed before incidents."""
        return Suspects(self.scope)

    @cached_property
    def freezes(self) -> Freezes:
        """Times in which nothing should be deployed."""
        return Freezes(self.scope, self.facts)

    @cached_property
    def runs(self) -> Runs:
        """Runs of runbooks."""
        return Runs(self.scope, self.facts, self.jobs)

    @cached_property
    def storms(self) -> Storms:
        """What shares one card."""
        return Storms(self.scope)

    @cached_property
    def alerts(self) -> Alerts:
        """Alerts and their episodes."""
        return Alerts(self.scope)

    @cached_property
    def groups(self) -> AlertGroups:
        """Alert groups."""
        return AlertGroups(self.scope)

    @cached_property
    def deliveries(self) -> Deliveries:
        """Raw deliveries."""
        return Deliveries(self.scope)

    @cached_property
    def catalog(self) -> Catalog:
        """Teams, services, schedules, policies, routes."""
        return Catalog(self.scope)

    @cached_property
    def runbook_suggestions(self) -> RunbookSuggestions:
        """Which runbook to look at first."""
        return RunbookSuggestions(self.catalog, self.alerts)

    @cached_property
    def people(self) -> People:
        """People, roles, tokens."""
        return People(self.scope)

    @cached_property
    def links(self) -> Links:
        """Whose an account on a chat platform is."""
        return Links(self.scope)

    @cached_property
    def link_codes(self) -> LinkCodes:
        """Codes by which accounts are linked."""
        return LinkCodes(self.scope)

    @cached_property
    def conversations(self) -> Conversations:
        """How outside chats find somebody again."""
        return Conversations(self.scope)

    @cached_property
    def outages(self) -> Outages:
        """Chat platforms that do not answer."""
        return Outages(self.scope, self.jobs)

    @cached_property
    def refusals(self) -> Refusals:
        """What chat platforms refuse."""
        return Refusals(self.scope, self.jobs)

    @cached_property
    def requests(self) -> Requests:
        """Signed requests that were heard already."""
        return Requests(self.scope)

    @cached_property
    def roster(self) -> Roster:
        """Who is meant by a schedule, team or service."""
        return Roster(self.catalog, self.people, self.links, self.contacts)

    @cached_property
    def contacts(self) -> Contacts:
        """How people can be reached beside chat."""
        return Contacts(self.scope)

    @cached_property
    def contact_codes(self) -> ContactCodes:
        """Codes that verify contact methods."""
        return ContactCodes(self.scope)

    @cached_property
    def reach_tests(self) -> ReachTests:
        """Tests of the ways to people."""
        return ReachTests(self.scope)

    @cached_property
    def postmortems(self) -> Postmortems:
        """Postmortems."""
        return Postmortems(self.scope, self.jobs)

    @cached_property
    def action_items(self) -> ActionItems:
        """Action items."""
        return ActionItems(self.scope)

    @cached_property
    def console(self) -> Console:
        """The built-in chat's rooms and messages."""
        return Console(self.scope)

    @cached_property
    def cards(self) -> Cards:
        """Where living cards were posted."""
        return Cards(self.scope)

    @cached_property
    def calls(self) -> Calls:
        """Replies by idempotency key."""
        return Calls(self.scope)

    @cached_property
    def numbers(self) -> Numbers:
        """INC-1, ALR-7."""
        return Numbers(self.scope)

    @cached_property
    def models(self) -> ModelCalls:
        """Calls to language models."""
        return ModelCalls(self.scope)

    @cached_property
    def settings(self) -> Settings:
        """Small named values."""
        return Settings(self.scope)

    @cached_property
    def safe_mode(self) -> SafeModes:
        """Whether everything that acts outside is stopped."""
        return SafeModes(self.settings, self.facts, self.jobs)

    async def scrub(self, incident: Incident, words: str) -> None:
        """Remove redacted words wherever they were repeated: title, drafts, chat, model calls."""
        await self.console.scrub(words)
        await self.calls.scrub(words)
        await self.models.scrub(incident.id)
        await self.postmortems.scrub(incident.id, words)
        await self.action_items.scrub(incident.id, words)
        await self.pages.scrub(incident.id, words)
        await self.alerts.scrub(incident.id, words)
        await self.approvals.scrub(incident.id, words)
        told = {"title": incident.title, "impact": incident.impact}
        gone = {name: without(words, value) for name, value in told.items()}
        if gone != told:
            await self.incidents.save(incident.model_copy(update=gone))

    @asynccontextmanager
    async def rehearsal(self) -> AsyncIterator[None]:
        """Whatever is written within is taken back, and nobody is told of it."""
        scope, topics, wake = self.scope, set(self.scope.topics), self.scope.wake
        await scope.connection.execute(text("SAVEPOINT rehearsal"))
        try:
            yield
        finally:
            await scope.connection.execute(text("ROLLBACK TO SAVEPOINT rehearsal"))
            await scope.connection.execute(text("RELEASE SAVEPOINT rehearsal"))
            scope.topics, scope.wake = topics, wake

    @contextmanager
    def acting_for(self, person: str) -> Iterator[None]:
        """What is written within was asked for by ``person``, whoever allowed it."""
        self.by, self.scope.by, by = person, person, self.by
        try:
            yield
        finally:
            self.by = self.scope.by = by

    async def exclusively(self, name: str) -> None:
        """Let one transaction at a time past this line; SQLite has but one writer anyway."""
        await self.scope.exclusively(name)
