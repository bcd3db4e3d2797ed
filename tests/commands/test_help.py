"""Help, menus, and answers to lines that are no call."""

from pathlib import Path
from typing import Any

import pytest

from commands.context import Context
from commands.discovery import registry
from commands.help.answer import Topic, about, answer, menu, show
from commands.help.tour import STOPS, lines, step
from domain.actor import Actor, Binding, Role
from domain.authorize import authorize
from domain.call import Call, Origin
from domain.command import Grant, Registry
from domain.grammar import Parsed, Question, parse
from domain.message import Message, Text, buttons, form_of
from domain.plain import plain
from domain.press import pressed_call
from tests.fakes.sample_commands import SAMPLE, Listing, made
from tests.fakes.stores import opened

FOUND = registry()
EACH_STEP = pytest.mark.parametrize("number", range(1, len(STOPS) + 1))
IN_42 = Origin(surface="console", incident="INC-42")
GUEST = Actor(user=None, name="guest")
REFUSED = "You are a guest here: I only answer /help. Ask an admin of Tocsin to add you."


def person(role: Role) -> Actor:
    """Somebody with one role."""
    return Actor(user="ann", name="Ann", bindings=(Binding(subject="ann", role=role),))


MEMBER = person(Role.MEMBER)
RESPONDER = person(Role.RESPONDER)
COMMANDER = person(Role.COMMANDER)


def asked(line: str) -> Question:
    """The question that ``line`` leads to."""
    found = parse(line, SAMPLE)
    assert isinstance(found, Question)
    return found


def paragraphs(message: Message) -> list[str]:
    """The words of the message's paragraphs."""
    texts = (node for node in message.nodes if isinstance(node, Text))
    return ["".join(span.text for span in node.spans) for node in texts]


def test_everything_is_grouped_by_root_with_an_example():
    """Each root names the verbs that this person may use."""
    told = plain(about("", SAMPLE, MEMBER))
    assert "/incident declare, list, note, show\nfor example /incident declare" in told
    assert "merge" not in told


def test_what_others_may_do_comes_last_with_their_role():
    """A member learns that merging exists and is for commanders, after what a member may do."""
    lines = plain(about("incident", SAMPLE, MEMBER)).splitlines()
    assert lines[-1] == "With the role commander: merge"
    assert lines[-2].startswith("With the role responder: ack, action, lead")


def test_nothing_is_left_for_others_where_all_is_allowed():
    """Nobody reads an empty list."""
    registry = Registry.of((made("incident list", Listing),))
    assert "With the role" not in plain(about("incident", registry, MEMBER))


@pytest.mark.parametrize("topic", ["incident", "inc", "/INC"])
def test_help_with_a_root(topic):
    """Each verb has its line with a summary and its synonyms."""
    lines = paragraphs(about(topic, SAMPLE, COMMANDER))
    assert "/incident resolve Do resolve. Also: close, end, r." in lines
    assert "/incident merge Do merge." in lines


@pytest.mark.parametrize("topic", ["incident declare", "inc new", "declare"])
def test_help_with_a_command_in_any_spelling(topic):
    """How it is typed, each argument, examples and other words."""
    told = plain(about(topic, SAMPLE, MEMBER))
    assert "/incident declare TITLE [severity:…] [service:…] [--private]" in told
    assert "severity (also sev) SEV1 (worst) to SEV5" in told
    assert "For example /incident declare" in told
    assert "Also: incident new, incident start, incident d, declare" in told


def test_help_with_a_command_for_others_says_whom_to_ask():
    """Reading about it is fine; the refusal comes with it."""
    assert "needs the role commander" in plain(about("incident merge", SAMPLE, MEMBER))


def test_unknown_topic_shows_everything():
    """Nobody is left without a next step."""
    told = plain(about("teapot", SAMPLE, MEMBER))
    assert told.startswith("There is no help on teapot.")
    assert "/incident declare" in told


@pytest.mark.parametrize("line", ["?", "/inc", "/inc ?", "/foo", "/alert foo", "/inc db slow"])
def test_guest_gets_one_sentence(line):
    """An outsider sees no list, no button and no form (rule 1)."""
    assert answer(asked(line), SAMPLE, GUEST) == about("", SAMPLE, GUEST)
    assert plain(about("", SAMPLE, GUEST)) == REFUSED


def test_guest_of_an_empty_registry():
    """There is always an answer."""
    assert plain(about("", Registry.of(()), GUEST)) == "There is nothing to do here."


def test_help_question_is_answered_by_help():
    """A question mark after a verb leads to that verb's page."""
    assert answer(asked("/inc close ?"), SAMPLE, MEMBER) == about(
        "incident resolve", SAMPLE, MEMBER
    )


