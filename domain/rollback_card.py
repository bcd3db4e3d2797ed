"""How a rollback stands, said once in the places where it was asked for."""

from datetime import timedelta

from domain.buttons import button
from domain.message import Actions, Header, Message, Node, Text, Tone, code, spans
from domain.rollback import Rollback

HEADS: dict[str, tuple[str, Tone]] = {
    "running": ("⏳ Still running, longer than usual", "warning"),
    "done": ("✅ Rolled back", "good"),
    "failed": ("✖ Not rolled back", "danger"),
    "unknown": ("❓ Nobody knows whether it was rolled back", "danger"),
}


def rollback_card(rollback: Rollback, since: str = "approval") -> Message:
    """One new message for the state it has come to; ``since`` what its time is counted."""
    head, tone = HEADS[rollback.state]
    target = f"{rollback.service} {rollback.environment}"
    nodes: list[Node] = [
        Header(text=f"{head} · {target}", tone=tone),
        Text(spans=spans(_told(rollback, since), " ", code(rollback.id))),
    ]
    if moves := _moves(rollback):
        nodes.append(moves)
    return Message(nodes=tuple(nodes))


def lasted(span: timedelta) -> str:
    """``1 m 41 s``, ``3 s``."""
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    return f"{minutes} m {seconds} s" if minutes else f"{seconds} s"


def _told(rollback: Rollback, since: str) -> str:
    target = f"{rollback.service} {rollback.environment}"
    why = f": {rollback.detail}" if rollback.detail else ""
    if rollback.state == "done":
        return f"Rolled back {target} to {rollback.good}{_figures(rollback, since) or why}."
    if rollback.state == "failed":
        return f"{target} still runs {rollback.bad}, nothing was done{why}."
    if rollback.state == "unknown":
        return (
            f"The pipeline was asked to bring {target} to {rollback.good}, and its answer was"
            f" lost or no success{why}. I will not ask again: look there, then say how it ended."
        )
    return f"The pipeline works on {target} → {rollback.good}. It has not failed."


def _figures(rollback: Rollback, since: str) -> str:
    """From the release on, and whose time it was (rules.md 16)."""
    if rollback.took is None or rollback.ended_at is None:
        return ""
    whole = rollback.ended_at - rollback.released_at
    ours = lasted(max(whole - rollback.took, timedelta()))
    theirs = f"{rollback.pipeline} {lasted(rollback.took)}"
    return f": {lasted(whole)} after {since} (ours {ours}, {theirs})"


def _moves(rollback: Rollback) -> Actions | None:
    if rollback.state == "done":
        back = f"{rollback.service},{rollback.environment},{rollback.bad}"
        return Actions(buttons=(button("rollback start", back, "Undo…"),))
    if rollback.state == "unknown":
        done = button("rollback settle", f"{rollback.id},done", "It was rolled back")
        failed = button("rollback settle", f"{rollback.id},failed", "It was not")
        return Actions(buttons=(done, failed))
    return None
