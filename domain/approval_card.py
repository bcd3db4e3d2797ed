"""The approval's living card: exactly what would be done, who asks, who may agree, until when."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from domain.approval import Approval, ApprovalGrant
from domain.base import Frozen
from domain.buttons import button
from domain.guard import named
from domain.message import (
    Actions,
    Code,
    Context,
    Header,
    Message,
    Node,
    Span,
    Spans,
    Text,
    Tone,
    code,
    mention,
    moment,
    spans,
)
from domain.plain import exact, one_line

MOST_SHOWN = 1500
MOST_LINES = 18
MOST_MENTIONED = 5
MOST_TITLE = 150
HEADS: dict[str, tuple[str, Tone]] = {
    "pending": ("🛡 Approval needed", "warning"),
    "granted": ("🛡 Approved", "good"),
    "executed": ("✅ Approved and carried out", "good"),
    "denied": ("✖ Denied", "neutral"),
    "expired": ("⌛ Not carried out", "neutral"),
}
WITHOUT: dict[str, tuple[str, Tone]] = {
    "break_glass": ("⚠ Carried out without approval", "danger"),
    "self_confirm": ("✅ Confirmed and carried out", "good"),
}
HOW = {
    "approval": "approved by",
    "break_glass": "⚠ glass broken by",
    "self_confirm": "confirmed alone by",
}


class ApprovalView(Frozen):
    """``names`` gives display names by id; ``mentioned`` are the approvers to notify.

    ``following`` is paged at ``following_at`` unless somebody decides.
    """

    approval: Approval
    names: dict[str, str]
    mentioned: tuple[str, ...] = ()
    following: str | None = None
    following_at: datetime | None = None
    glass: bool = False


def update_key(approval: str) -> str:
    """One card per approval and place."""
    return f"approval:{approval}"


def approval_card(view: ApprovalView) -> Message:
    """The card as the approval stands now; edited in place under its update key."""
    approval = view.approval
    pending = approval.status == "pending"
    nodes: list[Node] = [
        *_what(view),
        Text(spans=spans(*(_needs(view) if pending else _outcome(view)))),
        *([_moves(view)] if pending else []),
        Context(spans=_context(approval)),
    ]
    return Message(nodes=tuple(nodes), update_key=update_key(approval.id))


def approval_review(view: ApprovalView, *, may_agree: bool = True) -> Message:
    """The plan for one reader, with the button that agrees to exactly this plan; whoever asked
    for it can only take it back."""
    approval = view.approval
    if approval.status != "pending":
        return approval_card(view)
    agree = button("approval grant", f"{approval.id},{approval.short_hash}", "Approve", "primary")
    deny = button("approval deny", approval.id, "Deny…" if may_agree else "Withdraw…", "danger")
    nodes = (
        *_what(view),
        Text(spans=spans(*_needs(view))),
        Actions(buttons=(agree, deny) if may_agree else (deny,)),
        Context(spans=_context(approval)),
    )
    return Message(nodes=nodes)


def capped(text: str) -> str:
    """A plan as cards show it: nothing hidden, and what is left out is counted."""
    told = exact(text)
    kept = "\n".join(told[:MOST_SHOWN].split("\n")[:MOST_LINES])
    left = len(told) - len(kept)
    return f"{kept}\n[truncated, {left} more characters]" if left else told


def _what(view: ApprovalView) -> tuple[Node, ...]:
    approval = view.approval
    head, tone = _head(approval)
    title = one_line(exact(approval.plan.title), MOST_TITLE)
    about = f" for {approval.incident}" if approval.incident else ""
    asked = f"Asked by {_name(view.names, approval.asked_by)}{about}"
    return (
        Header(text=f"{head} · {title}", tone=tone),
        Text(spans=spans(asked, " at ", moment(approval.asked_at), ".")),
        Code(text=capped(approval.plan.told)),
    )


def _head(approval: Approval) -> tuple[str, Tone]:
    if approval.status == "executed":
        without = [WITHOUT[one.kind] for one in approval.grants if one.kind in WITHOUT]
        return without[0] if without else HEADS["executed"]
    return HEADS[approval.status]


def _needs(view: ApprovalView) -> Iterator[str | Span]:
    approval = view.approval
    names = view.names
    who = named(approval.guard.approvers)
    yield f"Needs {approval.missing} of: {who}, not {_name(names, approval.asked_by)}. Expires "
    yield moment(approval.expires_at)
    yield "."
    if given := [_given(one, names) for one in approval.grants]:
        yield f" So far {', '.join(given)}."
    if view.following and view.following_at:
        yield " If nobody answers by "
        yield moment(view.following_at)
        yield f", {view.following} is paged."
    for user in view.mentioned[:MOST_MENTIONED]:
        yield " "
        yield mention(user, _name(names, user))


def _outcome(view: ApprovalView) -> Iterator[str | Span]:
    approval, names = view.approval, view.names
    given = ", ".join(_given(one, names) for one in approval.grants)
    if approval.status in ("granted", "executed"):
        yield f"{given[:1].upper()}{given[1:]}"
    elif approval.status == "denied":
        yield f"Denied by {_name(names, approval.ended_by or '')}"
    else:
        yield "Nothing was done"
    if approval.ended_at:
        yield " at "
        yield moment(approval.ended_at)
    yield f": {one_line(exact(approval.reason))}" if approval.reason else "."


def _given(grant: ApprovalGrant, names: Mapping[str, str]) -> str:
    return f"{HOW[grant.kind]} {_name(names, grant.by)}"


def _moves(view: ApprovalView) -> Actions:
    approval = view.approval
    look = button("approval show", approval.id, "See plan & approve…", "primary")
    deny = button("approval deny", approval.id, "Deny…")
    broken = button("approval break-glass", approval.id, "Break glass…", "danger")
    return Actions(buttons=(look, deny), more=(broken,) if view.glass else ())


def _context(approval: Approval) -> Spans:
    return spans(
        code(approval.id), " · plan ", code(approval.short_hash), f" · {approval.guard.danger}"
    )


def _name(names: Mapping[str, str], user: str) -> str:
    return names.get(user, user)
