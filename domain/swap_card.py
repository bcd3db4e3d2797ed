"""The swap as whoever it is offered to reads it, and what is told at its end."""

from domain.base import Frozen
from domain.buttons import button
from domain.message import Actions, Context, Header, Message, Node, Spans, Text, moment, spans
from domain.swap import Swap, Window


class SwapView(Frozen):
    """A swap, the name of its schedule, and the names of people by id."""

    swap: Swap
    schedule: str
    names: dict[str, str]

    def name(self, user: str | None) -> str:
        """What people call somebody."""
        return self.names.get(user or "", user or "nobody")


def update_key(swap: str, user: str) -> str:
    """One card for each person."""
    return f"swap:{swap}@{user}"


def answers(swap: str) -> Actions:
    """What whoever it is offered to may press."""
    accept = button("oncall accept", swap, "Accept", "primary")
    return Actions(buttons=(accept, button("oncall decline", swap, "Decline")))


def swap_card(view: SwapView, reader: str) -> Message:
    """The card as the swap stands now; edited in place."""
    swap = view.swap
    asker = view.name(swap.asker)
    nodes: list[Node] = [
        Header(text=f"⇄ {asker} offers a shift · {swap.id}"),
        Text(spans=spans(f"On call for {view.schedule} from ", *_times(swap.time), ".")),
    ]
    if swap.back:
        returned = spans(f"In return {asker} takes yours from ", *_times(swap.back), ".")
        nodes.append(Text(spans=returned))
    if swap.why:
        nodes.append(Context(spans=spans(swap.why)))
    if swap.status == "open" and reader in swap.waiting:
        nodes.append(answers(swap.id))
        stays = f"Until somebody accepts, {asker} stays on call."
        nodes.append(Context(spans=spans(stays)))
    else:
        nodes.append(Text(spans=spans(_state(view, reader))))
    return Message(nodes=tuple(nodes), update_key=update_key(swap.id, reader))


def swap_ended(view: SwapView, reader: str) -> Message:
    """What the asker is told at the end, and whoever accepted."""
    swap = view.swap
    said = spans(f"{_state(view, reader)} {view.schedule}: ", *_times(swap.time), ".")
    returned: Spans = ()
    if swap.status == "accepted" and swap.back:
        mine = "You take" if reader == swap.asker else f"{view.name(swap.asker)} takes"
        returned = spans(f" {mine} ", *_times(swap.back), " in return.")
    return Message(nodes=(Text(spans=(*said, *returned)),))


def swap_reminder(view: SwapView) -> Message:
    """What whoever has not answered is told once more."""
    swap = view.swap
    told = spans(f"{view.name(swap.asker)} still waits for your answer to {swap.id}: ")
    return Message(nodes=(Text(spans=(*told, *_times(swap.time))), answers(swap.id)))


def _state(view: SwapView, reader: str) -> str:
    swap = view.swap
    if swap.status == "accepted":
        return f"✔ {view.name(swap.taken_by)} has accepted {swap.id}."
    if swap.status == "open":
        return f"You declined. {view.name(swap.asker)} stays on call unless somebody else accepts."
    stays = "You stay" if reader == swap.asker else f"{view.name(swap.asker)} stays"
    ended = {
        "declined": "Nobody could accept",
        "withdrawn": f"{view.name(swap.asker)} took back",
        "expired": "Nobody accepted in time",
    }[swap.status]
    return f"{ended} {swap.id}. {stays} on call."


def _times(time: Window) -> Spans:
    return spans(moment(time.starts), " to ", moment(time.ends))
