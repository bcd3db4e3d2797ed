"""A page rings by urgency, at fixed minutes, with what the person has, until an ack."""

from datetime import timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contact import (
    NAMES,
    ContactKind,
    ContactMethod,
    masked,
    phone_number,
    ring_after,
    ring_plan,
    rings_between,
    wakeable,
)
from domain.contact_card import ContactView, OwnContact, contact_card
from domain.contact_verification import need_room
from domain.errors import Refused
from domain.plain import plain


def methods(*kinds: str, verified: bool = True) -> tuple[ContactMethod, ...]:
    """Methods of these kinds."""
    return tuple(
        ContactMethod.model_validate({"kind": kind, "address": "a", "verified": verified})
        for kind in kinds
    )


def rings(urgency, minutes: int, *kinds: str) -> list[tuple[int, str]]:
    """The rings of the first minutes as (minute, kind)."""
    plan = islice(ring_plan(urgency, methods(*kinds)), 200)
    return [
        (one.after // timedelta(minutes=1), one.kind)
        for one in plan
        if one.after < timedelta(minutes=minutes)
    ]


def test_the_default_rule_for_high_urgency():
    """Chat and push at once, SMS, a call, then chat each minute and a second call."""
    assert rings("high", 5, *NAMES) == [
        (0, "chat"),
        (0, "push"),
        (1, "sms"),
        (2, "voice"),
        (3, "chat"),
        (4, "chat"),
        (4, "voice"),
    ]


def test_high_urgency_goes_on_until_an_ack():
    """After five minutes chat rings each minute and the waking methods at their minutes again."""
    assert rings("high", 10, "chat", "sms", "voice")[6:] == [
        (5, "chat"),
        (6, "chat"),
        (6, "sms"),
        (7, "chat"),
        (7, "voice"),
        (8, "chat"),
        (9, "chat"),
        (9, "voice"),
    ]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (("chat",), [(0, "chat"), (3, "chat"), (4, "chat"), (5, "chat"), (6, "chat")]),
        (("sms",), [(1, "sms"), (6, "sms")]),
        (("voice",), [(2, "voice"), (4, "voice")]),
        (("chat", "voice"), [(0, "chat"), (2, "voice"), (3, "chat"), (4, "chat"), (4, "voice")]),
        (("pushover",), [(1, "pushover"), (6, "pushover")]),
        (("ntfy", "pushover"), [(1, "pushover"), (6, "pushover")]),
        (("ntfy",), [(1, "ntfy"), (6, "ntfy")]),
        (("sms", "pushover"), [(1, "sms"), (6, "sms")]),
        (("push",), [(0, "push"), (5, "push")]),
        (("email",), [(0, "email"), (5, "email")]),
        (("webhook", "email"), [(0, "email"), (1, "webhook"), (5, "email")]),
        ((), []),
    ],
)
def test_missing_methods_fall_away_and_the_others_keep_their_times(kinds, expected):
    """What a person lacks is left out; nothing else moves up."""
    found = rings("high", 7, *kinds)
    assert found[: len(expected)] == expected


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (tuple(NAMES), [(0, "chat"), (15, "email")]),
        (("email",), [(15, "email")]),
        (("push", "sms", "voice"), [(0, "push")]),
        (("sms", "voice"), []),
    ],
)
def test_low_urgency_ends_after_the_mail(kinds, expected):
    """Low urgency is one message and a mail; it never calls."""
    assert rings("low", 10_000, *kinds) == expected


def test_unverified_methods_do_not_ring():
    """An address nobody has confirmed is not used."""
    assert ring_after("high", methods(*NAMES, verified=False), 0) is None


def test_a_ring_says_why():
    """Each ring carries urgency, method and time in words."""
    plan = ring_plan("high", methods("chat", "sms"))
    assert [one.reason for one in islice(plan, 2)] == [
        "high urgency: chat at once",
        "high urgency: SMS after 1 min",
    ]


KINDS = st.sets(st.sampled_from(list(NAMES)))
URGENCIES = st.sampled_from(["high", "low"])


@given(URGENCIES, KINDS, st.integers(0, 300))
def test_a_number_always_means_the_same_ring(urgency, kinds, k):
    """With fewer methods a number is the same ring or none: times and numbers never shift."""
    ring = ring_after(urgency, methods(*kinds), k)
    everything = ring_after(urgency, methods(*NAMES), ring.k) if ring else None
    assert ring is None or (everything and everything.after == ring.after)
    assert ring is None or ring.k >= k


@given(URGENCIES, KINDS)
def test_the_kth_ring_is_that_of_the_plan(urgency, kinds):
    """Asking ring by ring gives the plan, in order of time."""
    plan = list(islice(ring_plan(urgency, methods(*kinds)), 40))
    assert plan == sorted(plan, key=lambda ring: (ring.after, ring.k))
    assert all(ring_after(urgency, methods(*kinds), ring.k) == ring for ring in plan)