def test_menu_offers_what_this_person_may_do():
    """The most used first, five in sight, the rest behind ⋯."""
    labels = [one.label for one in buttons(answer(asked("/inc"), SAMPLE, RESPONDER))]
    assert labels[:5] == ["Declare an incident", "Open incidents", "Update", "Severity", "Role"]
    assert "Merge" not in labels


def test_menu_in_a_room_is_about_its_incident():
    """There each button names the incident."""
    found = answer(asked("/inc"), SAMPLE, RESPONDER, IN_42)
    assert [one.id for one in buttons(found)][:2] == [
        "v1:incident.update:INC-42",
        "v1:incident.severity:INC-42",
    ]
    assert all(one.id.endswith(":INC-42") for one in buttons(found))


def test_menu_of_a_root_that_knows_no_incident():
    """In a room such a root still offers what it has."""
    labels = [one.label for one in buttons(answer(asked("/alert"), SAMPLE, RESPONDER, IN_42))]
    assert labels == ["Hide", "List", "Silence"]


def test_menu_of_everything():
    """Without a root there are the few things that most people want."""
    labels = [one.label for one in buttons(answer(asked("/"), SAMPLE, MEMBER))]
    assert labels == [
        "Declare an incident",
        "Open incidents",
        "Page someone",
        "Who is on call",
        "Note",
        "Help",
    ]


def test_menu_without_anything_allowed_is_help():
    """A root for other roles says for which."""
    found = answer(asked("/admin"), SAMPLE, MEMBER)
    assert "With the role admin: token" in plain(found)


def test_menu_can_be_asked_for_directly():
    """A bare mention shows the same menu as a bare slash."""
    assert menu(asked("/"), SAMPLE, MEMBER) == answer(asked("/"), SAMPLE, MEMBER)


def test_typo_is_answered_with_the_line_and_the_other_reading():
    """Did you mean resolve, or is that an incident's title?"""
    found = answer(asked("/inc reslove checkout"), SAMPLE, MEMBER)
    assert paragraphs(found) == ["Did you mean resolve?", "Type /incident resolve checkout"]
    form = form_of(found)
    assert form is not None
    assert (form.id, form.inputs[0].value) == ("v1:incident.declare:", "reslove checkout")


def test_form_is_offered_only_to_those_who_may_submit_it():
    """A reader is not led to a refusal."""
    strict = Registry.of((made("incident declare", Listing, Grant(Role.COMMANDER)),))
    question = asked("/inc reslove checkout")
    assert form_of(answer(question, strict, MEMBER)) is None
    assert form_of(answer(question, strict, COMMANDER)) is not None


async def test_help_command_answers_privately(tmp_path: Path):
    """The command is the same help, for the eyes of the person who asked."""
    call = Call(command="help show", args={}, actor=MEMBER, origin=Origin(surface="console"))
    async with opened(f"sqlite:///{tmp_path / 'tocsin.db'}") as store, store.read() as unit:
        given: Any = {"unit": unit, "run": None}
        context = Context(call=call, registry=SAMPLE, **given)
        reply = await show.handler(context, Topic(topic="incident"))
    assert reply.private
    assert reply.message == about("incident", SAMPLE, MEMBER)


def test_help_is_a_command_for_everybody():
    """Outsiders may ask for help, which is nothing but reading."""
    assert (show.name, show.role, show.writes) == ("help show", Role.OUTSIDER, False)


@EACH_STEP
@pytest.mark.parametrize("actor", [MEMBER, COMMANDER])
def test_the_tour_leads_from_step_to_step(number: int, actor: Actor) -> None:
    """Every button makes a call that the reader may make; the last step has no next."""
    shown = step(number, FOUND, actor)
    found = [pressed_call(one.id, {}, FOUND) for one in buttons(shown)]
    assert all(authorize(actor, FOUND.commands[one.command], None).allowed for one in found)
    following = [one.args["step"] for one in found if one.command == "help tour"]
    assert following == ([str(number + 1)] if number < len(STOPS) else [])


def test_what_the_tour_says_to_type_can_be_typed() -> None:
    """No line of it is a question back."""
    for line in lines():
        assert isinstance(parse(line, FOUND), Parsed), line


@pytest.mark.parametrize(
    ("surface", "told"),
    [("slack", "In a thread, mention me"), ("discord", "Pick a command"), ("teams", "Write to me")],
)
def test_help_says_how_one_types_there(surface: Any, told: str) -> None:
    """Threads, menus and mentions differ; the console needs no word about it."""
    assert told in plain(about("", SAMPLE, MEMBER, surface))
    assert told not in plain(about("", SAMPLE, MEMBER))
