"""Paging: an escalation's step comes due, people are rung, and rung again until they answer."""

from collections.abc import Iterable
from datetime import datetime

from domain.escalation import Advance, EscalationPolicy, Round, advance, round_at
from domain.incident import Incident
from domain.paging import (
    Cause,
    Escalate,
    Escalation,
    EscalationExhausted,
    EscalationStepped,
    NobodyToPage,
    Page,
    PageLow,
    Reason,
    RingSnoozed,
    WatchAcknowledgement,
)
from domain.rest import low_time
from domain.step_condition import Matter, longest_count, settled
from domain.when import in_words
from jobs.channels import tell_others
from jobs.registry import Reaction
from jobs.ringing import ring_on
from storage.roster import Duty
from storage.unit import Unit


async def escalate(unit: Unit, job: Escalate) -> None:
    """Ring whoever the due steps name, and owe the next step."""
    incident = await unit.incidents.need(job.incident)
    escalation = await unit.escalations.need(job.escalation)
    if escalation.state in ("stopped", "paused") or escalation.n != job.n or not incident.open:
        return
    escalation = await _counted(unit, incident, escalation)
    policy = EscalationPolicy.model_validate(escalation.policy)
    step = advance(policy, escalation.n, escalation.due or unit.now, unit.now)
    await _tell(unit, incident, escalation, step)
    people = await _people(unit, incident, step)
    for duty in people:  # before any page, as bundles do: one order of locks
        await unit.bundles.for_person(duty.user)
    await unit.pages.overtake(*_of(escalation, await unit.pages.ringing(incident.id)))
    following = await _following(unit, policy, step)
    for duty in people:
        page = await _page(unit, incident, escalation, duty, (step, following))
        await unit.pager.page(page, Reason(asked=job.asked))
    await tell_others(unit, incident, escalation, step)
    if people or step.exhausted:
        await _go_on(unit, escalation, step, step.next_due)
    else:
        await _go_on(unit, escalation, step, unit.now, asked=job.asked)


async def _counted(unit: Unit, incident: Incident, escalation: Escalation) -> Escalation:
    """With what hangs on how many alerts came settled too: all that came together are known now,
    and nobody has been rung yet."""
    policy = EscalationPolicy.model_validate(escalation.policy)
    if escalation.n or (reach := longest_count(policy)) is None:
        return escalation
    since = escalation.created_at
    begun = await unit.alerts.begun(incident.service, incident.id, since - reach)
    matter = Matter(severity=incident.severity, service=incident.service, alerts=begun, since=since)
    frozen = settled(policy, matter, escalation.due or since)
    return await unit.escalations.save(
        escalation.model_copy(update={"policy": frozen.model_dump(mode="json")})
    )


async def _tell(unit: Unit, incident: Incident, escalation: Escalation, step: Advance) -> None:
    """The first step is the page itself; later ones are news for the incident's room."""
    policy = escalation.policy["name"]
    if step.exhausted and escalation.state != "exhausted":
        exhausted = EscalationExhausted(escalation=escalation.id)
        fact = await unit.facts.add(incident.subject, exhausted)
        await unit.incidents.announce(incident, fact)
    elif escalation.n > 0:
        said = step.rounds[-1].reason
        stepped = EscalationStepped(escalation=escalation.id, policy=policy, step=said)
        fact = await unit.facts.add(incident.subject, stepped)
        if not step.exhausted:
            await unit.incidents.announce(incident, fact)


async def _people(unit: Unit, incident: Incident, step: Advance) -> tuple[Duty, ...]:
    found: dict[str, Duty] = {}
    for one in step.rounds:
        duties = await unit.roster.at_round(one, unit.now)
        if not duties:
            empty = NobodyToPage(step=one.reason, reason=_why_nobody(one))
            await unit.facts.add(incident.subject, empty)
        for duty in duties:
            found.setdefault(duty.user, duty)
    if not found and step.exhausted:
        return in_turn(await unit.roster.admins())
    return in_turn(found.values())


def _why_nobody(one: Round) -> str:
    """Channels and webhooks are told beside people, and reach nobody by themselves."""
    if any(target.rings for target in one.targets):
        return "nobody is on call or active there"
    return "only channels and webhooks are told there"


def in_turn(duties: Iterable[Duty]) -> tuple[Duty, ...]:
    """In one order for every policy: two that page the same people wait for one another."""
    return tuple(sorted(duties, key=lambda duty: duty.user))


async def _following(unit: Unit, policy: EscalationPolicy, step: Advance) -> tuple[str, ...]:
    upcoming = round_at(policy, step.next_n, step.next_due)
    duties = await unit.roster.at_round(upcoming, step.next_due)
    return tuple([await _name(unit, duty.user) for duty in duties])


