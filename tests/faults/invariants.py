"""The invariants, one checker for each: from evidence to complaints, none where it holds.

The identifiers are those of the design's list: I1 accepted is durable, I2 no page is lost, I3 no
page comes twice, I4 pages come on time, I5 an answer stops the ringing, I6 the newest event wins,
I7 the audit trail is complete.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.alert import Alert, Signal
from domain.escalation import EscalationPolicy
from domain.incident import Incident, Status
from domain.paging import Escalation, Page
from tests.faults.evidence import Evidence, Happened, Owed, Post
from tests.faults.ledger import Accepted, Answered, Started, Stopped

Checker = Callable[[Evidence], Iterator[str]]
Round = list[Page]
ON_TIME = timedelta(seconds=5)
AFTER_OUTAGE = timedelta(seconds=10)
MINUTE = timedelta(minutes=1)
TOGETHER = ("close_bundle", "list_bundle", "ring_bundle")


def broken(seen: Evidence, *checkers: Checker) -> list[str]:
    """What ``checkers`` (all where none is named) have to complain about."""
    return [
        f"{checker.__name__}: {complaint}"
        for checker in checkers or ALL
        for complaint in checker(seen)
    ]


# --- I1


def i1_accepted_is_durable(seen: Evidence) -> Iterator[str]:
    """What a sender was told is on disk is there."""
    for accepted in seen.ledger.of(Accepted):
        if accepted.delivery not in seen.deliveries:
            yield f"delivery {accepted.delivery} is missing"


# --- I2


def i2_no_page_is_lost(seen: Evidence) -> Iterator[str]:
    """Each page reached its person's room or was recorded as failed and followed by another."""
    for page in seen.pages:
        if not (_reached(seen, page) or _still_owed(seen, page) or _needless(seen, page)):
            yield f"page {page.id} of {page.incident} never reached {page.user}"


def i2_somebody_is_next(seen: Evidence) -> Iterator[str]:
    """Wherever nobody has answered yet, the next step waits; where all is quiet, its end does."""
    for incident in seen.incidents:
        if _rings(seen, incident) and not (_goes_on(seen, incident) or _held(seen, incident)):
            yield f"{incident.id} is unanswered and nothing more would happen"
    for page in seen.pages:
        if _asks_on(seen, page) and not _still_owed(seen, page):
            yield f"page {page.id} asked {page.user} directly and rings no more"


def _asks_on(seen: Evidence, page: Page) -> bool:
    """Whether somebody was asked directly, and neither answered nor has it ended."""
    unanswered = page.escalation is None and page.urgency == "high" and page.state == "sent"
    incident = _incident(seen, page)
    return unanswered and incident.open and not _held(seen, incident)


def _reached(seen: Evidence, page: Page) -> bool:
    return any(post.room == f"dm-{page.user}" for post in seen.posts_of[page.id])


def _still_owed(seen: Evidence, page: Page) -> bool:
    """A ring waits, its own or that of several; where it is due already, that is I4's matter."""
    together = [job for kind in TOGETHER for job in seen.owed(kind, f"bundle:{page.bundle}")]
    return bool(seen.owed("ring_page", f"page:{page.id}") or together)


def _needless(seen: Evidence, page: Page) -> bool:
    """It was answered by other means, or gave way; or the channel refused and others follow."""
    if page.state in ("acked", "passed"):
        return True
    later = [one for one in seen.pages_of[page.incident] if one.id > page.id]
    if page.state == "expired":
        return (
            page.ended_by != "tocsin"
            or any(one.user == page.user for one in later)
            or (_incident(seen, page).status is Status.RESOLVED)
        )
    failed = [ring for ring in seen.rings if ring.page == page.id and ring.result == "failed"]
    if failed:
        return _followed(seen, page, later)
    return _held(seen, _incident(seen, page))


