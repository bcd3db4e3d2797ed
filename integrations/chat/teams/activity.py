"""What Teams sends: an activity, as far as Tocsin reads it. Everything else in it is dropped."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

CHANNEL = "msteams"
MARKUP_SPACE = re.compile(r"&nbsp;|\xa0")
# Ids stand in addresses of the Bot Framework, so they may not be able to change one.
Ident = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[^\s/?#\\%]+$")]


class Malformed(ValueError):
    """A body that is no activity of Teams."""


class Received(BaseModel):
    """A value of the platform's: it may hold more than is known here, and nothing is null."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None}


class Party(Received):
    """A person or bot; ``aad_object_id`` is the person's in their own tenant."""

    id: Ident
    name: str = ""
    aad_object_id: Ident | None = Field(None, alias="aadObjectId")
    role: str | None = None

    @property
    def bot(self) -> bool:
        """Whether it is no person."""
        return self.role == "bot" or self.id.startswith("28:")


class Conversation(Received):
    """Where it was said: ``personal``, ``channel`` or ``groupChat``."""

    id: Ident
    conversation_type: str | None = Field(None, alias="conversationType")
    tenant_id: str | None = Field(None, alias="tenantId")


class Named(Received):
    """Something that the channel's own data names."""

    id: Ident | None = None


class ChannelData(Received):
    """What is said of team and tenant."""

    tenant: Named = Named()
    team: Named = Named()


class Entity(Received):
    """A mention, among other things; ``text`` is what stands for it in the message."""

    type: str = ""
    mentioned: Party | None = None
    text: str = ""


class Activity(Received):
    """One thing that happened. ``name`` and ``value`` are an invoke's."""

    type: Annotated[str, Field(min_length=1)]
    id: Ident | None = None
    sender: Party | None = Field(None, alias="from")
    recipient: Party | None = None
    conversation: Conversation
    service_url: str = Field(alias="serviceUrl")
    channel_id: str = Field(CHANNEL, alias="channelId")
    text: str = ""
    entities: tuple[Entity, ...] = ()
    channel_data: ChannelData = Field(ChannelData(), alias="channelData")
    reply_to_id: Ident | None = Field(None, alias="replyToId")
    name: str = ""
    action: str = ""
    value: Any = None

    @property
    def personal(self) -> bool:
        """Whether nobody but the person and Tocsin reads it."""
        return self.conversation.conversation_type == "personal"

    @property
    def tenant(self) -> str | None:
        """The tenant it comes from."""
        return self.conversation.tenant_id or self.channel_data.tenant.id

    @property
    def key(self) -> str:
        """By which a repeat is told."""
        return f"teams:{self.conversation.id}:{self.id}"

    @property
    def called(self) -> bool:
        """Whether Tocsin itself is mentioned."""
        return any(self._is_me(one) for one in self.entities)

    @property
    def others(self) -> tuple[Entity, ...]:
        """Who else is mentioned."""
        people = (one for one in self.entities if one.type == "mention" and one.mentioned)
        return tuple(one for one in people if not self._is_me(one))

    def words(self, handles: dict[str, str]) -> str:
        """What was typed, without the mention of Tocsin; ``handles`` name the others by id."""
        said = self.text
        for one in self.entities:
            if one.type == "mention" and one.text and one.mentioned:
                mine = self._is_me(one)
                said = said.replace(one.text, " " if mine else handles.get(one.mentioned.id, ""))
        return MARKUP_SPACE.sub(" ", said).strip()

    def _is_me(self, entity: Entity) -> bool:
        me, mentioned = self.recipient, entity.mentioned
        return entity.type == "mention" and bool(me and mentioned and me.id == mentioned.id)


class Press(Received):
    """What a button of a card sends: its id, the part of the card it stands in, and the inputs."""

    model_config = ConfigDict(extra="allow")

    button: Annotated[str, Field(min_length=1, max_length=100)]
    part: str = ""

    @property
    def values(self) -> dict[str, str]:
        """What was filled in, in that part of the card."""
        if not self.part:
            return {}
        typed = (self.model_extra or {}).items()
        begins = f"{self.part}."
        return {
            name.removeprefix(begins): _written(value)
            for name, value in typed
            if name.startswith(begins)
        }


def read_activity(body: bytes) -> Activity:
    """The activity in ``body``. Raises `Malformed`."""
    try:
        found = Activity.model_validate_json(body)
    except ValidationError as error:
        raise Malformed(f"{error.error_count()} faults") from error
    if found.channel_id != CHANNEL:
        raise Malformed("not from Teams")
    return found


def read_press(value: Any) -> Press:
    """The press in an invoke's or a submit's value. Raises `Malformed`."""
    action = value.get("action") if isinstance(value, dict) else None
    pressed = action.get("data") if isinstance(action, dict) else value
    try:
        return Press.model_validate(pressed)
    except ValidationError as error:
        raise Malformed(f"{error.error_count()} faults") from error


def _written(value: Any) -> str:
    """An input's value as a person would have typed it."""
    if value is None or isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
