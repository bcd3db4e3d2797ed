"""Words are taken out of what people wrote, and of nothing else."""

import pytest
from pydantic import JsonValue

from domain.message import Button, Header, Message, Text, sentence, spans
from domain.plain import plain
from domain.scrub import holds, without, without_in


@pytest.mark.parametrize(
    ("words", "text", "left"),
    [
        ("Anna Maier", "call Anna Maier now", "call [redacted] now"),
        ("ok", "the token is ok", "the token is [redacted]"),
        ("ok", "the token is broken", "the token is broken"),
        ("+43 660 1", "at +43 660 1", "at [redacted]"),
        ("a+b (c)", "it is a+b (c), he said", "it is [redacted], he said"),
        ("x", "x", "[redacted]"),
    ],
)
def test_words_are_taken_out_where_they_stand_as_words(words, text, left):
    """Never inside another word."""
    assert without(words, text) == left
    assert holds(text, words) == (left != text)


@pytest.mark.parametrize("words", ["text", "kind", "header", "bold", "v1", "notice", "spans"])
def test_the_shape_of_a_message_stays(words):
    """Words that are also names of the format take nothing of it away."""
    message = Message(
        nodes=(Header(text=f"about {words}"), Text(spans=spans("other things here"))),
        update_key="incident:INC-1",
    )
    scrubbed = Message.model_validate(without_in(words, message.model_dump(mode="json")))
    assert plain(scrubbed).splitlines()[1] == "other things here"
    assert words not in plain(scrubbed)


def test_a_label_does_not_grow_over_its_limit():
    """A short word repeated in a long label cannot make the message invalid."""
    label = " ".join(["ab"] * 25)
    button = Button(id="v1:incident.ack:INC-1", label=label)
    scrubbed = Button.model_validate(without_in("ab", button.model_dump(mode="json")))
    assert (scrubbed.id, scrubbed.label) == (button.id, "[redacted]")


def test_numbers_and_structure_are_left_alone():
    """Ids, kinds, times and figures are no words."""
    document: dict[str, JsonValue] = {
        "id": "open",
        "status": "open",
        "text": "open it",
        "count": 3,
        "none": None,
    }
    assert without_in("open", document) == document | {"text": "[redacted] it"}


def test_a_plain_sentence():
    """The common case: a message of one line."""
    message = sentence("Update by Bob: call Anna")
    scrubbed = without_in("call Anna", message.model_dump(mode="json"))
    assert plain(Message.model_validate(scrubbed)) == "Update by Bob: [redacted]"
