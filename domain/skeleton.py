"""The rule writer: a draft of the postmortem from facts alone, gaps written as questions."""

from collections.abc import Callable
from datetime import datetime, timedelta

from domain.alert import Alert
from domain.deployment import JUST_BEFORE, Deployment
from domain.incident_facts import (
    ImpactDescribed,
    IncidentAcknowledged,
    IncidentResolved,
    SeverityChanged,
    UpdatePosted,
)
from domain.lessons import action_items, went_well, went_wrong
from domain.paging import EscalationStepped, PageSent
from domain.postmortem import (
    RULES,
    ActionItem,
    Claim,
    Digest,
    Line,
    Postmortem,
    asked,
    durations,
    stated,
    timeline,
)
from domain.rollback_jobs import RollbackEnded
from domain.when import in_words

MOST_UPDATES = 3
MOST_CHANGES = 3
MINUTE = timedelta(minutes=1)


def skeleton(digest: Digest) -> Postmortem:
    """A draft by rules: what the facts say, and questions where they say nothing.

    Every sentence that is not a question stands in ``claims`` with the facts that carry it.
    """
    return assemble(digest, skeleton_parts(digest), RULES)


def skeleton_parts(digest: Digest) -> dict[str, tuple[Claim, ...]]:
    """Each section as claims and questions."""
    return {name: write(digest) for name, write in SECTIONS.items()}


def assemble(digest: Digest, parts: dict[str, tuple[Claim, ...]], written_by: str) -> Postmortem:
    """Put sections together; ``parts`` has every name of `SECTIONS`."""
    words = {name: tuple(part.sentence for part in section) for name, section in parts.items()}
    return Postmortem(
        incident=digest.incident.id,
        summary=" ".join(words["summary"]),
        impact=" ".join(words["impact"]),
        timeline=timeline(digest),
        contributing_factors=words["contributing_factors"],
        detection=" ".join(words["detection"]),
        resolution=" ".join(words["resolution"]),
        went_well=words["went_well"],
        went_wrong=words["went_wrong"],
        lucky=words["lucky"],
        action_items=_numbered(words["action_items"]),
        claims=tuple(part for name in SECTIONS for part in parts[name] if part.cites),
        written_by=written_by,
    )


def changes_near(digest: Digest) -> tuple[Deployment, ...]:
    """Deployments that ended within 30 minutes before the start, the same service first."""
    incident = digest.incident
    start = incident.impact_started_at or incident.detected_at
    near = [one for one in digest.deployments if _before(one, start)]
    near.sort(key=lambda one: (one.service != incident.service, _gap(one, start)))
    return tuple(near[:MOST_CHANGES])


def changed_just_before(digest: Digest, change: Deployment) -> str:
    """The sentence about ``change``: when and what, never that it was the cause."""
    incident = digest.incident
    gap = _gap(change, incident.impact_started_at or incident.detected_at)
    ago = f"{gap // MINUTE} min" if gap >= MINUTE else in_words(gap)
    same = "same service" if change.service == incident.service else "another service"
    return f"Changed just before: {change.service} {change.version}, {ago}, {same} ({change.id})."


def _numbered(texts: tuple[str, ...]) -> tuple[ActionItem, ...]:
    return tuple(ActionItem(id=f"draft-{n}", text=text) for n, text in enumerate(texts, 1))


def _summary(digest: Digest) -> tuple[Claim, ...]:
    incident = digest.incident
    took = durations(incident).resolve
    where = f" on {incident.service}" if incident.service else ""
    over = f" and resolved after {took.words}" if took else " and is not resolved"
    day = f"{incident.declared_at:%Y-%m-%d %H:%M} UTC"
    ends = (*digest.start, *digest.of(IncidentResolved.kind)[-1:])
    first = f"{incident.severity.value}{where}: “{incident.title}”, declared {day}{over}."
    return (stated(first, ends), *_alert_counts(digest), *_severities(digest))


