"""Messages as Components V2: within Discord's limits, and inert whatever stands in them."""

import pytest
from simcord.components import walk_components

from domain.message import (
    Actions,
    Button,
    Code,
    Fields,
    Form,
    Header,
    Message,
    Option,
    Select,
    Text,
    sentence,
    spans,
)
from integrations.chat.discord.limits import LimitBroken, accept, accept_whole
from integrations.chat.discord.render import COMPONENTS_V2, SILENT, rendered
from tests.fakes.platforms import discord_parts
from tests.fakes.views import corpus, views


def test_the_hostile_corpus_is_inert():
    """Every string that was handed out, in a card, a page and a table."""
    known = corpus()
    if not known:
        pytest.skip("no hostile corpus here")
    for first in range(0, len(known), 12):
        some = known[first : first + 12]
        lines = (Text(spans=spans(said[:150])) for said in some)
        discord_parts(
            Message(nodes=(Header(text=some[0][:200]), *lines, Code(text=some[-1][:500])))
        )


def test_views_of_ordinary_length_are_sent_whole():
    """Production may shorten; no view of ours needs it."""
    for _name, message in views("Trino queries fail since v248"):
        accept_whole(rendered(message, {}))


def test_a_header_makes_a_container_of_its_colour():
    """What is said in a line stands bare."""
    card = rendered(Message(nodes=(Header(text="SEV1", tone="danger"),)), {}).payload
    assert card["components"][0]["accent_color"] == 0xC9302C
    assert card["components"][0]["components"] == [{"type": 10, "content": "### SEV1"}]
    line = rendered(sentence("Done."), {}).payload
    assert line["components"] == [{"type": 10, "content": "Done."}]


def test_a_quiet_message_makes_no_sound():
    """A page does."""
    quiet = sentence("Done.").model_copy(update={"urgency": "quiet"})
    assert rendered(quiet, {}).payload["flags"] == COMPONENTS_V2 | SILENT
    assert rendered(sentence("Ack!"), {}).payload["flags"] == COMPONENTS_V2


def test_what_does_not_fit_is_counted_and_the_buttons_stay():
    """Shortened in production, refused in tests."""
    ack = Actions(buttons=(Button(id="v1:page.ack:1", label="Ack"),))
    long = Message(
        nodes=(Header(text="x"), Text(spans=spans("é" * 5000)), Code(text="y" * 500), ack)
    )
    shown = rendered(long, {})
    assert shown.broken == ("text",)
    first, row, tail = shown.payload["components"][0]["components"]
    assert first["content"].endswith("more characters")
    assert row["components"][0]["label"] == "Ack"
    assert tail["content"] == "-# … 500 more characters"
    with pytest.raises(LimitBroken, match="over Discord's limits: text"):
        accept_whole(shown)
    assert accept(shown) == shown.payload


def test_a_long_field_leaves_room_for_the_others():
    """Ten of them are seen."""
    wide = Fields.model_validate(
        {"fields": [{"label": f"f{n}", "value": spans("y" * 3000)} for n in range(5)]}
    )
    content = rendered(Message(nodes=(wide,)), {}).payload["components"][0]["content"]
    assert all(f"**f{n}**" in content for n in range(5))


def test_folded_buttons_are_a_menu_and_a_call_stands_once():
    """Discord refuses two buttons with one id."""
    row = Actions(
        buttons=(Button(id="a", label="A", style="primary"), Button(id="a", label="Again")),
        more=(Button(id="b", label="B"), Button(id="a", label="A")),
    )
    components = rendered(Message(nodes=(row, row)), {}).payload["components"]
    kinds = [one["components"][0]["type"] for one in components]
    assert kinds == [2, 3, 3]
    assert [one["value"] for one in components[1]["components"][0]["options"]] == ["b", "a"]


def test_a_choice_says_which_field_it_fills():
    """Its press has no other place for it."""
    options = (Option(value="o1", label="One"), Option(value="x" * 100, label="Long"))
    menu = Select(id="v1:page.notours:1", name="to", label="Whose?", options=options)
    shown = rendered(Message(nodes=(menu,)), {})
    (row,) = shown.payload["components"]
    assert row["components"][0]["custom_id"] == "v1:page.notours:1"
    assert row["components"][0]["options"] == [{"label": "One", "value": "to=o1"}]
    assert shown.broken == ("option",)


def test_a_message_of_too_many_rows_keeps_the_first():
    """Forty components are all that Discord takes."""
    rows = tuple(
        Actions(buttons=tuple(Button(id=f"{row}:{n}", label="x") for n in range(5)))
        for row in range(9)
    )
    shown = rendered(Message(nodes=(Header(text="x"), *rows)), {})
    assert shown.broken == ("components",)
    assert len(list(walk_components(shown.payload["components"]))) <= 40


def test_a_form_that_cannot_be_opened_is_a_button():
    """Its press asks again, and then it can."""
    form = Form(id="v1:incident.declare:", title="Declare", submit="Declare", inputs=())
    (row,) = rendered(Message(nodes=(form,)), {}).payload["components"]
    assert row["components"][0]["custom_id"] == form.id
    assert row["components"][0]["label"] == "Declare…"


def test_nothing_to_say_is_said():
    """Discord refuses an empty message."""
    assert rendered(sentence("\u200b"), {}).payload["components"][0]["content"] == "(nothing)"