async def _page(
    unit: Unit,
    incident: Incident,
    escalation: Escalation,
    duty: Duty,
    plan: tuple[Advance, tuple[str, ...]],
) -> Page:
    """A page to one person; an older page of theirs for this incident gives way to the new one."""
    step, following = plan
    for older in await unit.pages.ringing(incident.id, duty.user):
        await unit.pages.end(older, "expired", "tocsin")
    return Page(
        id=unit.ids.new(),
        incident=incident.id,
        user=duty.user,
        escalation=escalation.id,
        step=step.rounds[-1].n,
        urgency="high",
        why=duty.why,
        next=", ".join(following) or None,
        next_at=step.next_due,
        late_s=int(step.late.total_seconds()),
        created_at=unit.now,
    )


async def _go_on(
    unit: Unit, escalation: Escalation, step: Advance, due: datetime, *, asked: bool = False
) -> None:
    """Owe the next step; a step that reached nobody is followed at once by the next."""
    changed = escalation.model_copy(
        update={
            "n": step.next_n,
            "due": due,
            "state": "exhausted" if step.exhausted else "running",
        }
    )
    await unit.escalations.owe(await unit.escalations.save(changed), asked=asked)


def _of(escalation: Escalation, pages: tuple[Page, ...]) -> tuple[Page, ...]:
    return tuple(page for page in pages if page.escalation == escalation.id)


async def _name(unit: Unit, user: str) -> str:
    person = await unit.people.get(user)
    return person.name if person else user


async def page_low(unit: Unit, job: PageLow) -> None:
    """Something that can wait: one quiet page to each who is on call, in their working hours."""
    incident = await unit.incidents.need(job.incident)
    if incident.status != "triggered" or incident.urgency == "high":
        return
    policy = await unit.catalog.policies.get(incident.policy or "")
    first = await unit.roster.at_round(round_at(policy, 0, unit.now), unit.now) if policy else ()
    told = {page.user for page in await unit.pages.of(incident.id)}
    later: list[datetime] = []
    for duty in in_turn(first or await unit.roster.admins()):
        if duty.user in told:
            continue
        person = await unit.people.need(duty.user)
        opens = low_time(unit.now, person.quiet_hours, person.timezone)
        if opens > unit.now:
            later.append(opens)
        else:
            await unit.pager.page(_quiet(unit, incident, duty))
    if later:
        await owe_low(unit, incident, min(later))


def _quiet(unit: Unit, incident: Incident, duty: Duty) -> Page:
    return Page(
        id=unit.ids.new(),
        incident=incident.id,
        user=duty.user,
        escalation=None,
        step=0,
        urgency="low",
        why=duty.why,
        created_at=unit.now,
    )


async def owe_low(unit: Unit, incident: Incident, due: datetime | None = None) -> None:
    """Owe the quiet pages of something that can wait, once for each person."""
    job = PageLow(incident=incident.id)
    await unit.jobs.add(job, due=due, key=f"~low:{incident.id}", subject=incident.subject)


async def go_on(unit: Unit, incident: Incident) -> None:
    """It fires, or fires again: what was held goes on, what was not is left as it is."""
    for page in await unit.pages.ringing(incident.id):
        await ring_on(unit, page)
    await unit.escalations.resume(incident)
    if incident.urgency == "low":
        await owe_low(unit, incident)


async def watch(unit: Unit, job: WatchAcknowledgement) -> None:
    """Nothing done for so long after the ack: ring that person first, then the policy.

    Who has handed it back meanwhile is not asked.
    """
    incident = await unit.incidents.need(job.incident)
    if not incident.open or not incident.severity.major or job.user not in incident.people:
        return
    last = await unit.facts.last_by(incident.subject, job.user)
    silence = await unit.catalog.ack_timeout(incident.policy)
    quiet_until = (last or unit.now) + silence
    if quiet_until > unit.now:
        await unit.jobs.add(job, due=quiet_until, subject=incident.subject)
        return
    cause = f"no update for {in_words(silence)} after the ack"
    await ring_again(unit, incident, job.user, cause)


async def ring_snoozed(unit: Unit, job: RingSnoozed) -> None:
    """The time has come that somebody asked to be rung at, if it is still theirs."""
    incident = await unit.incidents.need(job.incident)
    if incident.open and job.user in incident.people:
        await ring_again(unit, incident, job.user, "the snooze is over")


async def ring_again(unit: Unit, incident: Incident, user: str, cause: str) -> None:
    """Ring an acknowledged incident: its responder first, five minutes later somebody else."""
    policy = await unit.catalog.policy_or_admins(incident.policy)
    others = await unit.roster.beyond(policy, user, unit.now)
    await unit.escalations.again(incident, user, others, Cause(text=cause))


ESCALATE = Reaction(Escalate, escalate)
PAGE_LOW = Reaction(PageLow, page_low)
WATCH = Reaction(WatchAcknowledgement, watch)
RING_SNOOZED = Reaction(RingSnoozed, ring_snoozed)
