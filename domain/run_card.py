"""A run's living card: how far it is, what it said last, and what a person can do now."""

from collections.abc import Iterator, Mapping
from typing import Literal

from domain.approval_card import capped
from domain.buttons import button
from domain.message import (
    Actions,
    Button,
    Code,
    Context,
    Header,
    Message,
    Node,
    Progress,
    ProgressStep,
    Text,
    Tone,
    bold,
    code,
    moment,
    spans,
)
from domain.plain import exact, one_line
from domain.run import Run, RunStep, StepStatus, stuck_step, undoable

HEADS: dict[str, tuple[str, Tone]] = {
    "planned": ("▶ Beginning", "info"),
    "running": ("▶ Running", "info"),
    "paused": ("⏸ Paused", "warning"),
    "succeeded": ("✅ Done", "good"),
    "failed": ("✖ Failed", "danger"),
    "unknown": ("❓ Nobody knows how a step ended", "danger"),
    "undone": ("↩ Undone", "neutral"),
}
BARS: dict[StepStatus, Literal["waiting", "running", "done", "failed", "skipped"]] = {
    "waiting": "waiting",
    "running": "running",
    "asks": "running",
    "succeeded": "done",
    "failed": "failed",
    "skipped": "skipped",
    "unknown": "failed",
    "undone": "skipped",
}
SAID: dict[StepStatus, str] = {
    "asks": "waits for a person",
    "unknown": "nobody knows",
    "undone": "undone",
}
FINISHED = ("succeeded", "skipped", "undone", "failed", "unknown")
MOST_STEPS = 15
MOST_LINES = 12
MOST_SAID = 1200


def update_key(run: str) -> str:
    """One card per run and place."""
    return f"run:{run}"


def run_card(run: Run, names: Mapping[str, str]) -> Message:
    """The card as the run stands now; edited in place under its update key."""
    head, tone = HEADS[run.status]
    title = one_line(exact(run.plan.title), 100)
    if run.undoing and run.status == "running":
        head = "↩ Undoing"
    elif run.closed and run.status == "failed":
        head, tone = "■ Stopped", "neutral"
    nodes: list[Node] = [Header(text=f"{head} · {title}", tone=tone), _progress(run)]
    nodes += _now(run)
    if moves := _moves(run):
        nodes.append(Actions(buttons=tuple(moves[:4]), more=tuple(moves[4:])))
    nodes.append(_context(run, names))
    return Message(nodes=tuple(nodes), update_key=update_key(run.id))


def _progress(run: Run) -> Progress:
    done = sum(one.status in FINISHED for one in run.steps)
    shown = run.steps[_from(run) : _from(run) + MOST_STEPS]
    steps = tuple(ProgressStep(name=_called(one), state=BARS[one.status]) for one in shown)
    return Progress(steps=steps, percent=100 * done // max(1, len(run.steps)))


def _from(run: Run) -> int:
    """Where a long list begins, so that what is at work is on it."""
    at_work = next((one.number for one in run.steps if one.status not in FINISHED), 1)
    return max(0, min(at_work - MOST_STEPS // 2, len(run.steps) - MOST_STEPS))


def _called(step: RunStep) -> str:
    more = f" · {SAID[step.status]}" if step.status in SAID else ""
    again = f" · try {step.attempt}" if step.attempt > 1 and not step.undoing else ""
    return one_line(exact(f"{step.number}. {step.name}"), 80) + more + again


def _now(run: Run) -> Iterator[Node]:
    """What is asked, what stands in the way, what was said last."""
    if asking := run.first("asks"):
        planned = run.action(asking.number)
        action = planned.undo if asking.undoing and planned.undo else planned.action
        yield Text(spans=spans(bold(f"Step {asking.number}, please:")))
        yield Code(text=capped(action.manual or ""))
    if run.status in ("paused", "failed", "unknown") and run.detail:
        said = run.detail if run.closed else f"{run.status}: {run.detail}"
        yield Text(spans=spans(one_line(exact(f"{said[:1].upper()}{said[1:]}."), 400)))
    yield from _says(run)


def _says(run: Run) -> Iterator[Node]:
    """What a step at work says so far, else what the last one said."""
    if saying := next((one for one in run.steps if _is_saying(one)), None):
        yield Text(spans=spans(bold(f"Step {saying.number} says so far:")))
        yield Code(text=_end(saying.output_tail))
    elif last := _last(run):
        if last.detail and last.status in ("failed", "unknown"):
            yield Text(spans=spans(one_line(exact(last.detail), 400)))
        if last.output_tail:
            yield Code(text=_end(last.output_tail))


def _is_saying(step: RunStep) -> bool:
    return step.status == "running" and bool(step.output_tail)


def _end(said: str) -> str:
    """The end of what was said, nothing hidden; what is left out is counted."""
    lines = exact(said)[-MOST_SAID:].rstrip("\n").split("\n")
    left = len(lines) - MOST_LINES
    return "\n".join((f"[{left} lines before]", *lines[-MOST_LINES:]) if left > 0 else lines)


def _last(run: Run) -> RunStep | None:
    """The step that ended last."""
    ended = [one for one in run.steps if one.finished_at]
    return max(ended, key=lambda one: (one.finished_at or run.started_at, one.number), default=None)


def _moves(run: Run) -> list[Button]:
    stop = button("runbook stop", run.id, "Stop", "danger")
    undo = [button("runbook undo", run.id, "Undo…", "danger")] if _can_undo(run) else []
    if run.closed:
        return undo if run.status != "undone" else []
    if run.status == "paused":
        return [button("runbook resume", f"{run.id},on", "Go on", "primary"), stop, *undo]
    if run.status in ("failed", "unknown"):
        return [*_choices(run), *undo, stop]
    if asking := run.first("asks"):
        done = button("runbook approve", f"{run.id},{asking.number}", "Done", "primary")
        return [done, button("runbook pause", run.id, "Pause"), stop]
    return [button("runbook pause", run.id, "Pause"), stop]


def _choices(run: Run) -> list[Button]:
    stuck = stuck_step(run)
    about = f",{stuck.number}" if stuck else ""
    again = button("runbook resume", f"{run.id},again{about}", "Do it again")
    skip = button("runbook resume", f"{run.id},skip{about}", "Skip it")
    done = button("runbook resume", f"{run.id},done{about}", "It was done")
    return [done, again, skip] if run.status == "unknown" else [again, skip]


def _can_undo(run: Run) -> bool:
    return not run.undoing and not run.first("running", "asks") and bool(undoable(run))


def _context(run: Run, names: Mapping[str, str]) -> Context:
    by = names.get(run.by, run.by)
    agreed = f", agreed to by {run.approval}" if run.approval else ""
    parts = spans(
        code(run.id), f" · {run.runbook} · {run.target} · by {by}{agreed} · since ",
        moment(run.started_at),
    )  # fmt: skip
    return Context(spans=parts)