def _followed(seen: Evidence, page: Page, later: list[Page]) -> bool:
    """Somebody was paged instead, or there is nobody beyond the last resort."""
    exhausted = any(
        one.id == page.escalation and one.state != "running" for one in seen.escalations
    )
    return bool(later) or exhausted or page.escalation is None


def _incident(seen: Evidence, page: Page) -> Incident:
    return next(one for one in seen.incidents if one.id == page.incident)


def _rings(seen: Evidence, incident: Incident) -> bool:
    begun = any(one.incident == incident.id for one in seen.escalations)
    return begun and incident.status is Status.TRIGGERED


def _goes_on(seen: Evidence, incident: Incident) -> bool:
    running = {one.id: one.n for one in _running(seen, incident)}
    return any(
        running.get(job.payload["escalation"]) == job.payload["n"]
        for job in seen.owed("escalate", incident.subject)
    )


def _running(seen: Evidence, incident: Incident) -> list[Escalation]:
    found = [one for one in seen.escalations if one.incident == incident.id]
    return [one for one in found if one.state != "stopped"]


def _held(seen: Evidence, incident: Incident) -> bool:
    firing = [one for one in seen.alerts if one.incident == incident.id and one.status == "firing"]
    return not firing and bool(seen.owed("watch_resolved", incident.subject))


# --- I3


def i3_once_per_ring(seen: Evidence) -> Iterator[str]:
    """One message for each ring key."""
    counted = Counter(post.key for post in seen.posts if post.page or post.bundle)
    yield from (f"{key} was posted {count} times" for key, count in counted.items() if count > 1)


def i3_never_too_often(seen: Evidence) -> Iterator[str]:
    """A page rings at once and then at most once a minute."""
    for name, posts in seen.posts_of.items():
        page = seen.page.get(name)
        if not posts:
            continue
        if page is None:
            yield f"{posts[0].key} belongs to no page"
            continue
        minutes = (posts[-1].at - page.created_at) // MINUTE
        if len(posts) > 1 + minutes:
            yield f"page {name} rang {len(posts)} times in {minutes} minutes"


def i3_one_message_a_minute(seen: Evidence) -> Iterator[str]:
    """What an alert asks of somebody comes at once, or with all that came in the same minute."""
    for bundle in seen.bundles:
        others = [one.sent_at for one in seen.bundles if one.user == bundle.user and one != bundle]
        near = [at for at in others if at and bundle.sent_at and abs(at - bundle.sent_at) < MINUTE]
        if near and bundle.urgency == "high":
            yield f"{bundle.user} got two lists within a minute, one at {bundle.sent_at:%H:%M:%S}"


# --- I4

ROOMS = ("show_card", "post_announcement")


def i4_nobody_waits_long(seen: Evidence) -> Iterator[str]:
    """A page that waits for others waits for a minute at most; one that has rung may join later."""
    for page in seen.pages:
        bundle = next((one for one in seen.bundles if one.id == page.bundle), None)
        rung = bundle and any(post.at < bundle.due for post in seen.posts_of[page.id])
        if bundle and not rung and bundle.due > page.created_at + MINUTE:
            yield f"page {page.id} of {page.created_at:%H:%M:%S} waits until {bundle.due:%H:%M:%S}"


def i4_nothing_due_is_undone(seen: Evidence) -> Iterator[str]:
    """While jobs are carried out, none that is due waits, hangs, or was given up."""
    for job in seen.jobs:
        if _is_recorded(seen, job):
            continue
        if job.state in ("dead", "unknown"):
            yield f"{job.kind} {job.id} is {job.state}: {job.error}"
        elif seen.up and (job.state == "running" or job.due <= seen.now):
            yield f"{job.kind} {job.id} is {job.state}, due {job.due:%H:%M:%S}: {job.error}"


