"""Buttons, picks and forms become the call that would have been typed."""

import pytest

from domain.buttons import button
from domain.errors import Stale
from domain.message import Actions, Form, Message, Option, Select
from domain.press import need_button, pressed_call
from tests.fakes.sample_commands import SAMPLE

CARD = Message(
    nodes=(
        Actions(buttons=(button("incident ack", "INC-1", "Ack"),),
                more=(button("incident note", "INC-1", "Note…"),)),
        Select(id="v1:incident.severity:INC-1", name="severity", label="Severity",
               options=(Option(value="SEV1", label="SEV1"),)),
        Form(id="v1:incident.declare:", title="Declare", submit="Declare", inputs=()),
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("made", "values", "args"),
    [
        ("v1:incident.ack:INC-1", {}, {"incident": "INC-1"}),
        ("v1:incident.declare:", {"title": "x", "service": " "}, {"title": "x"}),
        ("v1:incident.severity:INC-1,SEV1", {}, {"incident": "INC-1", "severity": "SEV1"}),
        ("v1:incident.severity:INC-1,SEV1", {"severity": "SEV2"},
         {"incident": "INC-1", "severity": "SEV2"}),
        ("v1:incident.role:INC-1,scribe,bob", {},
         {"incident": "INC-1", "role": "scribe", "person": "bob"}),
        ("v1:help.show:", {}, {}),
    ],
)  # fmt: skip
def test_a_button_is_a_call_already_filled_in(made: str, values: dict[str, str], args):
    """Its target, what follows the comma, then what was filled in; empty fields are not given."""
    assert pressed_call(made, values, SAMPLE).args == args


@pytest.mark.parametrize("made", ["v1:incident.explode:INC-1", "v2:incident.ack:INC-1", "x", ""])
def test_a_button_nobody_knows_is_stale(made: str):
    """It was drawn by another version."""
    with pytest.raises(Stale):
        pressed_call(made, {}, SAMPLE)


def test_a_button_must_stand_on_its_message():
    """Buttons, folded ones, choices and forms count; anything else has gone."""
    for shown in ("v1:incident.ack:INC-1", "v1:incident.note:INC-1",
                  "v1:incident.severity:INC-1", "v1:incident.declare:"):  # fmt: skip
        need_button(CARD, shown)
    with pytest.raises(Stale):
        need_button(CARD, "v1:incident.ack:INC-2")
