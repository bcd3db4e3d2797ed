"""Approvals: a call that waits, bound to its exact plan, until somebody else has agreed to it."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from pydantic import JsonValue

from domain.actor import Actor, Role, Scope
from domain.authorize import Decision, roles_of, suffices
from domain.base import Frozen
from domain.call import Call, Origin
from domain.guard import Guard, described, named
from domain.incident import Incident
from domain.plan import Plan

ApprovalStatus = Literal["pending", "granted", "denied", "expired", "executed"]
GrantKind = Literal["approval", "break_glass", "self_confirm"]
OTHERS = "page another approver"
REST = "Page another approver."
WAIT_BEFORE_BREAKING = timedelta(minutes=3)
NEXT_APPROVER = timedelta(minutes=2)
SHORT = 8
ROLLBACK = "rollback start"
Conditions = Iterator[tuple[bool, str]]


class Held(Frozen):
    """The call that waits: its arguments as they were given, who asked by which rights, where."""

    command: str
    args: dict[str, JsonValue]
    by: str
    scopes: frozenset[Scope]
    origin: Origin

    def call(self, actor: Actor, approved: str) -> Call:
        """The call to carry out, for ``actor`` as their rights are now."""
        return Call(
            command=self.command,
            args=dict(self.args),
            actor=actor,
            origin=self.origin,
            approved=approved,
        )


class ApprovalGrant(Frozen):
    """Somebody agreed; ``break_glass`` and ``self_confirm`` are no approval, and say so."""

    by: str
    at: datetime
    kind: GrantKind = "approval"
    reason: str = ""


class Approval(Frozen):
    """``line`` is the call as people type it. ``paged`` are the pages it made, oldest first.

    ``reason`` says why it ended where the status alone does not.
    """

    id: str
    number: int
    held: Held
    line: str
    plan: Plan
    plan_hash: str
    guard: Guard
    incident: str | None = None
    grants: tuple[ApprovalGrant, ...] = ()
    status: ApprovalStatus = "pending"
    reason: str = ""
    paged: tuple[str, ...] = ()
    asked_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None

    @property
    def asked_by(self) -> str:
        """The person whose call it is."""
        return self.held.by

    @property
    def subject(self) -> str:
        """Where its facts stand: on the incident's timeline where there is one."""
        return f"incident:{self.incident}" if self.incident else f"approval:{self.id}"

    @property
    def short_hash(self) -> str:
        """The beginning of the plan's hash, as cards show it."""
        return self.plan_hash[:SHORT]

    @property
    def missing(self) -> int:
        """How many grants are still needed."""
        return self.guard.needs - len(self.grants)


class Glass(Frozen):
    """Breaking glass: the service as it was typed, and how long ago a login may be."""

    service: str
    step_up: timedelta


def hash_of(held: Held, plan: Plan, guard: Guard) -> str:
    """One hash over everything a grant agrees to: who, what, its plan, and the guard's terms."""
    bound = {
        "command": held.command,
        "args": held.args,
        "by": held.by,
        "plan": plan.bound,
        "guard": guard.model_dump(mode="json"),
    }
    return hashlib.sha256(json.dumps(bound, sort_keys=True).encode()).hexdigest()


def may_approve(
    guard: Guard, held: Held, actor: Actor, of_team: str | None, about: str | None
) -> Decision:
    """Whether ``actor``, who belongs to ``of_team``, may agree to a call about a team.

    A bot, a guest and an account that is linked to nobody never may, nor whoever asked: all
    accounts of a person are that one person.
    """
    if actor.bot or actor.user is None:
        return _no("Only a person who is known to Tocsin can approve: type /me link first.")
    if actor.user == held.by:
        return _no("You asked for this yourself: somebody else has to approve it.")
    if not _responds(actor, about):
        return _no("Approving needs at least the role responder: ask one of them.")
    if not any(one.means(actor, of_team, about) for one in guard.approvers):
        return _no(f"{described(guard)} is approved by {named(guard.approvers)}, not by you.")
    return Decision(allowed=True, reason=f"named as approver: {named(guard.approvers)}")


def may_confirm_alone(held: Held, actor: Actor, *, chosen: bool) -> Decision:
    """A team of one may confirm its own rollbacks, where the installation has ``chosen`` that."""
    if actor.bot or actor.user != held.by or held.command != ROLLBACK:
        return _no("Only the person who asked can confirm, and only a rollback: ask them.")
    if not chosen:
        return _no("You asked for this yourself: somebody else has to approve it.")
    return Decision(allowed=True, reason="approvals.rollback is self_confirm")


def may_break_glass(
    approval: Approval, incident: Incident | None, actor: Actor, glass: Glass, now: datetime
) -> Decision:
    """Whether this may go on without an answer (rules.md 4): a rollback at night, little else."""
    told = (
        why
        for holds, why in (
            *_of_the_plan(approval, now),
            *_of_the_hour(incident, actor),
            *_of_the_person(approval, actor, glass, now),
        )
        if not holds
    )
    broken = Decision(allowed=True, reason="reversible, SEV1 or SEV2, no answer, just logged in")
    return next((_no(why) for why in told), broken)


def _of_the_plan(approval: Approval, now: datetime) -> Conditions:
    waited = now - approval.asked_at >= WAIT_BEFORE_BREAKING
    yield approval.held.command == ROLLBACK, f"Glass can be broken for a rollback only: {OTHERS}."
    undone = approval.guard.danger == "reversible"
    yield undone, f"Glass can be broken for what can be undone only: {OTHERS}."
    because = approval.plan.because or "nothing is known of what it undoes"
    by_facts = approval.plan.danger == "reversible"
    yield by_facts, f"Glass can be broken only for what surely can be undone: {because}. {REST}"
    yield waited, "Wait 3 minutes for an answer first: the approvers are being paged."


def _of_the_hour(incident: Incident | None, actor: Actor) -> Conditions:
    pressing = incident is not None and incident.open and incident.severity.major
    taken = incident is not None and actor.user in incident.responders
    yield pressing, f"Glass can be broken during an open SEV1 or SEV2 only: {OTHERS}."
    yield taken, "Only whoever has acknowledged the incident can break glass: ask them."


def _of_the_person(approval: Approval, actor: Actor, glass: Glass, now: datetime) -> Conditions:
    login = actor.logged_in_at
    fresh = login is not None and now - login <= glass.step_up
    minutes = glass.step_up // timedelta(minutes=1)
    again = f"Log in to the dashboard again and type it there within {minutes} minutes."
    yield not actor.bot and actor.user is not None, "Only a person can break glass: ask one."
    yield fresh, again
    yield glass.service == approval.plan.service, "Type the name of the service exactly."


def _responds(actor: Actor, about: str | None) -> bool:
    return any(suffices(one, Role.RESPONDER) for one in roles_of(actor, about))


def _no(reason: str) -> Decision:
    return Decision(allowed=False, reason=reason)
