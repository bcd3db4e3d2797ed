"""What a reader may do about an incident, as buttons: by its state and by their role."""

from collections.abc import Iterator

from storage.views.incidents import IncidentView
from web.pages.models import Action
from web.pages.offers import Face, Offered
from web.pages.visit import Visit


def first_moves(visit: Visit, one: IncidentView) -> tuple[Action, ...]:
    """The few that a list has room for."""
    offers = visit.offers(one.team)
    return (
        *_take(visit, one),
        *offers.ask("incident escalate", one.id, ESCALATE),
        *offers.ask("incident note", one.id, NOTE),
    )


def moves(visit: Visit, one: IncidentView) -> tuple[Action, ...]:
    """What is done most, in the order of an incident's life."""
    offers = visit.offers(one.team)
    if not one.open:
        return (
            *offers.ask("incident action", one.id, ACTION),
            *offers.ask("incident note", one.id, NOTE),
            *offers.ask("incident reopen", one.id, REOPEN),
        )
    return (
        *_take(visit, one),
        *_proposed(visit, one),
        *offers.ask("incident update", one.id, UPDATE),
        *offers.ask("incident note", one.id, NOTE),
        *offers.ask("incident escalate", one.id, ESCALATE),
        *offers.ask("incident resolve", one.id, RESOLVE),
    )


def more_moves(visit: Visit, one: IncidentView) -> tuple[Action, ...]:
    """The rest, which folds away."""
    return tuple(_rest(visit, one))


def _take(visit: Visit, one: IncidentView) -> Iterator[Action]:
    """Acknowledge, then take the lead."""
    offers = visit.offers(one.team)
    if one.status == "triggered":
        yield from offers.press("incident ack", one.id, ACK)
    elif one.commander is None:
        yield from offers.press("incident lead", f"{one.id},me,true", LEAD)


def _proposed(visit: Visit, one: IncidentView) -> Offered:
    """What a model proposes is for a person to take (rules.md 12)."""
    if one.proposed is None:
        return ()
    face = Face(label=f"Set {one.proposed}", icon="up")
    return visit.offers(one.team).press("incident severity", f"{one.id},{one.proposed}", face)


def _rest(visit: Visit, one: IncidentView) -> Iterator[Action]:
    offers = visit.offers(one.team)
    asked: tuple[Offered, ...] = (
        offers.ask("incident severity", one.id, SEVERITY, {"severity": one.severity}),
        offers.ask("incident impact", one.id, IMPACT, {"text": one.impact}),
        offers.ask("incident role", one.id, ROLE),
        offers.ask("incident invite", one.id, INVITE),
        offers.ask("incident times", one.id, TIMES),
        offers.ask("incident action", one.id, ACTION),
        offers.ask("incident merge", one.id, MERGE),
        offers.ask("incident cancel", one.id, CANCEL),
    )
    if one.open:
        for offered in asked:
            yield from offered
    yield from offers.press("incident catchup", one.id, CATCH_UP)


ACK = Face(label="Ack", icon="check", key="a", style="primary")
LEAD = Face(label="Take lead", icon="oncall", style="primary")
UPDATE = Face(label="Update…", icon="update", key="u")
NOTE = Face(label="Note…", icon="note", key="n")
ESCALATE = Face(label="Page…", icon="up", key="e")
RESOLVE = Face(label="Resolve…", icon="resolved")
REOPEN = Face(label="Reopen…", icon="triggered")
SEVERITY = Face(label="Severity…")
IMPACT = Face(label="Impact…")
ROLE = Face(label="Role…")
INVITE = Face(label="Invite…")
TIMES = Face(label="Times…")
ACTION = Face(label="Action item…", icon="plus")
MERGE = Face(label="Duplicate of…")
CANCEL = Face(label="Cancel it…", style="danger")
CATCH_UP = Face(label="Catch me up")
