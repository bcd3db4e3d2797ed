"""Every command and every view is there on every surface, whoever adds one and wherever."""

import inspect
import pkgutil
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from hypothesis import given, settings

import domain
from bot.cli.root import nouns
from bot.cli.spoken import line as spoken_line
from bot.cli.spoken_help import print_help
from commands.discovery import registry
from commands.help.answer import about
from domain.actor import ALL_SCOPES, Actor, Binding, Role
from domain.args import slots_of
from domain.authorize import authorize
from domain.call import Surface
from domain.command import Command
from domain.grammar import Parsed, canonical, parse
from domain.message import Message
from domain.plain import plain
from integrations.chat.discord.manifest import MESSAGE_COMMANDS, command_named, command_tree
from integrations.chat.slack.heard import line_of
from integrations.chat.slack.manifest import ROOT, Variant
from integrations.chat.slack.manifest import manifest as slack_manifest
from integrations.chat.teams.manifest import TeamsApp
from integrations.chat.teams.manifest import manifest as teams_manifest
from tests.fakes import people_views, runbook_views
from tests.fakes import views as other_views
from tests.fakes.platforms import PLATFORMS
from tests.fakes.views import TRICKS, everything, forms, texts, views
from web.commands import Commands, operations

ALL = registry()
ON_EACH = pytest.mark.parametrize("platform", PLATFORMS)
TYPED_AT = {"now": datetime(2026, 11, 20, 10, 0, tzinfo=UTC), "zone": "Europe/Berlin"}
VARIANTS = (Variant(), Variant(roots="usual"), Variant(roots="single"), Variant(prefix="acme-"))
# Said by whoever holds it, and made of a message that is one already.
NO_VIEWS = ("sentence", "prefilled")


def calls(command: Command) -> list[Parsed]:
    """What the command's examples say."""
    found = [parse(one, ALL) for one in command.examples]
    assert found, f"{command.name} has no example"
    return [one for one in found if isinstance(one, Parsed) and one.command == command.name]


def written(call: Parsed) -> str:
    """The call as a line that says all of it."""
    return canonical(ALL.commands[call.command], call.args)


def without(holds: Callable[[Command], bool]) -> list[str]:
    """The commands of which that is not so."""
    return [name for name, command in ALL.commands.items() if not holds(command)]


# --- where a command can be given


def test_each_is_a_line_of_chat():
    """In the console with its slash, in Teams and in direct messages without."""

    def holds(command: Command) -> bool:
        said = calls(command)
        for call in said:
            command.args.model_validate(call.args, context=TYPED_AT)
        lines = [(one, text) for one in said for text in (written(one), written(one)[1:])]
        return len(said) == len(command.examples) and all(
            parse(text, ALL) == one for one, text in lines
        )

    assert without(holds) == []


def test_each_is_a_line_of_the_shell(capsys: pytest.CaptureFixture[str]):
    """With the same words, and with its help."""

    def holds(command: Command) -> bool:
        print_help(command.noun, [command.verb])
        told = capsys.readouterr().out
        assert command.summary in told
        typed = [(one, shlex.split(written(one)[1:])) for one in calls(command)]
        return command.examples[0].removeprefix("/") in told and all(
            noun in nouns() and parse(spoken_line(noun, words), ALL) == call
            for call, (noun, *words) in typed
        )

    assert without(holds) == []


def test_each_is_a_route_of_the_api():
    """Described by its own arguments."""

    async def nobody(_asked: Any) -> Any:
        raise AssertionError

    app, router = FastAPI(), APIRouter()
    Commands(ALL, nobody, nobody).add_routes(router)
    app.include_router(router)
    paths = operations(app.openapi()["paths"], ALL)

    def holds(command: Command) -> bool:
        route = paths[f"/commands/{command.noun}/{command.verb}"]["post"]
        schema = route["requestBody"]["content"]["application/json"]["schema"]
        assert route["summary"] == command.summary
        return set(schema["properties"]) == {slot.name for slot in slots_of(command.args)}

    assert without(holds) == []


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda one: f"{one.roots}{one.prefix}")
def test_each_is_a_slash_command_of_slack(variant: Variant):
    """By its own root where that is registered, and always by the root of everything."""
    made = slack_manifest(ALL, variant)["features"]["slash_commands"]
    registered = {one["command"] for one in made}
    everywhere = f"/{variant.prefix}{ROOT}"
    assert everywhere in registered

    def holds(command: Command) -> bool:
        for call in calls(command):
            noun, _, words = written(call)[1:].partition(" ")
            lines = [line_of(everywhere, f"{noun} {words}", ALL)]
            own = f"/{variant.prefix}{noun}"
            lines += [line_of(own, words, ALL)] if own in registered else []
            if any(parse(line, ALL) != call for line in lines):
                return False
        return True

    assert without(holds) == []