def _is_recorded(seen: Evidence, job: Owed) -> bool:
    """A ring that the channel refused stays as a dead letter; what follows is I2's matter. So does
    a card that a room did not take: the next change of its incident asks the room again."""
    if job.kind in ROOMS and "channel_not_found" in (job.error or ""):
        return True
    told = job.payload
    refused = {ring.key for ring in seen.rings if ring.result == "failed"}
    if job.kind == "ring_bundle":
        failed = [one for one in seen.rings if one.bundle == told["bundle"] and one.key in refused]
        return any(one.k == told["k"] for one in failed)
    return (
        job.kind == "ring_page" and f"ring:{told['page']}:{told['k']}:{told['method']}" in refused
    )


def i4_a_pass_is_followed(seen: Evidence) -> Iterator[str]:
    """Who passes is followed by the next step at once, while nobody has taken the incident."""
    for fact in seen.facts_of("page_passed"):
        page = seen.page[str(fact.payload["page"])]
        running = {one.id for one in _running(seen, _incident(seen, page))}
        later = [one for one in seen.pages_of[page.incident] if one.id > fact.id]
        if seen.up and page.escalation in running and not later:
            yield f"{page.user} passed on {page.incident} and nobody was paged"


def i4_never_early(seen: Evidence) -> Iterator[str]:
    """Nobody is paged before a step is due, unless somebody hurried it."""
    for step in _steps(seen):
        if step.at < step.newest_due and not step.free:
            yield f"{step} early, due {step.newest_due:%H:%M:%S}"


def i4_never_late(seen: Evidence) -> Iterator[str]:
    """A step is rung within 5 s, after an outage within 10 s of its end."""
    for step in _steps(seen):
        if step.at > _bound(seen, step.due) and not step.free:
            yield f"{step} late, due {step.due:%H:%M:%S}"


def i4_late_is_said(seen: Evidence) -> Iterator[str]:
    """A page that comes late says by how much."""
    for step in _steps(seen):
        late_s = int((step.at - step.due).total_seconds())
        for page in step.pages:
            if page.late_s != late_s and not step.free:
                yield f"page {page.id} says {page.late_s} s late, it is {late_s} s"


def i4_one_message_to_catch_up(seen: Evidence) -> Iterator[str]:
    """After an outage nobody gets more than one message for one thing they are asked."""
    for started in seen.ledger.of(Started):
        between = (started.first, started.last)
        counted = Counter(
            _asked(seen.page[name], post)
            for name, posts in seen.posts_of.items()
            for post in posts
            if between[0] < post.id < between[1]
        )
        for (incident, room, how), count in counted.items():
            if count > 1:
                yield f"{room} got {count} messages for {incident} ({how}) to catch up"


def _asked(page: Page, post: Post) -> tuple[str, str, str]:
    return page.incident, post.room, "by policy" if page.escalation else "directly"


@dataclass(frozen=True)
class Stepped:
    """Pages made together by an escalation, and when its policy's own arithmetic says they were
    due: the oldest step among them, and the newest. ``free``: somebody moved it on purpose."""

    pages: Round
    due: datetime
    newest_due: datetime
    free: bool

    @property
    def at(self) -> datetime:
        """When they were made."""
        return self.pages[0].created_at

    def __str__(self) -> str:
        people = ", ".join(page.user for page in self.pages)
        return f"{self.pages[0].incident}: {people} paged at {self.at:%H:%M:%S}"


def _steps(seen: Evidence) -> Iterator[Stepped]:
    """What every escalation did, in its order."""
    for escalation in seen.escalations:
        policy = EscalationPolicy.model_validate(escalation.policy)
        began, n, since = escalation.created_at, 0, escalation.created_at
        for newest, pages in _rounds(seen, escalation):
            due, at = began + _after(policy, n), pages[0].created_at
            free = _hurried(seen, pages, since) or _resumed(seen, due, at)
            yield Stepped(pages, due, began + _after(policy, newest), free)
            if free:
                began = at - timedelta(seconds=pages[0].late_s) - _after(policy, n)
            n, since = newest + 1, at


def _rounds(seen: Evidence, escalation: Escalation) -> list[tuple[int, Round]]:
    found: dict[int, Round] = defaultdict(list)
    for page in seen.pages:
        if page.escalation == escalation.id:
            found[page.step].append(page)
    return sorted(found.items())


