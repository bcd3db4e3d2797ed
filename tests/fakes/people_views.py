"""What people see of themselves, holding any text: the views of `tests.fakes.views` about them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from domain.account import Link
from domain.canary import canary_reminder
from domain.contact import ContactMethod, Wakeable
from domain.contact_card import ContactView, OwnContact, contact_card
from domain.contact_verification import code_letter, refused_notice, verified_letter
from domain.coverage import Risk, coverage_notice
from domain.freeze import Freeze
from domain.handoff import Handoff, ShiftChange
from domain.handoff_card import (
    Flapping,
    HandoffView,
    Matter,
    Snoozed,
    handoff_card,
    handoff_preview,
    unconfirmed_notice,
)
from domain.incident import Incident
from domain.matcher import Matcher
from domain.message import Message, moment
from domain.person_card import Mine, OwnShift, PersonView, Ringing, person_card
from domain.reachability import ReachTest, results_card, trial_card, trial_letter
from domain.silence import Silence
from domain.swap import Swap, Window
from domain.swap_card import SwapView, swap_card, swap_ended, swap_reminder

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CARD = "https://tocsin.example.com/card"


def people(said: str, incident: Incident) -> Iterator[tuple[str, Message]]:
    """Every such view by name, with ``said`` wherever somebody's words can stand."""
    short = said[:60] or "x"
    yield "person", person_card(_person(short, said, incident))
    yield "contacts", contact_card(_contacts(short, said))
    test = ReachTest(
        id="t1", round="r1", user="bob", method="m1", kind="email", name=short,
        state="refused", error=said[:200], at=AT,
    )  # fmt: skip
    heard = test.model_copy(update={"confirmed_at": AT + timedelta(seconds=9)})
    yield "test", trial_card(short, test)
    yield "test heard", trial_card(short, heard)
    yield "test letter", trial_letter(short, f"{CARD}/a/test/t1")
    yield "tests", results_card((test, heard) * 5)
    yield "canary not heard", canary_reminder((test, heard) * 5)
    yield "code letter", code_letter(short, "ABCD-2345")
    yield "code refused", refused_notice(short, said[:200])
    yield "verified letter", verified_letter(short, short)
    yield from _swaps(short, said)
    yield from _handoffs(short, said, incident)


def _swaps(short: str, said: str) -> Iterator[tuple[str, Message]]:
    time = Window(starts=AT, ends=AT + timedelta(hours=3))
    swap = Swap(
        id="SWP-1", schedule="web", asker="bob", time=time, offered=("carol",), back=time,
        why=said[:200],
    )  # fmt: skip
    ended = {"status": "accepted", "taken_by": "carol"}
    view = SwapView(swap=swap, schedule=short, names={"bob": short, "carol": short})
    taken = view.model_copy(update={"swap": swap.model_copy(update=ended)})
    yield "swap", swap_card(view, "carol")
    yield "swap accepted", swap_card(taken, "carol")
    yield "swap ended", swap_ended(taken, "bob")
    yield "swap reminder", swap_reminder(view)


def _handoffs(short: str, said: str, incident: Incident) -> Iterator[tuple[str, Message]]:
    change = ShiftChange(starts=AT, coming=("carol",), leaving=("bob",))
    handoff = Handoff(id="HND-1", schedule="web", change=change, note=said[:1000], note_by="bob")
    matter = Matter(
        incidents=(incident,) * 12,
        snoozed=(Snoozed(incident="INC-42", user="bob", until=moment(AT)),),
        silences=(
            Silence(
                id="s1", matchers=(Matcher(name="service", op="=", value=short),), starts_at=AT,
                ends_at=AT, created_by="bob", why=said[:200],
            ),
        ),
        freezes=(Freeze(id="FRZ-1", service=short, by="bob", why=short, starts_at=AT),),
        flapping=(Flapping(name=said[:200], service=short, times=4),),
        safe_mode=said[:200],
    )  # fmt: skip
    names = {"bob": short, "carol": short}
    view = HandoffView(handoff=handoff, schedule=short, names=names, matter=matter)
    begun = handoff.model_copy(
        update={"state": "begun", "confirmed_by": "carol", "confirmed_at": AT}
    )
    yield "handoff coming", handoff_card(view, "carol")
    yield "handoff leaving", handoff_card(view, "bob")
    yield "handoff confirmed", handoff_card(view.model_copy(update={"handoff": begun}), "bob")
    yield "handoff preview", handoff_preview(view)
    yield "handoff unconfirmed", unconfirmed_notice(view)
    holes = tuple(Risk(key=str(n), team="web", text=said[:300] or "a hole") for n in range(12))
    yield "coverage", coverage_notice(holes)


def _person(short: str, said: str, incident: Incident) -> PersonView:
    mine = Mine(
        id="INC-42", title=incident.title, severity=incident.severity, status=incident.status
    )
    return PersonView(
        name=short,
        roles=("responder",),
        timezone="Europe/Berlin",
        now=AT,
        ringing=(Ringing(page="p1", incident="INC-42", headline=said[:300]),),
        incidents=(mine,) * 6,
        shifts=(OwnShift(schedule=short, starts=AT, ends=AT),),
        links=(Link(platform="slack", workspace="T1", account=short, user="bob"),),
        methods=(ContactMethod(kind="email", address=short),),
        chats=("slack", "teams"),
    )


def _contacts(short: str, said: str) -> ContactView:
    mail = OwnContact(
        id="m1", kind="email", shown=short, verified=False, source="self", refused=said[:200]
    )
    tried = mail.model_copy(
        update={"id": "m2", "verified": True, "failed": said[:200], "tested_at": AT}
    )
    phone = OwnContact(id="m3", kind="phone", shown=short, verified=False, source="self")
    reason = said[:200] or "nothing is verified"
    return ContactView(
        contacts=(mail, tried, phone), wakeable=Wakeable(ok=False, reason=reason), card=CARD
    )
