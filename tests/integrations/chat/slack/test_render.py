"""Messages as Block Kit: what each node becomes, within the limits, with data staying data."""

import json

import pytest

from domain.message import (
    Actions,
    Button,
    Code,
    FieldPair,
    Fields,
    Form,
    Header,
    Image,
    Input,
    Message,
    Option,
    Progress,
    ProgressStep,
    Select,
    Table,
    Text,
    bold,
    code,
    link,
    mention,
    moment,
    spans,
)
from integrations.chat.slack.limits import LimitBroken
from integrations.chat.slack.render import render, render_strictly
from tests.fakes.platforms import slack
from tests.fakes.slack_types import need_fitting, need_typed
from tests.fakes.views import AT, TRICKS, corpus, views

BOB = {"bob": "U0BOB"}


def blocks_of(*nodes, mentions=BOB):
    """The blocks of a message of these nodes."""
    rendered = render_strictly(Message(nodes=nodes), mentions)
    need_typed(list(rendered.blocks))
    return rendered.blocks


def line(*parts):
    """The one text object of a paragraph."""
    (block,) = blocks_of(Text(spans=spans(*parts)))
    return block["text"]


def test_the_twin_comes_first_and_is_whole():
    """A lock screen and a screen reader get everything in words."""
    message = Message(nodes=(Header(text="SEV2 <b>"), Actions(buttons=(_button("Ack"),))))
    assert render(message, {}).text == "SEV2 &lt;b&gt;\n[Ack]"


def test_a_severity_brings_its_colour():
    """Slack colours no header."""
    (block,) = blocks_of(Header(text="SEV2 checkout fails · INC-42"))
    assert block["text"]["text"] == "🟠 SEV2 checkout fails · INC-42"


def test_a_header_that_is_too_long_loses_nothing():
    """It goes on as bold text."""
    long = "x" * 140 + " status resolved"
    (block,) = blocks_of(Header(text=long))
    assert block["type"] == "section"
    assert block["text"]["text"] == f"*{long}*"


def test_plain_words_are_never_interpreted():
    """Not even the names of emoji."""
    said = "*not bold* <!channel> :fire: https://evil.example a > b"
    assert line(said) == {"type": "plain_text", "text": said, "emoji": False}


def test_markup_is_only_what_the_view_says():
    """Data beside it is broken so that it cannot begin any."""
    made = line(bold("Type "), code("/inc `x`"), " or *this* _that_ snake_case :fire: <!here>")
    assert made["text"] == (
        "*Type* `/inc ˋxˋ` or \u200b*\u200bthis\u200b*\u200b \u200b_\u200bthat\u200b_\u200b"
        " snake_case :\u200bfire: &lt;!here&gt;"
    )


def test_a_time_is_shown_in_the_readers_zone():
    """And in UTC where Slack cannot."""
    made = line("since ", moment(AT))["text"]
    assert made == ("since <!date^1795262400^{date_short_pretty} {time}|2026-11-21 12:00 UTC>")


def test_people_are_mentioned_by_their_account_or_named():
    """Who has none there is named."""
    assert line(mention("bob", "Bob"), " and ", mention("carol", "Carol"))["text"] == (
        "<@U0BOB> and Carol"
    )


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "/incidents/INC-42", "https://bank.example@evil.example"]
)
def test_only_web_addresses_are_links(url):
    """Everything else stays a word."""
    assert line(link("timeline", url))["text"] == "timeline"


def test_a_link_cannot_be_broken_out_of():
    """Neither by its word nor by its address."""
    made = line(link("a>b|c", "https://example.com/?a=1&b=|x"))["text"]
    assert made == "<https://example.com/?a=1&amp;b=%7Cx|a&gt;b|c>"


def test_fields_have_a_label_and_a_value():
    """In two columns."""
    (block,) = blocks_of(Fields(fields=(FieldPair(label="Service", value=spans("trino")),)))
    assert block["fields"][0]["text"] == "*Service*\ntrino"


