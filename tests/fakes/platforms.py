"""What each platform would say of a message: rendered as in production, held against its limits."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from simcord.components import validate_components, walk_components
from simcord.preview._markdown import markdown_tokens

from domain.message import Message, form_of
from integrations.chat.console.limits import fit
from integrations.chat.console.render import html
from integrations.chat.discord.forms import modal as discord_modal
from integrations.chat.discord.render import rendered
from integrations.chat.slack.form import modal as slack_modal
from integrations.chat.slack.render import render as slack_render
from integrations.chat.teams.limits import HARD_LIMIT, MOST_BUTTONS
from integrations.chat.teams.render import render as teams_render
from tests.fakes.cards import complaints, parts
from tests.fakes.slack_types import faults, marked, need_fitting, need_inert

Json = dict[str, Any]

SLACK_PEOPLE = {"bob": "U0BOB"}
TEAMS_PEOPLE = {"bob": "aad-bob"}
OURS = ("https://example.com/", "https://tocsin.example.com/", "http://127.0.0.1:8000/")
LIVE = ("mention", "command", "emoji", "spoiler_open", "em_open", "s_open")


class Anything(Mapping[str, str]):
    """Names for every number, so that any mention that can be one is."""

    def __getitem__(self, key: str) -> str:
        return "somebody"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 1


KNOWN = {name: Anything() for name in ("users", "roles", "channels", "commands")} | {
    "everyone": True
}


def console(message: Message) -> None:
    """The built-in chat can draw it."""
    assert html(fit(message).message, "m1")


def slack(message: Message) -> None:
    """Slack takes the blocks, or the window of a form, and nothing in them is live."""
    made = slack_render(message, SLACK_PEOPLE)
    need_fitting(list(made.blocks))
    need_inert(list(made.blocks))
    assert "<" not in made.text
    assert len(made.text) < 40_000
    assert all(len(one) <= 3_000 for one in marked(list(made.blocks)))
    if asked := form_of(message):
        assert faults("Opened", slack_modal(message, asked, {}, "")) == []


def discord(message: Message) -> None:
    """Discord takes the components, or the window of a form, and nothing in them is live."""
    discord_parts(message)
    asked = form_of(message)
    if asked and asked.inputs:
        window = discord_modal(asked)
        assert window.broken == ()
        assert len(window.payload["components"]) == len(asked.inputs)


def discord_parts(message: Message) -> list[Json]:
    """The components of a message that Discord takes, with nothing live in it."""
    payload = rendered(message, {}, marker=7).payload
    found = list(walk_components(payload["components"]))
    validate_components(payload["components"], flags=payload["flags"])
    assert payload["allowed_mentions"] == {"parse": []}
    assert len(found) <= 40
    assert sum(len(one["content"]) for one in found if one["type"] == 10) <= 4000
    assert all(one["content"].strip() for one in found if one["type"] == 10)
    assert found[0]["id"] == 7
    for one in found:
        if one["type"] == 10:
            assert list(live(one["content"])) == []
    return found


def live(content: str) -> Iterator[str]:
    """What a reader's client makes of a text display that is more than words."""

    def visit(tokens: Any) -> Iterator[str]:
        for token in tokens:
            if token["type"] in LIVE:
                yield str(token)
            if token["type"] == "link_open" and not token["href"].startswith(OURS):
                yield str(token)
            yield from visit(token.get("children", ()))

    return visit(markdown_tokens(content, "text_display", context=KNOWN))


def teams(message: Message) -> Json:
    """Teams takes the card, and nothing in it is markup; returns it."""
    made = teams_render(message, TEAMS_PEOPLE)
    assert complaints(made.card) == []
    assert made.size <= HARD_LIMIT
    for row in kinds(made.card, "ActionSet"):
        seen = [one for one in row["actions"] if one.get("mode") != "secondary"]
        assert len(seen) <= MOST_BUTTONS
    need_plain(made.card)
    return made.card


def need_plain(card: Json) -> None:
    """Markdown is read in text blocks alone, and they hold nothing but mentions of ours."""
    entities = [one["text"] for one in card.get("msteams", {}).get("entities", ())]
    for block in kinds(card, "TextBlock"):
        assert block["text"] == " ".join(entities)
    for entity in entities:
        assert entity.startswith("<at>")
        assert entity.removeprefix("<at>").removesuffix("</at>").replace(" ", "").isalnum()
    for address in kinds(card, "Action.OpenUrl"):
        assert address["url"].startswith(("https://", "http://"))
    for run in kinds(card, "TextRun"):
        functions = run["text"].replace("{{DATE(2026", "").replace("{{TIME(2026", "")
        assert "{{DATE(" not in functions
        assert "{{TIME(" not in functions


def kinds(card: Json, kind: str) -> list[Json]:
    """Every part of a card of that type."""
    return [one for one in parts(card) if one["type"] == kind]


PLATFORMS: dict[str, Callable[[Message], object]] = {
    "console": console,
    "slack": slack,
    "discord": discord,
    "teams": teams,
}
