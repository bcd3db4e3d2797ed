"""What went well, what went wrong and what to do about it, as far as facts can say."""

from datetime import timedelta

from domain.base import Frozen
from domain.incident_facts import (
    IncidentAcknowledged,
    IncidentReopened,
    Reclassified,
    RoleAssigned,
    SeverityChanged,
    UpdateOverdue,
    UpdatePosted,
)
from domain.paging import (
    EscalationExhausted,
    EscalationStepped,
    NobodyToPage,
    NotOurs,
    PagePassed,
    PageSent,
)
from domain.postmortem import Claim, Digest, Line, asked, durations, stated
from domain.severity import Severity, parse_severity
from domain.when import in_words

QUICK_ACK = timedelta(minutes=5)
LATE_PAGE_S = 5
FLAPPING = 4
"""An alert that fired this often in one incident wants another threshold or a longer wait."""


class Lesson(Frozen):
    """Something the facts show, and what to do about it; ``saw`` is None for a mere gap."""

    saw: str | None
    do: str
    cites: tuple[Line, ...]


def went_well(digest: Digest) -> tuple[Claim, ...]:
    """What the facts show to have worked; a question where they show nothing."""
    found = (_quick_ack(digest), _monitored(digest), _updates(digest), _led(digest))
    return tuple(claim for claim in found if claim) or (asked(WHAT_HELPED),)


def went_wrong(digest: Digest) -> tuple[Claim, ...]:
    """What the facts show to have been in the way; a question where they show nothing."""
    found = tuple(stated(lesson.saw, lesson.cites) for lesson in lessons(digest) if lesson.saw)
    return found or (asked(WHAT_HINDERED),)


def action_items(digest: Digest) -> tuple[Claim, ...]:
    """What to do, each tied to the facts that suggest it."""
    return tuple(stated(lesson.do, lesson.cites) for lesson in lessons(digest))


def lessons(digest: Digest) -> tuple[Lesson, ...]:
    """Everything the rules can learn from ``digest``, paging first."""
    found = (look(digest) for look in LOOKS)
    return tuple(lesson for lesson in found if lesson)


def _unanswered(digest: Digest) -> Lesson | None:
    steps = digest.of(EscalationStepped.kind, EscalationExhausted.kind)
    if not steps:
        return None
    times = "once" if len(steps) == 1 else f"{len(steps)} times"
    return Lesson(
        saw=f"A page had no answer in time; the escalation went on {times}.",
        do="Find out why the first page had no answer: contact methods, quiet hours, coverage.",
        cites=steps,
    )


def _nobody(digest: Digest) -> Lesson | None:
    gaps = digest.of(NobodyToPage.kind)
    if not gaps:
        return None
    step = gaps[0].entry.payload.get("step")
    return Lesson(
        saw=f"Nobody was on call at {step}.",
        do=f"Close the gap in the schedule behind {step}.",
        cites=gaps,
    )


def _late_pages(digest: Digest) -> Lesson | None:
    late = tuple(page for page in digest.of(PageSent.kind) if _seconds_late(page) > LATE_PAGE_S)
    if not late:
        return None
    worst = in_words(timedelta(seconds=max(_seconds_late(page) for page in late)))
    return Lesson(
        saw=f"A page went out {worst} after it was due.",
        do="Find out why a page was late: was the service down or the database slow?",
        cites=late,
    )


def _handed_on(digest: Digest) -> Lesson | None:
    moved = digest.of(NotOurs.kind)
    if not moved:
        return None
    old, new = moved[-1].entry.payload.get("old"), moved[-1].entry.payload.get("new")
    return Lesson(
        saw=f"It was paged to {old} and handed to {new}.",
        do=f"Change the route, so that the next one goes to {new} at once.",
        cites=moved,
    )


def _passed(digest: Digest) -> Lesson | None:
    passed = digest.of(PagePassed.kind)
    if not passed:
        return None
    count = "A page was" if len(passed) == 1 else f"{len(passed)} pages were"
    return Lesson(
        saw=f"{count} passed on.",
        do="Look at the load of the people who were on call, and at cover for that time.",
        cites=passed,
    )


def _raised_late(digest: Digest) -> Lesson | None:
    raised = tuple(line for line in digest.of(SeverityChanged.kind) if _raises(line))
    if not raised:
        return None
    after = in_words(raised[-1].entry.at - digest.incident.declared_at)
    new = raised[-1].entry.payload["new"]
    return Lesson(
        saw=f"Severity was raised to {new} {after} after the declaration.",
        do="Write a severity rule that would have said so at the start.",
        cites=raised,
    )


