"""What Slack sends, as far as it is read; everything else in a request is dropped unread."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.command import Registry
from domain.spellings import NOUN_ALIASES
from integrations.chat.slack.manifest import ROOT

Payload = TypeVar("Payload", bound="Loose")


class Malformed(Exception):
    """A request that is none of Slack's shapes; says nothing of what stands in it."""


class Loose(BaseModel):
    """A payload of which only some fields are read."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


def read(shape: type[Payload], body: Any) -> Payload:
    """``body`` in the shape that it must have. Raises `Malformed`."""
    try:
        return shape.model_validate(body)
    except ValidationError:
        raise Malformed from None


class Named(Loose):
    """Somebody or something by its id."""

    id: str


class SlashCommand(Loose):
    """A typed slash command."""

    command: str
    text: str = ""
    user_id: str
    channel_id: str
    trigger_id: str
    response_url: str


class SlackMessage(Loose):
    """A message that was pressed, pointed at or fetched."""

    ts: str
    thread_ts: str | None = None
    text: str = ""
    user: str | None = None
    subtype: str | None = None


class Chosen(Loose):
    """The option that was picked."""

    value: str


class BlockAction(Loose):
    """The element that was pressed or picked from."""

    action_id: str
    value: str | None = None
    selected_option: Chosen | None = None


class Container(Loose):
    """Where the element stands."""

    is_ephemeral: bool = False
    thread_ts: str | None = None


class Filled(Loose):
    """What stands in a field: words, a choice, or ticked boxes."""

    value: str | None = None
    selected_option: Chosen | None = None
    selected_options: tuple[Chosen, ...] | None = None

    @property
    def typed(self) -> str:
        """As a person would have typed it; a ticked box is ``true``."""
        if self.selected_option:
            return self.selected_option.value
        return "true" if self.selected_options else self.value or ""


class State(Loose):
    """Every field of a form, by its block and element."""

    values: dict[str, dict[str, Filled]] = {}


class View(Loose):
    """A form or page of ours, as Slack gives it back."""

    id: str = ""
    type: str = "modal"
    callback_id: str = ""
    private_metadata: str = ""
    state: State = State()

    @property
    def values(self) -> dict[str, str]:
        """What stands in its fields, by the fields' names."""
        blocks = self.state.values.items()
        return {name: field.typed for name, block in blocks for field in block.values()}


class BlockActions(Loose):
    """A press."""

    user: Named
    trigger_id: str
    response_url: str | None = None
    channel: Named | None = None
    container: Container = Container()
    message: SlackMessage | None = None
    view: View | None = None
    actions: tuple[BlockAction, ...]


class Submission(Loose):
    """A form that was filled in."""

    user: Named
    trigger_id: str
    view: View


class Suggestion(Loose):
    """Something typed into a list to pick from."""

    user: Named
    action_id: str
    value: str = ""


class Shortcut(Loose):
    """A shortcut, on a message or anywhere."""

    user: Named
    callback_id: str
    trigger_id: str
    response_url: str | None = None
    channel: Named | None = None
    message: SlackMessage | None = None


class MessageEvent(Loose):
    """Words in a direct message, or with a mention of us."""

    user: str | None = None
    bot_id: str | None = None
    subtype: str | None = None
    channel: str
    channel_type: str = ""
    text: str = ""
    ts: str
    thread_ts: str | None = None


class Reacted(Loose):
    """What a reaction stands on."""

    type: str
    channel: str = ""
    ts: str = ""


class ReactionEvent(Loose):
    """A reaction that was added."""

    user: str
    reaction: str
    item: Reacted


class JoinedEvent(Loose):
    """Somebody, perhaps we, came into a channel; nobody invites who opens it or joins alone."""

    user: str
    channel: str
    inviter: str | None = None


class HomeEvent(Loose):
    """Somebody opened our page in Slack."""

    user: str
    tab: str = "home"


def line_of(command: str, text: str, registry: Registry) -> str:
    """The line behind a slash command, whatever the manifest calls it.

    ``/incident``, ``/acme-incident`` and ``/tocsin incident`` are one root; a name that is no
    root stands for all of them.
    """
    words = command.removeprefix("/").lower().split("-")
    ends = ("-".join(words[number:]) for number in range(len(words)))
    root = next((one for one in ends if one in registry.nouns or one in NOUN_ALIASES), ROOT)
    return f"{root} {text}".strip()