def test_a_menu_holds_what_is_folded():
    """Five behind ⋯, more in a list; what asks before it acts is a button."""
    few, many = [_button(f"b{n}") for n in range(2)], [_button(f"m{n}") for n in range(7)]
    asking = Button(id="v1:incident.cancel:INC-1", label="Cancel", confirm="Sure?", style="danger")
    (block,) = blocks_of(Actions(buttons=tuple(few), more=(*few[:1], asking)))
    kinds = [one["type"] for one in block["elements"]]
    assert kinds == ["button", "button", "button", "overflow"]
    assert block["elements"][2]["confirm"]["confirm"]["text"] == "Cancel"
    (block,) = blocks_of(Actions(buttons=tuple(few), more=tuple(many)))
    assert block["elements"][-1]["type"] == "static_select"
    assert len(block["elements"][-1]["options"]) == 7


def test_a_choice_says_which_field_it_fills():
    """The name comes back with the press."""
    options = (Option(value="team-a", label="Team A"),)
    (block,) = blocks_of(Select(id="v1:page.notours:1", name="to", label="Whose?", options=options))
    assert block["elements"][0]["action_id"] == "v1:page.notours:1|to"


def test_a_form_in_a_message_is_a_button_that_opens_it():
    """With what was filled in already."""
    inputs = (Input(name="title", label="Title", value="it fails"), Input(name="sev", label="Sev"))
    form = Form(id="v1:incident.declare:", title="Declare", submit="Declare", inputs=inputs)
    (block,) = blocks_of(form)
    (element,) = block["elements"]
    assert element["action_id"] == "ask:v1:incident.declare:"
    assert json.loads(element["value"]) == {"title": "it fails"}


def test_a_picture_is_a_link():
    """A picture that Slack cannot load would cost the whole message."""
    (block,) = blocks_of(Image(url="https://example.com/a.png", alt="Errors per minute"))
    assert block["text"]["text"] == "<https://example.com/a.png|Errors per minute>"


def test_progress_is_readable_without_its_bar():
    """Each step with its state in words."""
    steps = (ProgressStep(name="drain", state="done"), ProgressStep(name="restart", state="failed"))
    (block,) = blocks_of(Progress(steps=steps, percent=40))
    assert block["text"]["text"] == "▓▓▓▓░░░░░░ 40 %\n✔ drain done\n✖ restart failed"


def test_a_table_is_a_line_for_each_row():
    """Read out in order by any screen reader."""
    head, rows = blocks_of(Table(head=("Id", "Title"), rows=(("INC-1", "a"), ("INC-2", "b_"))))
    assert head["elements"][0]["text"] == "Id · Title"
    assert rows["text"]["text"] == "*INC-1* · a\n*INC-2* · b\u200b_\u200b"


def test_verbatim_lines_stay_as_they_are():
    """In a fence, or as plain text where they hold what would end it."""
    (block,) = blocks_of(Code(text="kubectl get po <x> & *"))
    assert block["text"]["text"] == "```kubectl get po &lt;x&gt; &amp; *```"
    (block,) = blocks_of(Code(text="echo ```x```"))
    assert block["text"] == {"type": "plain_text", "text": "echo ```x```", "emoji": False}


def test_what_is_too_long_says_how_much_is_missing():
    """And what can be pressed is kept."""
    long = Text(spans=spans("word " * 5_000))
    message = Message(nodes=(long, Actions(buttons=(_button("Ack"),))))
    rendered = render(message, {})
    need_fitting(list(rendered.blocks))
    assert rendered.broken == ("text",)
    assert "more characters" in rendered.blocks[-2]["elements"][0]["text"]
    assert rendered.blocks[-1]["elements"][0]["text"]["text"] == "Ack"
    with pytest.raises(LimitBroken, match="text"):
        render_strictly(message, {})


@pytest.mark.parametrize("said", TRICKS, ids=range(len(TRICKS)))
def test_slacks_own_types_fit(said):
    """Every view, whatever stands in it."""
    for _name, message in views(said):
        need_typed(list(render(message, BOB).blocks))


@pytest.mark.skipif(not corpus(), reason="the hostile strings are not handed out here")
def test_the_hostile_strings_stay_inert():
    """Each of them in a paragraph of markup, a field, a header and a fence."""
    for said in corpus():
        slack(_around(said))


def _around(said):
    mixed = Text(spans=spans(bold("a"), said, code(said), link(said or "x", "https://a.example")))
    fields = Fields(fields=(FieldPair(label=said[:60], value=spans(said)),))
    return Message(nodes=(Header(text=said), mixed, fields, Code(text=said)))


def _button(label):
    return Button(id=f"v1:incident.ack:{label}", label=label)