def _after(policy: EscalationPolicy, n: int) -> timedelta:
    """How long after step 0 step ``n`` is due, counted out one by one."""
    planned = len(policy.steps) * (policy.repeats + 1)
    delays = (
        policy.steps[k % len(policy.steps)].delay if k < planned else policy.repeat_every
        for k in range(n)
    )
    return sum(delays, timedelta())


def _hurried(seen: Evidence, pages: Round, since: datetime) -> bool:
    """Somebody passed, or the channel refused: the next step is paged before its time."""
    incident, until = pages[0].incident, pages[0].created_at
    passed = (fact.at for fact in seen.facts_of("page_passed") if incident in fact.subject)
    theirs = {page.id for page in seen.pages_of[incident]}
    refused = (ring.at for ring in seen.rings if ring.page in theirs and ring.result == "failed")
    return any(since <= at <= until for at in (*passed, *refused))


def _resumed(seen: Evidence, due: datetime, at: datetime) -> bool:
    """Alerts fell quiet and fired again: the step that fell due meanwhile was rung then."""
    return any(due <= told.at <= at for told in seen.ledger.of(Accepted)) and due != at


def _bound(seen: Evidence, promised: datetime) -> datetime:
    """The latest instant for something promised for ``promised``."""
    for since, until in _outages(seen):
        if since <= promised <= until:
            return until + AFTER_OUTAGE
    return promised + ON_TIME


def _outages(seen: Evidence) -> Iterator[tuple[datetime, datetime]]:
    since: datetime | None = None
    for event in seen.ledger.events:
        if isinstance(event, Stopped):
            since = since or event.at
        elif isinstance(event, Started) and since:
            yield since, event.at
            since = None
    if since:
        yield since, seen.now


# --- I5


def i5_an_answer_stops_the_ringing(seen: Evidence) -> Iterator[str]:
    """After an ack, a pass or a resolve nothing more goes out for what it answered."""
    for fact in seen.facts_of(*ENDING):
        for page in seen.pages_of[fact.subject.removeprefix("incident:")]:
            if not ENDING[fact.kind](page, fact):
                continue
            if page.id > fact.id:
                yield f"{page.user} was paged for {page.incident} after {fact.kind}"
            if any(_rang_after(seen, post, fact) for post in seen.posts_of[page.id]):
                yield f"page {page.id} of {page.incident} rang after {fact.kind}"


def _rang_after(seen: Evidence, post: Post, fact: Happened) -> bool:
    """A list that was made before says what was answered since: that is no ring."""
    listed = seen.made_at[post.bundle] < fact.at if post.bundle else False
    return post.id > fact.id and not listed


def _of_its_escalations(page: Page, fact: Happened) -> bool:
    """The page belongs to an escalation that had begun when the fact was made."""
    return page.escalation is not None and page.escalation < fact.id


def _itself(page: Page, fact: Happened) -> bool:
    return bool(page.id == fact.payload["page"])


def _any_before(page: Page, fact: Happened) -> bool:
    return page.id < fact.id or _of_its_escalations(page, fact)


ENDING: dict[str, Callable[[Page, Happened], bool]] = {
    "incident_acknowledged": _of_its_escalations,
    "incident_resolved": _any_before,
    "page_passed": _itself,
    "page_acked": _itself,
}


# --- I6


def i6_newest_wins(seen: Evidence) -> Iterator[str]:
    """Each alert stands as its newest event says, in whatever order they came."""
    if not seen.up:
        return
    alerts = {(one.integration, one.fingerprint): one for one in seen.alerts}
    for key, signals in _told(seen).items():
        newest = max(signals, key=_age)
        alert = alerts.get(key)
        if alert is None:
            yield f"{key[1]} was told of and is not there"
        elif _standing(alert) != _standing(newest):
            yield f"{key[1]} is {_standing(alert)}, the newest event says {_standing(newest)}"


