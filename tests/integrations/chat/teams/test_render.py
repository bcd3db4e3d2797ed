"""Messages as Adaptive Cards: valid, within the limits, and never markup."""

import json
from typing import Any

import pytest

from domain.message import (
    Actions,
    Button,
    Code,
    Divider,
    FieldPair,
    Fields,
    Form,
    Header,
    Image,
    Input,
    Message,
    Node,
    Option,
    Progress,
    ProgressStep,
    Select,
    Span,
    Table,
    Text,
    link,
    mention,
    moment,
    sentence,
    spans,
)
from integrations.chat.teams.limits import BUDGET, LimitBroken
from integrations.chat.teams.render import TOO_LARGE, render, render_strictly
from tests.fakes.cards import CardLibrary, complaints, parts
from tests.fakes.platforms import kinds, need_plain, teams
from tests.fakes.views import AT, TRICKS, corpus, everything, forms, views

ACCOUNTS = {"bob": "aad-bob"}
ORDINARY = "38 % of queries fail on trino prod"


def drawn(*nodes: Node, accounts: dict[str, str] | None = None) -> dict[str, Any]:
    """The card of these nodes, none of them shortened."""
    return render_strictly(Message(nodes=nodes), accounts or {}).card


def check(message: Message, library: CardLibrary) -> None:
    """The format's own library says nothing against the card either."""
    assert library.complaints(teams(message)) == []


@pytest.mark.parametrize(("name", "message"), [*views(ORDINARY), *forms()])
def test_every_view_is_a_valid_card_as_it_is(name, message, library):
    """Nothing of what Tocsin usually says has to be shortened."""
    if name != "everything":
        assert render_strictly(message, ACCOUNTS).size <= BUDGET
    check(message, library)


@pytest.mark.parametrize("said", TRICKS, ids=range(len(TRICKS)))
def test_tricks_make_no_faulty_card(said, library):
    """Markup, mentions, functions, invisible and endless text, in every kind of node."""
    check(everything(said), library)


@pytest.mark.skipif(not corpus(), reason="the hostile strings are not here")
def test_hostile_strings_stay_text():
    """No link, no mention, no markdown of theirs."""
    for said in corpus():
        made = render(sentence(said, Span(text=said, kind="bold")), ACCOUNTS).card
        need_plain(made)
        assert kinds(made, "Action.OpenUrl") == []
        assert complaints(made) == []


def test_buttons_carry_their_ids_and_fold_behind_the_dots():
    """A press names the button; no field of the card is sent along."""
    first = Button(id="v1:page.ack:p1", label="Ack", style="primary")
    last = Button(id="v1:incident.cancel:INC-1", label="Cancel…", style="danger")
    ((row),) = kinds(drawn(Actions(buttons=(first,), more=(last,))), "ActionSet")
    shown, folded = row["actions"]
    assert shown["data"] == {"button": first.id}
    assert (shown["style"], shown["associatedInputs"]) == ("positive", "none")
    assert (folded["style"], folded["mode"]) == ("destructive", "secondary")


def test_a_button_that_asks_first_presses_only_on_the_second_card():
    """The question stands between."""
    asks = Button(id="v1:incident.cancel:INC-1", label="Cancel", confirm="It counts nowhere.")
    (row,) = kinds(drawn(Actions(buttons=(asks,))), "ActionSet")
    (opens,) = row["actions"]
    assert opens["type"] == "Action.ShowCard"
    (press,) = opens["card"]["actions"]
    assert press["data"] == {"button": asks.id}
    assert "counts nowhere" in json.dumps(opens["card"]["body"])


def test_an_instant_is_shown_in_the_readers_zone():
    """By the card's own functions, which data cannot use."""
    said, made = (
        run["text"]
        for run in kinds(drawn(Text(spans=(Span(text="{{DATE("), moment(AT)))), "TextRun")
    )
    assert made == "{{DATE(2026-11-21T12:00:00Z, SHORT)}} {{TIME(2026-11-21T12:00:00Z)}}"
    assert said != "{{DATE("


def test_only_web_addresses_become_links():
    """Everything else stays the word it is."""
    good, *bad = (
        "https://example.com/a", "javascript:alert(1)", "https://a.example@evil.example",
        "//evil.example", "/incidents/INC-1", "data:text/html,x", "msteams://x",
    )  # fmt: skip
    card = drawn(Text(spans=tuple(link("here", url) for url in (good, *bad))))
    assert [one["url"] for one in kinds(card, "Action.OpenUrl")] == [good]
    assert [one["text"] for one in kinds(card, "TextRun")] == ["here"] * 7


def test_whoever_has_an_account_is_mentioned_once_and_by_letters():
    """A name is the only word that stands where markdown is read."""
    line = Text(
        spans=spans(mention("bob", "Bob <at>**x**"), mention("bob", "Bob"), mention("c", "C"))
    )
    card = drawn(line, line, accounts=ACCOUNTS)
    (entity,) = card["msteams"]["entities"]
    assert entity["mentioned"]["id"] == "aad-bob"
    assert [one["text"] for one in kinds(card, "TextBlock")] == [entity["text"]]
    assert kinds(drawn(line), "TextBlock") == []