@given(st.sets(st.sampled_from(list(NAMES)), min_size=1))
def test_any_verified_method_is_used_without_end(kinds):
    """Whoever has one verified method is rung by it, at least every five minutes."""
    plan = list(islice(ring_plan("high", methods(*kinds)), 50))
    assert len(plan) == 50
    gaps = [two.after - one.after for one, two in pairwise(plan)]
    assert max(gaps) <= timedelta(minutes=5)


@pytest.mark.parametrize(
    ("verified", "unverified", "ok", "reason"),
    [
        (("chat", "sms"), (), True, "rung through Do Not Disturb by SMS"),
        (
            ("voice", "ntfy", "pushover"),
            (),
            True,
            "rung through Do Not Disturb by voice call, Pushover and ntfy",
        ),
        (
            ("chat", "push", "email"),
            (),
            False,
            "not wakeable: chat, web push and e-mail only, silent in Do Not Disturb; "
            "nothing that wakes is set up here",
        ),
        (
            ("chat",),
            ("sms", "voice"),
            False,
            "not wakeable: SMS and voice call not verified yet; type /me contact verify",
        ),
        (
            (),
            ("chat",),
            False,
            "not wakeable: no verified contact method; nothing that wakes is set up here",
        ),
    ],
)
def test_who_can_be_woken(verified, unverified, ok, reason):
    """Only methods that break through Do Not Disturb wake, and the reason says what to do."""
    answer = wakeable([*methods(*verified), *methods(*unverified, verified=False)])
    assert (answer.ok, answer.reason) == (ok, reason)


def test_only_what_could_wake_is_told_to_be_added():
    """Nobody is sent to add what nothing here sends by."""
    able: frozenset[ContactKind] = frozenset({"email", "sms", "ntfy"})
    assert wakeable(methods("chat"), able).reason == (
        "not wakeable: chat only, silent in Do Not Disturb; add SMS or ntfy with /me contact add"
    )


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("+49 30 1234567", "+49301234567"),
        ("+1 (555) 010-9999", "+15550109999"),
        ("+49 (0)30/1234567", "+49301234567"),
        (" +44.20.7946.0958 ", "+442079460958"),
    ],
)
def test_a_phone_number_as_people_write_it(typed, read):
    """Blanks, brackets, dots and dashes are for the eye."""
    assert phone_number(typed) == read


@pytest.mark.parametrize(
    "typed", ["030 1234567", "0049301234567", "+49", "+49 ruf mich an", "++49301"]
)
def test_what_cannot_be_dialled_from_elsewhere_is_no_number(typed):
    """It says what to type."""
    with pytest.raises(ValueError, match="is no phone number; type it like"):
        phone_number(typed)


def test_an_address_is_shown_as_far_as_its_owner_needs():
    """The first letter and the domain; the country and the last two digits."""
    assert masked("email", "bob@night.example") == "b…@night.example"
    assert masked("phone", "+49301234567") == "+49…67"
    assert masked("chat", "slack") == "slack"


@pytest.mark.parametrize(
    ("kinds", "since", "until", "expected"),
    [
        (("sms",), 0, 5, True),
        (("sms",), 0, 1, False),
        (("sms",), 1, 5, False),
        (("sms",), 1, 7, True),
        (("email",), 0, 5, False),
        (("voice",), 2, 5, True),
        ((), 0, 60, False),
    ],
)
def test_whether_a_way_still_has_its_turn(kinds, since, until, expected):
    """Before somebody else is rung."""
    minute = timedelta(minutes=1)
    found = rings_between("high", methods(*kinds), since * minute, until * minute)
    assert found is expected


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "SMS +49…67: wakes you · never confirmed"),
        ({"able": False}, "SMS +49…67: no page goes there: SMS is not set up here"),
        ({"verified": False}, "SMS +49…67: not verified, so no page goes there"),
        ({"kind": "phone"}, "Phone +49…67: for people only"),
    ],
)
def test_each_way_says_whether_a_page_goes_there(change, told):
    """Also where an admin took the sender away that it was verified for."""
    usual = {"id": "m1", "kind": "sms", "shown": "+49…67", "verified": True, "source": "self"}
    own = OwnContact.model_validate(usual | change)
    view = ContactView(contacts=(own,), wakeable=wakeable(methods("sms")), card=None)
    assert told in plain(contact_card(view))


@pytest.mark.parametrize(
    ("contacts", "codes", "told"),
    [
        (9, 4, ""),
        (10, 0, "You have 10 already: remove one first"),
        (0, 5, "5 codes went out within an hour"),
    ],
)
def test_nobody_fills_a_strangers_mailbox(contacts, codes, told):
    """Ten ways and five codes an hour are enough for anybody."""
    if not told:
        need_room(contacts, codes)
        return
    with pytest.raises(Refused, match=told):
        need_room(contacts, codes)