def test_each_is_a_command_of_discord():
    """With an option for each argument, described in Discord's words."""
    tree = dict(_tree())

    def holds(command: Command) -> bool:
        found = [one for path, one in tree.items() if command_named(path, ALL) is command]
        wanted = {slot.name for slot in slots_of(command.args)}
        return bool(found) and all(
            {option["name"] for option in one["options"]} == wanted and one["description"]
            for one in found
        )

    assert without(holds) == []


def _tree() -> Iterator[tuple[str, dict[str, Any]]]:
    for root in command_tree(ALL):
        verbs = [one for one in root.get("options", ()) if one["type"] == 1]
        yield from ((f"{root['name']} {one['name']}", one) for one in verbs)
        if not verbs and "options" in root:
            yield root["name"], root


def test_what_teams_suggests_is_a_command():
    """Its lists hold ten; every other command is understood as well."""
    (bot,) = teams_manifest(TeamsApp(), ALL)["bots"]
    for one in (one for told in bot["commandLists"] for one in told["commands"]):
        found = parse(one["title"], ALL)
        assert isinstance(found, Parsed)
        assert one["description"] in ALL.commands[found.command].summary


def test_what_can_be_done_with_a_message_is_the_same_everywhere():
    """In the menu of a message, by the same words."""
    shortcuts = slack_manifest(ALL, Variant())["features"]["shortcuts"]
    slack = {one["name"] for one in shortcuts if one["type"] == "message"}
    (extension,) = teams_manifest(TeamsApp(), ALL)["composeExtensions"]
    assert slack == set(MESSAGE_COMMANDS) == {one["title"] for one in extension["commands"]}


# --- what is said of a command


@pytest.mark.parametrize("surface", ["console", "slack", "discord", "teams"])
def test_the_help_of_each_says_how_it_is_typed_and_who_may(surface: Surface):
    """Whoever may not use it learns for which role it is."""
    commander, member = _holding(Role.COMMANDER), _holding(Role.MEMBER)

    def holds(command: Command) -> bool:
        told = plain(about(command.name, ALL, commander, surface))
        refused = not authorize(member, command, None).allowed
        less = plain(about(command.name, ALL, member, surface)) if refused else ""
        shown = command.summary.rstrip(".") in told
        return shown and command.examples[0] in told and (not refused or command.role.value in less)

    assert without(holds) == []


def test_the_least_role_of_each_is_enough_and_none_is_not():
    """Whoever has no role at all is an outsider."""
    nobody = Actor(user="ann", name="Ann", scopes=ALL_SCOPES)

    def holds(command: Command) -> bool:
        open_to_all = command.role is Role.OUTSIDER
        return (
            authorize(_holding(command.role), command, None).allowed
            and authorize(nobody, command, None).allowed == open_to_all
        )

    assert without(holds) == []


def _holding(role: Role) -> Actor:
    bindings = (Binding(subject="ann", role=role),)
    return Actor(user="ann", name="Ann", bindings=bindings, scopes=ALL_SCOPES)


# --- what is shown


def test_every_view_of_the_domain_is_among_those_that_are_tried():
    """Whoever adds a card adds it there."""
    modules = (other_views, people_views, runbook_views)
    known = [value for one in modules for value in vars(one).values()]
    used = {one.__name__ for one in known if inspect.isfunction(one)}
    used.add("catchup_card")  # `written` is made of it
    assert {one.__name__ for one in _views()} - used == set()


def _views() -> Iterator[Callable[..., Message]]:
    for module in pkgutil.iter_modules(domain.__path__, "domain."):
        found = import_module(module.name)
        for name, value in vars(found).items():
            if inspect.isfunction(value) and value.__module__ == module.name:
                shows = value.__annotations__.get("return") is Message
                if shows and not name.startswith("_") and name not in NO_VIEWS:
                    yield value


@ON_EACH
def test_every_view_fits_and_stays_inert(platform: str):
    """Empty, hostile and very long."""
    for message in _tried():
        PLATFORMS[platform](message)


@cache
def _tried() -> tuple[Message, ...]:
    """Every view with each trick in it; all have words for lock screens and screen readers."""
    found = tuple(message for said in TRICKS for _, message in views(said))
    assert all(plain(one) for one in found)
    return found


@ON_EACH
@given(said=texts())
@settings(max_examples=25, deadline=None)
def test_any_words_fit_and_stay_inert(platform: str, said: str):
    """Wherever they stand."""
    PLATFORMS[platform](everything(said))


@ON_EACH
def test_every_form_and_page_of_help_is_shown(platform: str):
    """Of each command and each root."""
    for _name, message in forms():
        PLATFORMS[platform](message)
    for topic in ("", *ALL.nouns, *ALL.commands):
        PLATFORMS[platform](about(topic, ALL, _holding(Role.COMMANDER)))