def test_pictures_have_words_and_come_from_the_web():
    """Anything else is the words alone."""
    (image,) = kinds(drawn(Image(url="https://example.com/a.png", alt="load")), "Image")
    assert image["altText"] == "load"
    assert kinds(drawn(Image(url="/local.png", alt="load")), "Image") == []


def test_a_divider_is_a_line_above_what_follows():
    """One at the end separates nothing."""
    first, second = drawn(Text(spans=spans("a")), Divider(), Text(spans=spans("b")), Divider())[
        "body"
    ]
    assert "separator" not in first
    assert second["separator"] is True


def test_verbatim_lines_keep_their_indentation():
    """A renderer folds ordinary spaces."""
    (run,) = kinds(drawn(Code(text="if x:\n    y  = 1")), "TextRun")
    assert run["text"] == "if x:\n\u00a0\u00a0\u00a0\u00a0y\u00a0\u00a0= 1"


def test_steps_and_tables_say_in_words_what_they_show():
    """Colour and marks never stand alone."""
    steps = (ProgressStep(name="drain", state="done"), ProgressStep(name="restart", state="failed"))
    card = drawn(
        Progress(steps=steps, percent=40), Progress(steps=(), percent=0),
        Table(head=("who", "when"), rows=(("bob", "now", "more"), ("carol",))),
    )  # fmt: skip
    written = "\n".join(one["text"] for one in kinds(card, "TextRun"))
    assert "40 %\n✔ drain: done\n✖ restart: failed" in written
    (table,) = kinds(card, "Table")
    assert [len(row["cells"]) for row in table["rows"]] == [2, 2, 1]


BOB = Option(value="@bob", label="Bob")
FORM = Form(
    id="v1:incident.update:INC-1",
    title="Post an update",
    submit="Update",
    inputs=(
        Input(name="text", label="Text", kind="multiline", required=True, value="so far"),
        Input(name="next", label="Next", hint="30m", error="Next: type 30m"),
        Input(name="to", label="To", kind="person", value="@zoe", options=(BOB,)),
        Input(name="count", label="Count", kind="number", value="12"),
        Input(name="quiet", label="Quiet", kind="flag"),
    ),
)  # fmt: skip


def test_a_form_holds_what_was_typed_and_what_was_wrong():
    """People are picked among Tocsin's, of which Teams may ask for more."""
    card = drawn(Text(spans=spans("x")), FORM)
    text, next_, to, count, quiet = (
        one for one in parts(card) if one["type"].startswith("Input.")
    )  # fmt: skip
    assert (text["id"], text["isRequired"], text["value"]) == ("1.text", True, "so far")
    assert next_["placeholder"] == "30m"
    assert [one["value"] for one in to["choices"]] == ["@zoe", "@bob"]
    assert to["choices.data"] == {"type": "Data.Query", "dataset": "person"}
    assert count["value"] == 12
    assert quiet["value"] == quiet["valueOff"] == "false"
    assert "Next: type 30m" in [one["text"] for one in kinds(card, "TextRun")]
    (submit,) = kinds(card, "Action.Execute")
    assert submit["data"] == {"button": FORM.id, "part": "1"}
    assert submit["associatedInputs"] == "auto"


def test_what_is_no_number_does_not_stand_in_a_number():
    """The words that were refused are said beneath it."""
    asked = Input(name="count", label="Count", kind="number", value="many", error="Count: a number")
    card = drawn(FORM.model_copy(update={"inputs": (asked,)}))
    (number,) = kinds(card, "Input.Number")
    assert "value" not in number


def test_two_choices_in_one_card_stay_apart():
    """Each knows its own field."""
    pick = Select(
        id="v1:page.notours:p1", name="to", label="Team", options=(Option(value="a", label="A"),)
    )
    card = drawn(pick, pick)
    assert [one["id"] for one in kinds(card, "Input.ChoiceSet")] == ["0.to", "1.to"]
    assert [one["data"]["part"] for one in kinds(card, "Action.Execute")] == ["0", "1"]


def test_tests_refuse_what_people_see_shortened():
    """A view that is too long is a mistake of ours."""
    long = Message(nodes=(Header(text="x" * 400),))
    assert render(long, {}).broken == ("header",)
    with pytest.raises(LimitBroken, match="header"):
        render_strictly(long, {})


def test_a_message_beyond_all_bounds_keeps_its_first_line_and_its_buttons():
    """What can be pressed is never lost."""
    wide = Fields(
        fields=tuple(FieldPair(label="x" * 75, value=spans("y" * 400)) for _ in range(10))
    )
    row = Actions(buttons=(Button(id="v1:page.ack:p1", label="Ack"),))
    made = render(Message(nodes=(Header(text="SEV1"), *(wide,) * 39, row)), {})
    assert "message" in made.broken
    assert [one["title"] for one in kinds(made.card, "Action.Execute")] == ["Ack"]
    assert "SEV1" in json.dumps(made.card)


def test_what_cannot_be_shortened_is_left_to_the_dashboard():
    """Words in a field would be saved as they stand, so they are never cut."""
    asked = Input(name="text", label="Text", kind="multiline", value="x" * 60_000)
    made = render(Message(nodes=(FORM.model_copy(update={"inputs": (asked,)}),)), {})
    assert TOO_LARGE in json.dumps(made.card)
