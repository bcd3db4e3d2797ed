"""What every surface needs of a command."""

from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError, model_validator

from domain.args import Arg, Args, Slot, slots_of
from domain.derive import (
    cli_options,
    described,
    errors,
    form,
    hint,
    json_schema,
    usage,
)
from domain.message import Form
from tests.fakes.sample_commands import SAMPLE, Target, made

CONTEXT = {"now": datetime(2026, 11, 20, 10, 0, tzinfo=UTC), "zone": "UTC"}
DECLARE = SAMPLE.commands["incident declare"]


class Odd(Args):
    """Limits of every kind, and a rule about the whole."""

    low: Annotated[int, Field(gt=1), Arg("number")] = 2
    high: Annotated[int, Field(lt=9), Arg("number")] = 8
    code: Annotated[str, Field(pattern="^[A-Z]+$"), Arg("word")] = "A"
    one: Annotated[str, Arg("word")] = "1"
    two: Annotated[str, Arg("word")] = "2"
    last_one: Annotated[str, Arg("word")] = "3"

    @model_validator(mode="after")
    def _in_order(self) -> "Odd":
        if self.low > self.high:
            raise ValueError("type the lower number first")
        return self


def faults(name: str, **given: Any) -> dict[str, str]:
    """What is wrong with these arguments."""
    model = SAMPLE.commands[name].args if name in SAMPLE.commands else Odd
    with pytest.raises(ValidationError) as refused:
        model.model_validate(given, context=CONTEXT)
    return errors(refused.value)


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("incident declare", {}, {"title": "title is missing: type title:…"}),
        ("incident declare", {"title": " "}, {"title": "title is missing: type title:…"}),
        ("incident declare", {"title": "x" * 201}, {"title": "title: type at most 200 characters"}),
        ("incident declare", {"title": 1}, {"title": "title: type some words"}),
        (
            "incident declare",
            {"title": "x", "severity": "bad"},
            {"severity": "severity: type SEV1, SEV2, SEV3, SEV4 or SEV5"},
        ),
        (
            "incident declare",
            {"title": "x", "private": "so"},
            {"private": "private: type yes or no"},
        ),
        ("incident role", {"role": "cook"}, {"role": "role: type commander or scribe"}),
        ("alert silence", {"why": "so"}, {"why": "why: type at least 3 characters"}),
        ("incident list", {"limit": "many"}, {"limit": "limit: type a whole number"}),
        ("incident list", {"limit": "0"}, {"limit": "limit: type 1 or more"}),
        ("incident list", {"limit": "101"}, {"limit": "limit: type 100 or less"}),
        ("incident list", {"sort": "x"}, {"sort": "there is no sort here: leave it out"}),
        (
            "incident update",
            {"text": "x", "next": "soon"},
            {"next": "next: type a duration like 30m, 2h or 1d12h"},
        ),
        (
            "incident ack",
            {"incident": "x"},
            {"incident": "incident: type the incident's id, like INC-42"},
        ),
        ("odd", {"low": 1}, {"low": "low: type a number over 1"}),
        ("odd", {"high": 9}, {"high": "high: type a number under 9"}),
        ("odd", {"code": "a"}, {"code": "code: string should match pattern '^[A-Z]+$'"}),
        ("odd", {"low": 8, "high": 3}, {"": "type the lower number first"}),
    ],
)
def test_errors_say_what_to_type(name, given, told):
    """One clause per field, about what would be right."""
    assert told == faults(name, **given)


def test_all_errors_are_told_at_once():
    """Nobody is led from one mistake to the next."""
    assert set(faults("alert silence", duration="x", why="")) == {"duration", "why"}


