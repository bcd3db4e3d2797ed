"""Forms as modals, and what comes back."""

import pytest
from hypothesis import given, settings
from simcord.components import validate_modal

from domain.message import Form, Input, Option, form_of
from integrations.chat.discord.forms import filled_in, modal, offered
from tests.fakes.views import forms, texts

PEOPLE = (Option(value="@bob", label="Bob"), Option(value="@carol", label="Carol"))


def form(*inputs: Input) -> Form:
    """A form with these inputs."""
    return Form(id="v1:incident.lead:INC-42", title="Take the lead", submit="Lead", inputs=inputs)


@pytest.mark.parametrize("name", [name for name, _message in forms()])
def test_every_commands_form_is_a_modal(name: str):
    """Nothing of it is cut."""
    asked = form_of(dict(forms())[name])
    if asked is None or not asked.inputs:
        return
    shown = modal(asked)
    validate_modal(shown.payload)
    assert shown.broken == ()


@settings(max_examples=40)
@given(texts())
def test_any_text_in_a_form_is_within_the_limits(said: str):
    """Labels, hints, errors and values."""
    kinds = ("text", "multiline", "select", "person", "number", "flag")
    inputs = tuple(
        Input.model_validate(
            {"name": kind, "kind": kind, "label": said, "hint": said, "error": said, "value": said}
            | {"options": [{"value": f"{n}", "label": said} for n in range(25)]}
        )
        for kind in kinds[:5]
    )
    shown = modal(form(*inputs).model_copy(update={"title": said, "inputs": inputs}))
    validate_modal(shown.payload)


def test_each_kind_of_input_has_its_control():
    """Lines, paragraphs, menus; yes and no; a hint beneath, or what was wrong."""
    shown = modal(
        form(
            Input(name="a", label="A", hint="30m", required=True),
            Input(name="b", label="B", kind="multiline", value="x"),
            Input(name="c", label="C", kind="select", options=PEOPLE, value="@carol"),
            Input(name="d", label="D", kind="flag", error="Type yes or no"),
        )
    ).payload
    labels = shown["components"]
    line, paragraph, menu, flag = (one["component"] for one in labels)
    assert (line["style"], line["required"], line["placeholder"]) == (1, True, "30m")
    assert (paragraph["style"], paragraph["value"]) == (2, "x")
    assert [one["default"] for one in menu["options"]] == [False, True]
    assert [one["label"] for one in flag["options"]] == ["Yes", "No"]
    assert [one.get("description") for one in labels] == ["30m", None, None, "Type yes or no"]


def test_people_are_offered_where_the_given_one_is_among_them():
    """Whoever typed "me" keeps it."""
    asked = form(Input(name="person", label="Person", kind="person"))
    (chosen,) = offered(asked, "person", PEOPLE).inputs
    assert chosen.options == PEOPLE
    typed = form(Input(name="person", label="Person", kind="person", value="me"))
    assert offered(typed, "person", PEOPLE) == typed


def test_a_value_that_no_modal_holds_is_counted():
    """It is too long to come back."""
    assert modal(form(Input(name="text", label="Text", value="x" * 4001))).broken == ("text",)


def test_what_was_filled_in_comes_back_by_name():
    """Lines and picks; what was left empty is empty."""
    submitted = [
        {"type": 18, "component": {"type": 4, "custom_id": "text", "value": "it broke"}},
        {"type": 18, "component": {"type": 3, "custom_id": "person", "values": ["@bob"]}},
        {"type": 18, "component": {"type": 3, "custom_id": "drill", "values": []}},
        {"type": 10, "content": "words"},
    ]
    assert filled_in(submitted) == {"text": "it broke", "person": "@bob", "drill": ""}