def _alert_counts(digest: Digest) -> tuple[Claim, ...]:
    if not digest.alerts:
        return ()
    first = min(digest.alerts, key=lambda alert: alert.starts_at)
    count = len(digest.alerts)
    alerts = "1 alert" if count == 1 else f"{count} alerts"
    sentence = f"{alerts} came in, the first {first.name} at {_clock(first.starts_at)}."
    return (stated(sentence, digest.start),)


def _severities(digest: Digest) -> tuple[Claim, ...]:
    changed = digest.of(SeverityChanged.kind)
    if not changed:
        return ()
    steps = [changed[0].entry.payload["old"], *(one.entry.payload["new"] for one in changed)]
    went = " → ".join(str(step) for step in steps)
    return (stated(f"Severity went {went}.", changed),)


def _impact(digest: Digest) -> tuple[Claim, ...]:
    described = tuple(_quote(digest, line) for line in digest.of(ImpactDescribed.kind))
    incident = digest.incident
    parts = list(described)
    if incident.impact_started_at and incident.mitigated_at:
        length = in_words(incident.mitigated_at - incident.impact_started_at)
        sentence = f"From the start of the impact to mitigation it took {length}."
        parts.append(stated(sentence, digest.start))
    parts.append(asked(HOW_MANY if described else WHAT_USERS_SAW))
    return tuple(parts)


def _detection(digest: Digest) -> tuple[Claim, ...]:
    return (_found_by(digest), _time_to_detect(digest), *_paged(digest), _acknowledged(digest))


def _found_by(digest: Digest) -> Claim:
    """Who or what began it, never merely what fired first: a symptom may be older."""
    at, alert = _clock(digest.incident.declared_at), _opening(digest)
    by = digest.start[0].entry.by if digest.start else digest.incident.source
    if by in digest.names or not alert:
        also = "no alert is linked to it"
        if alert:
            also = f"of its alerts {alert.name} was the first, at {_clock(alert.starts_at)}"
        return stated(f"Declared by {digest.name(by)} at {at}; {also}.", digest.start)
    sentence = f"Found by {alert.source}: {alert.name} fired at {_clock(alert.starts_at)}."
    return stated(sentence, digest.start)


def _opening(digest: Digest) -> Alert | None:
    """The alert that opened it, else the one that fired first."""
    opened = [one for one in digest.alerts if one.verdict and one.verdict.action == "opened"]
    return min(opened or digest.alerts, key=lambda one: one.starts_at, default=None)


def _time_to_detect(digest: Digest) -> Claim:
    took = durations(digest.incident).detect
    if took is None:
        return asked(WHEN_DID_IT_BEGIN)
    return stated(f"Time to detect: {took.words}.", digest.start)


def _paged(digest: Digest) -> tuple[Claim, ...]:
    pages = digest.of(PageSent.kind)
    if not pages:
        return ()
    who = [
        f"{digest.name(page.entry.payload.get('person'))} at {_clock(page.entry.at)}"
        for page in _first_of_each(pages)
    ]
    told = stated(f"Paged: {', '.join(who)}.", pages)
    steps = digest.of(EscalationStepped.kind)
    if not steps:
        return (told,)
    more = "1 further step was" if len(steps) == 1 else f"{len(steps)} further steps were"
    return (told, stated(f"Without an answer, {more} rung.", steps))


def _acknowledged(digest: Digest) -> Claim:
    took = durations(digest.incident).acknowledge
    acks = digest.of(IncidentAcknowledged.kind)
    if not acks:
        return stated("Nobody acknowledged it.", digest.start)
    after = f" after {took.words}" if took else ""
    who = digest.name(acks[0].entry.by)
    return stated(f"Acknowledged by {who}{after}.", acks[:1])


