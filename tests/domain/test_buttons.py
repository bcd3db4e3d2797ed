"""A button's id is the call it makes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.args import Args
from domain.buttons import Pressed, arguments, button, button_id, pressed
from tests.fakes.sample_commands import SAMPLE

NOUNS = st.from_regex(r"[a-z]{1,12} [a-z][a-z-]{0,11}", fullmatch=True)


@given(NOUNS, st.text(max_size=15))
def test_id_is_read_back(command, target):
    """Command and target survive, whatever the target holds."""
    assert pressed(button_id(command, target)) == Pressed(command=command, target=target)


def test_button_carries_the_id():
    """The id is short, readable and no secret."""
    made = button("incident ack", "INC-42", "Ack", "primary")
    assert (made.id, made.label, made.style) == ("v1:incident.ack:INC-42", "Ack", "primary")


def test_id_over_a_hundred_bytes_is_refused():
    """The tightest platform would cut it off."""
    with pytest.raises(ValueError, match="over 100 bytes"):
        button_id("incident ack", "ä" * 50)


@pytest.mark.parametrize(
    "foreign", ["", "v1", "v1:", "v1::INC-42", "v2:incident.ack:INC-42", "c_1"]
)
def test_foreign_ids_mean_nothing(foreign):
    """An id of another program or version is None, never a guess."""
    assert pressed(foreign) is None


@pytest.mark.parametrize(
    ("name", "target", "args"),
    [
        ("incident ack", "INC-42", {"incident": "INC-42"}),
        ("incident severity", "INC-42,SEV1", {"incident": "INC-42", "severity": "SEV1"}),
        (
            "incident role",
            "INC-42,scribe,me",
            {"incident": "INC-42", "role": "scribe", "person": "me"},
        ),
        ("page send", "web", {"target": "web"}),
        ("incident ack", "INC-42,more", {"incident": "INC-42"}),
        ("incident ack", "", {}),
    ],
)
def test_target_fills_the_arguments(name, target, args):
    """The incident comes first, then the positional arguments in order."""
    model: type[Args] = SAMPLE.commands[name].args
    assert args == arguments(Pressed(command=name, target=target), model)