def _unreviewed_raise(digest: Digest) -> Lesson | None:
    proposed = tuple(line for line in digest.of(Reclassified.kind) if _proposes(digest, line))
    if not proposed or digest.of(SeverityChanged.kind):
        return None
    severity = parse_severity(str(proposed[-1].entry.payload["proposal"]))
    return Lesson(
        saw=f"A proposal of {severity} was neither taken nor refused.",
        do=f"Decide whether {severity} was right, and change the severity rule if it was.",
        cites=proposed,
    )


def _overdue(digest: Digest) -> Lesson | None:
    late = digest.of(UpdateOverdue.kind)
    if not late:
        return None
    times = "An update was" if len(late) == 1 else f"{len(late)} updates were"
    return Lesson(
        saw=f"{times} overdue.",
        do="Agree who writes updates while others fix: give the role comms.",
        cites=late,
    )


def _reopened(digest: Digest) -> Lesson | None:
    again = digest.of(IncidentReopened.kind)
    if not again:
        return None
    return Lesson(
        saw="It was reopened after it had been resolved.",
        do="Write down what to look at before this is called resolved.",
        cites=again,
    )


def _flapping(digest: Digest) -> Lesson | None:
    often = [alert for alert in digest.alerts if alert.count >= FLAPPING]
    if not often:
        return None
    worst = max(often, key=lambda alert: alert.count)
    return Lesson(
        saw=f"{worst.name} fired {worst.count} times.",
        do=f"Change the threshold or the wait of {worst.name}.",
        cites=digest.start,
    )


def _no_runbook(digest: Digest) -> Lesson | None:
    if digest.runbooks:
        return None
    about = digest.alerts[0].name if digest.alerts else digest.incident.service
    return Lesson(
        saw=None,
        do=f"Write a runbook for {about or 'this'} and link it: none was linked.",
        cites=digest.start,
    )


def _no_alert(digest: Digest) -> Lesson | None:
    if digest.alerts:
        return None
    return Lesson(saw=None, do="Add an alert that would have found this.", cites=digest.start)


LOOKS = (
    _unanswered,
    _nobody,
    _late_pages,
    _handed_on,
    _passed,
    _raised_late,
    _unreviewed_raise,
    _overdue,
    _reopened,
    _flapping,
    _no_runbook,
    _no_alert,
)


def _quick_ack(digest: Digest) -> Claim | None:
    took = durations(digest.incident).acknowledge
    acks = digest.of(IncidentAcknowledged.kind)
    if took is None or not acks or took.seconds > QUICK_ACK.total_seconds():
        return None
    who = digest.name(acks[0].entry.by)
    return stated(f"{who} acknowledged after {took.words}.", acks[:1])


def _monitored(digest: Digest) -> Claim | None:
    if not digest.alerts:
        return None
    first = min(digest.alerts, key=lambda alert: alert.starts_at)
    runbook = f", and the runbook {digest.runbooks[0]} was linked" if digest.runbooks else ""
    return stated(f"Monitoring found it ({first.name}){runbook}.", digest.start)


def _updates(digest: Digest) -> Claim | None:
    posted = digest.of(UpdatePosted.kind)
    if len(posted) < 2 or digest.of(UpdateOverdue.kind):
        return None
    return stated(f"{len(posted)} updates were posted, none overdue.", posted)


def _led(digest: Digest) -> Claim | None:
    taken = [
        line
        for line in digest.of(RoleAssigned.kind)
        if line.entry.payload.get("role") == "commander"
    ]
    if not taken:
        return None
    who = digest.name(taken[0].entry.payload.get("person"))
    after = in_words(taken[0].entry.at - digest.incident.declared_at)
    return stated(f"{who} led it, {after} after the declaration.", (taken[0],))


def _raises(line: Line) -> bool:
    old, new = Severity(str(line.entry.payload["old"])), Severity(str(line.entry.payload["new"]))
    return new.worse_than(old)


def _proposes(digest: Digest, line: Line) -> bool:
    severity = parse_severity(str(line.entry.payload.get("proposal", "")))
    return severity is not None and severity.worse_than(digest.incident.severity)


def _seconds_late(page: Line) -> int:
    late = page.entry.payload.get("late_s", 0)
    return late if isinstance(late, int) else 0


WHAT_HELPED = "What helped? Think of tools, people who joined, and what was prepared before."
WHAT_HINDERED = "What made it harder or longer? Think of access, knowledge, tools and waiting."