def i6_what_fires_is_somebody_s(seen: Evidence) -> Iterator[str]:
    """What fires belongs to an incident; what was never seen firing opens none."""
    if not seen.up:
        return
    alerts = {(one.integration, one.fingerprint): one for one in seen.alerts}
    for key, signals in _told(seen).items():
        alert = alerts.get(key)
        if alert and alert.status == "firing" and alert.incident is None:
            yield f"{key[1]} fires and belongs to no incident"
        if alert and alert.incident and all(one.status == "resolved" for one in signals):
            yield f"{key[1]} was only ever told as resolved and opened {alert.incident}"


def _told(seen: Evidence) -> dict[tuple[str, str], list[Signal]]:
    found: dict[tuple[str, str], list[Signal]] = defaultdict(list)
    for accepted in seen.ledger.of(Accepted):
        for signal in accepted.signals:
            found[signal.integration, signal.fingerprint].append(signal)
    return found


def _age(signal: Signal) -> tuple[datetime, bool, datetime]:
    return signal.starts_at, signal.status == "resolved", signal.ends_at or signal.starts_at


def _standing(one: Alert | Signal) -> tuple[str, datetime, datetime | None]:
    return one.status, one.starts_at, one.ends_at


# --- I7


def i7_one_row_for_each_fact(seen: Evidence) -> Iterator[str]:
    """Each fact has exactly one audit row, and each row of something done has its fact."""
    rows = Counter(row.fact for row in seen.audit if row.fact)
    facts = {fact.id: fact for fact in seen.facts}
    for fact in seen.facts:
        if rows[fact.id] != 1:
            yield f"{fact.kind} {fact.id} has {rows[fact.id]} audit rows"
    for row in seen.audit:
        told = facts.get(row.fact or "")
        if row.outcome == "done" and (told is None or told.kind != row.action):
            yield f"audit row {row.id} ({row.action}) tells of no fact"


def i7_each_change_has_a_fact(seen: Evidence) -> Iterator[str]:
    """Escalations and pages are counted by their facts; so is everything that ended."""
    counted = Counter(fact.kind for fact in seen.facts)
    standing = {
        "escalation_started": len(seen.escalations),
        "page_sent": len(seen.pages),
        "escalation_stopped": sum(one.state == "stopped" for one in seen.escalations),
        "page_passed": sum(one.state == "passed" for one in seen.pages),
    }
    for kind, count in standing.items():
        if counted[kind] != count:
            yield f"{count} × {kind}, but {counted[kind]} facts say so"


def i7_refusals_are_audited(seen: Evidence) -> Iterator[str]:
    """Each refused call has exactly one audit row."""
    refused = Counter(one.command for one in seen.ledger.of(Answered) if one.audited)
    rows = Counter(row.action for row in seen.audit if row.outcome != "done")
    if refused != rows:
        yield f"refused {dict(refused)}, audited {dict(rows)}"


def i7_the_chain_holds(seen: Evidence) -> Iterator[str]:
    """Once sealed, the whole trail verifies."""
    if seen.verified:
        yield from seen.verified.problems
        if seen.verified.unsealed:
            yield f"{seen.verified.unsealed} rows are not sealed"


ALL: tuple[Checker, ...] = (
    i1_accepted_is_durable,
    i2_no_page_is_lost,
    i2_somebody_is_next,
    i3_once_per_ring,
    i3_never_too_often,
    i3_one_message_a_minute,
    i4_nobody_waits_long,
    i4_nothing_due_is_undone,
    i4_a_pass_is_followed,
    i4_never_early,
    i4_never_late,
    i4_late_is_said,
    i4_one_message_to_catch_up,
    i5_an_answer_stops_the_ringing,
    i6_newest_wins,
    i6_what_fires_is_somebody_s,
    i7_one_row_for_each_fact,
    i7_each_change_has_a_fact,
    i7_refusals_are_audited,
    i7_the_chain_holds,
)
