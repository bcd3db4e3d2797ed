"""What is owed when a chat platform goes away, refuses somebody, or comes back."""

from datetime import datetime
from typing import ClassVar, Literal

from domain.job import Job
from domain.place import Place

News = Literal["down", "back", "refused"]


class ProbeChat(Job):
    """Ask a platform for a sign of life."""

    kind: ClassVar[str] = "probe_chat"
    priority: ClassVar[int] = 20
    max_attempts: ClassVar[int] = 1
    platform: str


class ChatWentDown(Job):
    """Tell whoever must know, and let the other chats say where things go on."""

    kind: ClassVar[str] = "chat_went_down"
    priority: ClassVar[int] = 15
    platform: str
    since: datetime


class ChatCameBack(Job):
    """Go on with what waited for the platform; what was said meanwhile is not said again."""

    kind: ClassVar[str] = "chat_came_back"
    priority: ClassVar[int] = 15
    platform: str
    down_since: datetime


class TellBack(Job):
    """Say in an incident's room that its chat is back."""

    kind: ClassVar[str] = "tell_back"
    incident: str
    place: Place
    down_since: datetime


class TellRefusals(Job):
    """Tell the admins what a platform refuses, each thing once."""

    kind: ClassVar[str] = "tell_refusals"
    platform: str


class SendNotice(Job):
    """Tell one person what is new about a platform; ``tried`` are the ways that refused it."""

    kind: ClassVar[str] = "send_notice"
    priority: ClassVar[int] = 20
    max_attempts: ClassVar[int] = 3
    user: str
    news: News
    platform: str
    since: datetime
    tried: tuple[str, ...] = ()