def test_form_asks_for_what_is_required_first():
    """The title, then the rest in order, with hints and choices."""
    asked = form(DECLARE, {}, {})
    assert (asked.id, asked.submit) == ("v1:incident.declare:", "Declare")
    assert [(one.name, one.kind, one.required) for one in asked.inputs] == [
        ("title", "text", True),
        ("severity", "select", False),
        ("service", "text", False),
        ("private", "flag", False),
    ]
    assert asked.inputs[0].hint == "What is broken, in a few words"
    assert [one.value for one in asked.inputs[1].options] == [
        "SEV1",
        "SEV2",
        "SEV3",
        "SEV4",
        "SEV5",
    ]


def test_form_shows_what_was_given_and_what_is_wrong():
    """A refused submit loses nothing."""
    given = {"title": "db slow", "severity": "bad", "private": "true"}
    asked = {
        one.name: one for one in form(DECLARE, given, {"severity": "severity: type SEV1"}).inputs
    }
    assert asked["title"].value == "db slow"
    assert (asked["severity"].value, asked["severity"].error) == ("bad", "Severity: type SEV1")
    assert asked["private"].value == "true"


@pytest.mark.parametrize(
    ("name", "given", "field", "kind", "value"),
    [
        ("incident note", {}, "text", "multiline", ""),
        ("incident list", {}, "which", "select", "open"),
        ("incident list", {}, "limit", "number", "20"),
        ("incident role", {"person": "@bob"}, "person", "person", "@bob"),
        ("alert silence", {}, "duration", "text", "120m"),
        ("incident declare", {"private": True}, "private", "flag", "true"),
        ("incident declare", {"private": False}, "private", "flag", ""),
    ],
)
def test_inputs_by_kind(name, given, field, kind, value):
    """Each argument is asked for in its own way, its default or the given value filled in."""
    asked = next(one for one in form(SAMPLE.commands[name], given, {}).inputs if one.name == field)
    assert (asked.kind, asked.value) == (kind, value)


@pytest.mark.parametrize(
    ("given", "told", "target", "made_id", "asked"),
    [
        ({}, {}, "", "v1:incident.note:", False),  # the place knows
        ({}, {}, "INC-7", "v1:incident.note:INC-7", False),
        ({"incident": "INC-7"}, {}, "", "v1:incident.note:INC-7", False),
        ({"incident": "x"}, {"incident": "type an id"}, "", "v1:incident.note:", True),
    ],
)
def test_incident_stands_in_the_forms_id(given, told, target, made_id, asked):
    """What the command is about is asked for only where it was refused."""
    found = form(SAMPLE.commands["incident note"], given, told, target)
    assert found.id == made_id
    assert asked == ("incident" in [one.name for one in found.inputs])


@pytest.mark.parametrize(
    ("name", "target", "asked"),
    [
        ("incident severity", "INC-7", ["severity"]),
        ("incident role", "INC-7,scribe", ["person"]),
        ("page send", "web", ["why", "low"]),
        ("incident merge", "INC-7", ["into"]),
        ("incident declare", "", ["title", "severity", "service", "private"]),
    ],
)
def test_form_of_a_button_asks_for_the_rest(name, target, asked):
    """What the button's id says already is not asked again."""
    found = form(SAMPLE.commands[name], {}, {}, target)
    assert [one.name for one in found.inputs] == asked
    assert found.id.endswith(f":{target}")


def test_form_asks_again_for_a_refused_target():
    """A button about something that was refused keeps the incident it was about."""
    given = {"incident": "INC-7", "severity": "bad"}
    told = {"severity": "severity: type SEV1"}
    found = form(SAMPLE.commands["incident severity"], given, told, "INC-7,bad")
    assert (found.id, found.inputs[0].value) == ("v1:incident.severity:INC-7", "bad")


def test_required_target_is_asked_for():
    """Whom to page stands in no room."""
    found = form(SAMPLE.commands["page send"], {}, {})
    assert found.inputs[0].name == "target"


def test_form_has_five_inputs_at_most():
    """What was given or refused comes before what was not."""
    asked = form(made("odd thing", Odd), {"two": "x"}, {"last_one": "no"}).inputs
    assert [one.name for one in asked] == ["last_one", "two", "low", "high", "code"]


