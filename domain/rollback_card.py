"""A rollback's cards: one while the pipeline works, one for its end and what was watched after it,
one where it has not helped."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Literal

from domain.base import Frozen
from domain.buttons import button
from domain.message import (
    Actions,
    Button,
    Context,
    Header,
    Message,
    Node,
    Progress,
    ProgressStep,
    Spans,
    Text,
    Tone,
    code,
    link,
    mention,
    moment,
    spans,
)
from domain.plain import exact, one_line, web_address
from domain.rollback import Rollback, RollbackState
from domain.rollback_jobs import Part
from domain.verification import Verification

ProgressState = Literal["waiting", "running", "done", "failed", "skipped"]
MOST_SAID = 300
MOST_SHOWN = 95
HEADS: dict[RollbackState, tuple[str, Tone]] = {
    "queued": ("⏳ Rolling back", "info"),
    "running": ("⏳ Rolling back", "info"),
    "done": ("✅ Rolled back", "good"),
    "failed": ("✖ Not rolled back", "danger"),
    "unknown": ("❓ Nobody knows whether it was rolled back", "danger"),
}
LATE: tuple[str, Tone] = ("⏳ Still running, longer than usual", "warning")
OVER: tuple[str, Tone] = ("Rollback", "neutral")
WENT: dict[RollbackState, str] = {
    "done": "it went well",
    "failed": "the pipeline did nothing",
    "unknown": "nobody saw how it ended",
}


class RollbackView(Frozen):
    """``since`` is what its time is counted from, ``names`` are display names by id. ``meanwhile``
    are deployments by others on the same target."""

    rollback: Rollback
    now: datetime
    since: str = "approval"
    names: dict[str, str] = {}
    meanwhile: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """What is rolled back where."""
        return f"{self.rollback.service} {self.rollback.environment}"


def update_key(rollback: str, part: Part = "progress") -> str:
    """One card of each kind per rollback and place."""
    return f"rollback:{rollback}" + ("" if part == "progress" else f":{part}")


def rollback_card(view: RollbackView, part: Part) -> Message | None:
    """One of its cards as it stands now; None where there is no reason for one."""
    made = CARDS[part](view)
    if made is None:
        return None
    return Message(nodes=tuple(made), update_key=update_key(view.rollback.id, part))


def lasted(span: timedelta) -> str:
    """``1 m 41 s``, ``3 s``."""
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    return f"{minutes} m {seconds} s" if minutes else f"{seconds} s"


def _progress(view: RollbackView) -> Iterator[Node]:
    """While the pipeline works: for how long, and what it said last."""
    rollback = view.rollback
    head, tone = HEADS[rollback.state] if rollback.under_way else OVER
    if rollback.state == "running" and rollback.is_late(view.now):
        head, tone = LATE
    yield Header(text=f"{head} · {view.target}", tone=tone)
    yield Text(spans=_said(rollback))
    percent, step = _how_far(rollback, view.now)
    asked = f"{rollback.pipeline or 'The pipeline'} brings {rollback.good}"
    yield Progress(steps=(ProgressStep(name=one_line(exact(asked), 45), state=step),),
                   percent=percent)  # fmt: skip
    if view.meanwhile:
        others = ", ".join(view.meanwhile)
        yield Text(spans=spans(f"Not this rollback, and on the same target: {others}."))
    yield Context(spans=_context(view))


def _said(rollback: Rollback) -> Spans:
    told = f"{exact(rollback.bad)} → {exact(rollback.good)}"
    if not rollback.under_way:
        return spans(f"{told}: {WENT[rollback.state]}.")
    asked = rollback.asked
    said = f": {one_line(exact(asked.said), MOST_SAID)}" if asked and asked.said else ""
    url = web_address(asked.url) if asked and asked.url else None
    more = (" ", link("see it there", url)) if url else ()
    return spans(f"{told}{said}.", *more)


def _how_far(rollback: Rollback, now: datetime) -> tuple[int, ProgressState]:
    """By the time that such a one usually takes: never through before the pipeline says so."""
    if rollback.state == "done":
        return 100, "done"
    if rollback.began_at is None:
        return 0, "waiting"
    share = (now - rollback.began_at) / max(rollback.usual, timedelta(seconds=1))
    part = max(0, min(MOST_SHOWN, round(100 * share)))
    return part, "running" if rollback.state == "running" else "failed"


def _context(view: RollbackView) -> Spans:
    rollback = view.rollback
    by = view.names.get(rollback.by, rollback.by)
    agreed = f", agreed to by {rollback.approval}" if rollback.approval else ""
    usual = f", at most {lasted(rollback.usual)} usually" if rollback.under_way else ""
    span = (rollback.ended_at or view.now) - (rollback.began_at or view.now)
    return spans(code(rollback.id), f" · by {by}{agreed} · {lasted(span)}{usual}")


def _end(view: RollbackView) -> Iterator[Node] | None:
    """What it came to, and what was seen since."""
    return None if view.rollback.under_way else _ended(view)


def _ended(view: RollbackView) -> Iterator[Node]:
    rollback = view.rollback
    head, tone = HEADS[rollback.state]
    yield Header(text=f"{head} · {view.target}", tone=tone)
    yield Text(spans=spans(_told(view), *_watched(view), " ", code(rollback.id)))
    if moves := _moves(rollback):
        yield Actions(buttons=moves)


def _told(view: RollbackView) -> str:
    rollback, target = view.rollback, view.target
    why = f": {one_line(exact(rollback.detail), MOST_SAID)}" if rollback.detail else ""
    if rollback.state == "done":
        return f"Rolled back {target} to {rollback.good}{_figures(view) or why}."
    if rollback.state == "failed":
        return f"{target} was not rolled back, nothing was done{why}."
    return (
        f"The pipeline was asked to bring {target} to {rollback.good}, and its answer was"
        f" lost or no success{why}. I will not ask again: look there, then say how it ended."
    )


def _figures(view: RollbackView) -> str:
    """From the release on, and whose time it was (rules.md 16)."""
    rollback = view.rollback
    if rollback.took is None or rollback.ended_at is None:
        return ""
    whole = rollback.ended_at - rollback.released_at
    ours = lasted(max(whole - rollback.took, timedelta()))
    theirs = f"{rollback.pipeline} {lasted(rollback.took)}"
    return f": {lasted(whole)} after {view.since} (ours {ours}, {theirs})"


def _watched(view: RollbackView) -> Spans:
    """What the alerts and the probes say, and what came of it."""
    watched = view.rollback.verification
    if watched is None:
        return ()
    figures = f"{watched.figures}, " if watched.figures else ""
    first, *rest = spans(figures, *_verdict(view, watched))
    begun = first.model_copy(update={"text": f" {first.text[:1].upper()}{first.text[1:]}"})
    return begun, *rest


def _verdict(view: RollbackView, watched: Verification) -> Spans:
    good, by = view.rollback.good, view.names.get(watched.by, watched.by)
    why = one_line(exact(watched.why), MOST_SAID)
    at = moment(watched.decided_at or view.now)
    return {
        "watching": spans("watching until ", moment(watched.until), "."),
        "good": spans(
            "watched until ", at, f": {why or 'it is well'}. Nobody said keep: {good} stays."
        ),
        "bad": spans(f"it is not well: {why}."),
        "kept": spans(f"kept by {by} at ", at, "."),
        "undone": spans(f"taken back {why}."),
        "overtaken": spans(f"not watched any more: {why}."),
    }[watched.verdict]


def _moves(rollback: Rollback) -> tuple[Button, ...]:
    if rollback.state == "done":
        warned = rollback.verification is not None and rollback.verification.warned
        return () if warned else _decisions(rollback)
    if rollback.state == "unknown":
        done = button("rollback settle", f"{rollback.id},done", "It was rolled back")
        return done, button("rollback settle", f"{rollback.id},failed", "It was not")
    return ()


def _decisions(rollback: Rollback) -> tuple[Button, ...]:
    """Keep it, or take it back: a rollback of its own, which is agreed to as any."""
    watched = rollback.verification
    undo = (Button(id=rollback.undo, label="Undo…"),) if rollback.undo else ()
    if watched is None or watched.verdict == "kept":
        return undo
    if not watched.undecided:
        return ()
    return (button("rollback keep", rollback.id, "Keep", "primary"), *undo)


def _alarm(view: RollbackView) -> Iterator[Node] | None:
    """It has not helped: a person is needed."""
    watched = view.rollback.verification
    return _warning(view, watched) if watched and watched.warned else None


def _warning(view: RollbackView, watched: Verification) -> Iterator[Node]:
    rollback = view.rollback
    yield Header(text=f"⚠ Not well after the rollback · {view.target}", tone="danger")
    by = view.names.get(rollback.by, rollback.by)
    told = spans(mention(rollback.by, by), f": {view.target} runs {rollback.good}, and ")
    yield Text(spans=(*told, *_verdict(view, watched), *spans(" ", code(rollback.id))))
    if moves := _decisions(rollback):
        yield Actions(buttons=moves)


CARDS: dict[Part, Callable[[RollbackView], Iterator[Node] | None]] = {
    "progress": _progress,
    "end": _end,
    "alarm": _alarm,
}