def _resolution(digest: Digest) -> tuple[Claim, ...]:
    updates = digest.of(UpdatePosted.kind)[-MOST_UPDATES:]
    ends = digest.of(IncidentResolved.kind)[-1:]
    parts = [_quote(digest, update) for update in updates]
    took = durations(digest.incident)
    if took.mitigate and took.mitigate != took.resolve:
        carried = updates[-1:] or digest.start
        parts.append(stated(f"Mitigated after {took.mitigate.words}.", carried))
    parts.extend(_rolled_back(line) for line in digest.of(RollbackEnded.kind))
    parts.extend(_closing(digest, line) for line in ends)
    if not any(line.entry.text for line in ends):
        parts.append(asked(WHAT_ENDED_IT))
    return tuple(parts)


def _rolled_back(line: Line) -> Claim:
    told = line.entry.payload
    target = f"{told['service']} {told['environment']} to {told['good']}"
    how = HOW_IT_ENDED.get(str(told["state"]), str(told["state"]))
    return stated(f"Rollback of {target}: {how} at {_clock(line.entry.at)}.", (line,))


def _closing(digest: Digest, line: Line) -> Claim:
    took = durations(digest.incident).resolve
    after = f" after {took.words}" if took else ""
    how = str(line.entry.payload.get("resolution", "fixed")).replace("_", " ")
    remark = f": {_sentence(line.entry.text)}" if line.entry.text else "."
    sentence = f"Resolved by {digest.name(line.entry.by)}{after} as {how}{remark}"
    return stated(sentence, (line,))


def _contributing(digest: Digest) -> tuple[Claim, ...]:
    told = tuple(
        stated(changed_just_before(digest, change), digest.start) for change in changes_near(digest)
    )
    doubt = (asked(DID_IT_MATTER),) if told else ()
    return (*told, *doubt, asked(WHICH_CONDITIONS))


def _lucky(digest: Digest) -> tuple[Claim, ...]:
    volunteers = [
        ack
        for ack in digest.of(IncidentAcknowledged.kind)
        if ack.entry.payload["was_paged"] is False
    ]
    told = tuple(
        stated(f"{digest.name(ack.entry.by)} took it without having been paged.", (ack,))
        for ack in volunteers[:1]
    )
    return (*told, asked(WHERE_LUCKY))


def _quote(digest: Digest, line: Line) -> Claim:
    who, text = digest.name(line.entry.by), _sentence(line.entry.text or "(redacted)")
    return stated(f"{who}, {_clock(line.entry.at)}: {text}", (line,))


def _first_of_each(pages: tuple[Line, ...]) -> tuple[Line, ...]:
    """One page per person: rings again are not news."""
    people: dict[str, Line] = {}
    for page in pages:
        people.setdefault(str(page.entry.payload.get("person")), page)
    return tuple(people.values())


def _before(change: Deployment, start: datetime) -> bool:
    return change.finished_at is not None and timedelta() <= _gap(change, start) <= JUST_BEFORE


def _gap(change: Deployment, start: datetime) -> timedelta:
    return start - (change.finished_at or change.started_at)


def _clock(at: datetime) -> str:
    return f"{at:%H:%M} UTC"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


HOW_IT_ENDED = {"done": "done", "failed": "it failed", "unknown": "nobody saw its end"}
WHAT_USERS_SAW = "What did users notice, how many of them, and for how long?"
HOW_MANY = "How many users or requests were affected, in figures?"
WHEN_DID_IT_BEGIN = "When did the impact begin? Set it with /incident times for the time to detect."
WHAT_ENDED_IT = "What ended it, and how do we know that it stays fixed?"
DID_IT_MATTER = "Did this change matter? What shows it?"
WHICH_CONDITIONS = (
    "Which conditions made this possible? Look at systems, defaults and missing checks."
)
WHERE_LUCKY = (
    "Where were we lucky? What would have made it worse: more load, another hour, somebody away?"
)

SECTIONS: dict[str, Callable[[Digest], tuple[Claim, ...]]] = {
    "summary": _summary,
    "impact": _impact,
    "contributing_factors": _contributing,
    "detection": _detection,
    "resolution": _resolution,
    "went_well": went_well,
    "went_wrong": went_wrong,
    "lucky": _lucky,
    "action_items": action_items,
}