@given(
    st.sampled_from(list(SAMPLE.commands.values())),
    st.dictionaries(
        st.sampled_from(["title", "incident", "text", "why", "x"]), st.text(), max_size=4
    ),
)
def test_any_call_that_lacks_something_has_a_form(command, given):
    """No argument, however strange, keeps the form from being drawn."""
    try:
        command.args.model_validate(given, context=CONTEXT)
    except ValidationError as refused:
        told = errors(refused)
        assert all(told.values())
        assert isinstance(form(command, given, told), Form)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("incident declare", "/incident declare TITLE [severity:…] [service:…] [--private]"),
        ("incident note", "/incident note TEXT [INCIDENT]"),
        ("alert silence", "/alert silence [ALERT] why:… [duration:…]"),
        ("incident ack", "/incident ack [INCIDENT]"),
    ],
)
def test_usage_is_one_line(name, line):
    """Capitals stand for words, brackets for what may be left out."""
    assert line == usage(SAMPLE.commands[name])


@pytest.mark.parametrize(
    ("name", "field", "text"),
    [
        ("incident role", "role", "commander or scribe"),
        ("incident list", "which", "open, mine or all"),
        ("oncall override", "start", "30m, fri 18:00, tomorrow 9 or 2026-11-22T09:00Z"),
        ("incident link", "what", ""),
    ],
)
def test_hint_by_kind(name, field, text):
    """What may be typed is said by its kind or its choices."""
    slots = slots_of(SAMPLE.commands[name].args)
    assert text == next(hint(slot) for slot in slots if slot.name == field)


@pytest.mark.parametrize(
    ("description", "kind", "text"),
    [
        ("How long", "duration", "How long: 30m, 2h or 1d12h"),
        ("30m, 2h", "duration", "30m, 2h"),
        ("", "duration", "30m, 2h or 1d12h"),
        ("Which entry", "word", "Which entry"),
        ("", "word", ""),
    ],
)
def test_description_and_hint(description, kind, text):
    """Both are told, but not two examples of one thing."""
    slot = Slot("x", Arg(kind), required=False, names=("x",), choices=(), description=description)
    assert text == described(slot)


def test_json_schema_is_about_typed_words():
    """Durations and times are strings that people type; limits and choices are kept."""
    schema = json_schema(DECLARE)
    assert schema["required"] == ["title"]
    assert schema["additionalProperties"] is False
    assert schema["properties"] == {
        "title": {
            "description": "What is broken, in a few words",
            "type": "string",
            "minLength": 1,
            "maxLength": 200,
        },
        "severity": {
            "description": "SEV1 (worst) to SEV5",
            "type": "string",
            "enum": ["SEV1", "SEV2", "SEV3", "SEV4", "SEV5"],
        },
        "service": {"description": "Service", "type": "string"},
        "private": {"description": "yes or no", "type": "boolean"},
    }


@pytest.mark.parametrize("command", SAMPLE.commands.values(), ids=lambda one: one.name)
def test_every_command_has_a_schema_and_options(command):
    """Nothing a command may be given is missing on another surface."""
    names = set(command.args.model_fields)
    schema: Any = json_schema(command)
    assert names == set(schema["properties"])
    assert names == {one.name for one in cli_options(command)}


def test_cli_options():
    """Positional words first, then flags with their short names, the sentence last."""
    options = {one.name: one for one in cli_options(SAMPLE.commands["incident update"])}
    assert options["text"].flags == () and options["text"].rest and options["text"].required
    assert options["status"].flags == ("--status", "--phase")
    assert options["notify_people"].flags == ("--notify-people",)
    assert options["notify_people"].type == "bool"
    assert list(options)[-1] == "text"


def test_cli_option_of_one_letter():
    """A one-letter alias is a short option."""

    class Short(Target):
        number: Annotated[int, Arg("number", ("n",))] = 1

    option = cli_options(made("x y", Short))[-1]
    assert (option.flags, option.type) == (("--number", "-n"), "int")
