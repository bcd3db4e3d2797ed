"""Forms as modals, and what stands in their fields when they come back."""

import pytest

from commands.discovery import registry
from domain.derive import form
from domain.message import Form, Input, Message, Option, Text, form_of, sentence, spans
from integrations.chat.slack.form import Offered, errors, kind_of, modal, pickable, told
from integrations.chat.slack.heard import View
from tests.fakes.slack_types import faults, need_fitting, need_inert, need_typed
from tests.fakes.views import TRICKS, forms

FEW = tuple(Option(value=f"@p{number}", label=f"Person {number}") for number in range(3))
MANY = tuple(Option(value=f"@p{number}", label=f"Person {number}") for number in range(25))


def opened(asked: Form, offered=None, message=None):
    """The modal, checked against Slack's own types."""
    view = modal(message or Message(nodes=(asked,)), asked, offered or {}, "{}")
    assert faults("Opened", view) == []
    need_typed(view["blocks"], most=100)
    return view


def element(one: Input, offered=None):
    """How one field is asked for."""
    asked = Form(id="v1:incident.declare:", title="T", submit="S", inputs=(one,))
    return opened(asked, {one.name: offered} if offered else {})["blocks"][0]


def test_every_command_has_a_form_that_slack_takes():
    """With a title and a button that fit."""
    for _name, message in forms():
        asked = form_of(message)
        assert asked
        view = opened(asked)
        assert len(view["title"]["text"]) <= 24
        assert len(view["submit"]["text"]) <= 24
        assert view["callback_id"] == asked.id


def test_a_title_that_is_too_long_stands_above_the_fields():
    """The button's word is the title then."""
    asked = Form(id="v1:x.y:", title="Start an incident and page", submit="Declare", inputs=())
    view = opened(asked)
    assert view["title"]["text"] == "Declare"
    assert view["blocks"][0]["elements"][0]["text"] == "Start an incident and page"


def test_fields_have_hints_and_what_stands_in_them():
    """And say whether they are needed."""
    made = element(Input(name="title", label="Title", value="x", hint="in a few words"))
    assert made["element"]["initial_value"] == "x"
    assert made["hint"]["text"] == "in a few words"
    assert made["optional"] is True
    assert element(Input(name="t", label="T", required=True))["optional"] is False


def test_what_was_wrong_stands_beneath_its_field():
    """In place of the hint."""
    made = element(Input(name="sev", label="Severity", hint="SEV1 to SEV5", error="Type SEV1 …"))
    assert made["hint"]["text"] == "Type SEV1 …"


def test_kinds_of_fields():
    """Long words, choices and boxes."""
    assert element(Input(name="t", label="T", kind="multiline"))["element"]["multiline"]
    picked = Input(name="t", label="T", kind="select", options=FEW, value="@p1")
    assert element(picked)["element"]["initial_option"]["value"] == "@p1"
    box = element(Input(name="t", label="Private", kind="flag", value="true", hint="Only us"))
    assert box["element"]["initial_options"][0]["text"]["text"] == "Only us"
    assert "hint" not in box


def test_a_short_list_is_shown_and_a_long_one_searched():
    """Of Tocsin's people, whatever Slack knows (rules.md 18)."""
    asked = Input(name="person", label="Who", kind="person", value="me")
    few = element(asked, Offered(kind="person", options=FEW))["element"]
    assert few["type"] == "static_select"
    assert [one["value"] for one in few["options"]] == ["me", "@p0", "@p1", "@p2"]
    many = element(asked, Offered(kind="person", options=MANY))["element"]
    assert (many["type"], many["action_id"]) == ("external_select", "pick:person")
    assert many["initial_option"]["value"] == "me"
    none = element(asked, Offered(kind="person", options=()))["element"]
    assert none["type"] == "plain_text_input"


def test_fields_are_known_by_what_the_command_takes():
    """People, services, incidents and who can be paged."""
    known = registry()
    asked = form(known.commands["incident declare"], {}, {})
    assert pickable(asked, known) == {"service": "service"}
    asked = form(known.commands["page send"], {}, {})
    assert "target" in pickable(asked, known).values()
    assert pickable(Form(id="c_1", title="T", submit="S", inputs=()), known) == {}


@pytest.mark.parametrize(
    ("action", "kind"), [("pick:person", "person"), ("pick:root", None), ("title", None)]
)
def test_a_search_says_what_it_is_for(action, kind):
    """Nothing else is looked up."""
    assert kind_of(action) == kind


@pytest.mark.parametrize("said", TRICKS, ids=range(len(TRICKS)))
def test_any_words_fit_a_form(said):
    """Long, empty and hostile; above the fields too."""
    inputs = (
        Input(name="a", label=said, value=said, hint=said, error=said),
        Input(name="b", label=said, kind="flag"),
        Input(name="c", label=said, kind="multiline", value=said),
    )
    asked = Form(id="v1:incident.declare:", title=said, submit=said, inputs=inputs)
    message = Message(nodes=(Text(spans=spans(said)), asked))
    view = modal(message, asked, {}, "x" * 9_000)
    need_fitting(view["blocks"], most=100)
    need_inert(view)
    assert view["private_metadata"] == ""
    assert len(view["title"]["text"]) <= 24
    assert all(len(one["label"]["text"]) <= 2_000 for one in view["blocks"] if "label" in one)


def test_an_answer_can_take_the_forms_place():
    """Where no field is to blame."""
    view = told(sentence("You may not do that."), "Not done", {})
    assert faults("Opened", view) == []
    assert view["blocks"][0]["text"]["text"] == "You may not do that."


def test_errors_stand_beneath_the_fields_that_were_asked_for():
    """One that the form does not have blames none."""
    asked = Form(
        id="v1:x.y:", title="T", submit="S", inputs=(Input(name="a", label="A", error="Wrong"),)
    )
    assert errors(sentence("no"), asked, "a", ("a", "b")) == {"a": "Wrong"}
    assert errors(sentence("no > yes"), None, "b", ("a", "b")) == {"b": "no > yes"}
    assert errors(sentence("no"), None, "c", ("a", "b")) == {}
    assert errors(sentence("no"), None, None, ("a", "b")) == {}


def test_what_stands_in_a_form_comes_back_as_it_was_typed():
    """Words, choices, searches and boxes; an empty field is empty."""
    values = {
        "title": {"title": {"type": "plain_text_input", "value": "it fails"}},
        "why": {"why": {"type": "plain_text_input", "value": None}},
        "severity": {"severity": {"type": "static_select", "selected_option": {"value": "SEV1"}}},
        "who": {"pick:person": {"type": "external_select", "selected_option": {"value": "@bob"}}},
        "private": {"private": {"type": "checkboxes", "selected_options": [{"value": "true"}]}},
        "drill": {"drill": {"type": "checkboxes", "selected_options": []}},
    }
    assert View.model_validate({"state": {"values": values}}).values == {
        "title": "it fails",
        "why": "",
        "severity": "SEV1",
        "who": "@bob",
        "private": "true",
        "drill": "",
    }
