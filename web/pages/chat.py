"""``/chat``: the built-in chat; its script reads rooms and messages from the console's API."""

from domain.base import Frozen
from storage.views import people
from storage.views.listing import Cut
from web.pages.discovery import Menu
from web.pages.models import Person
from web.pages.visit import Visit

PATH = "/chat"
TITLE = "Chat"
MENU = Menu(place=7, icon="chat")

EVERYBODY = Cut(limit=500)


class ChatPage(Frozen):
    """``people`` can be named in fields that ask for a person."""

    people: tuple[Person, ...]


async def page(visit: Visit) -> ChatPage:
    """Who is there."""
    found = await people.listed(visit.scope, EVERYBODY)
    return ChatPage(people=tuple(Person(id=one.id, name=one.name) for one in found.items))
