"""The way in from Teams: one address to which every activity is posted, each with its proof."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.chat import Heard, Words
from domain.message import Message
from domain.place import Place
from domain.ports import ChatKeep
from integrations.chat.edge import ChatEdge
from integrations.chat.teams.activity import Activity, Malformed, read_activity, read_press
from integrations.chat.teams.answers import Answers
from integrations.chat.teams.channels import Channels
from integrations.chat.teams.connector import PLATFORM, Connector
from integrations.chat.teams.hello import with_hello
from integrations.chat.teams.invoke import Invokes
from integrations.chat.teams.people import People
from integrations.chat.teams.proof import Proof, Unproven
from integrations.chat.teams.send import POST

PATH = "/teams/messages"
UNPROVEN = "This request does not come from Teams."
MALFORMED = "This is no activity of Teams."
WELCOME = "help"


@dataclass(frozen=True)
class TeamsListener:
    """Hears Teams. A request that is not proven, or cannot be read, leaves nothing behind."""

    proof: Proof
    edge: ChatEdge
    keep: ChatKeep
    connector: Connector
    people: People
    channels: Channels
    answers: Answers

    @property
    def invokes(self) -> Invokes:
        """What is answered within the request."""
        return Invokes(self.edge, self.keep, self.answers)

    def route(self) -> Route:
        """The one address."""
        return Route(PATH, self.receive, methods=["POST"])

    async def receive(self, request: Request) -> Response:
        """Carry out one activity, and answer it once that is on disk."""
        try:
            activity = await self._proven(request)
            return await self._carried_out(activity)
        except Unproven as error:
            raise HTTPException(401, UNPROVEN) from error
        except Malformed as error:
            raise HTTPException(400, MALFORMED) from error

    async def _proven(self, request: Request) -> Activity:
        claims = await self.proof.claims(request.headers)
        activity = read_activity(await request.body())
        claims.need(activity)
        return activity

    async def _carried_out(self, activity: Activity) -> Response:
        known: dict[str, Callable[[Activity], Awaitable[Response]]] = {
            "message": self._message,
            "invoke": self._invoke,
            "installationUpdate": self._installed,
            "conversationUpdate": self._met,
        }
        answer = known.get(activity.type)
        if answer is None:
            return JSONResponse({})
        await self.connector.heard_at(activity.service_url)
        return await answer(activity)

    async def _message(self, activity: Activity) -> Response:
        """Words for Tocsin, or a card's inputs; what others say to each other is dropped."""
        submitted = activity.value is not None
        if not (submitted or activity.personal or activity.called):
            return JSONResponse({})
        heard = await self._heard(activity)
        if not await self.keep.first_time(activity.key):
            return JSONResponse({})
        await self._met(activity)
        if submitted:
            message = await self.invokes.carried_out(heard, read_press(activity.value))
        else:
            message = await self._line(activity, heard)
        return await self._answered(heard, message)

    async def _line(self, activity: Activity, heard: Heard) -> Message:
        text = activity.words(await self.people.handles(activity))
        return (await self.edge.line(Words(**dict(heard), text=text))).message

    async def _invoke(self, activity: Activity) -> Response:
        heard = await self._heard(activity)
        await self._met(activity)
        return JSONResponse(await self.invokes.answer(activity, heard))

    async def _installed(self, activity: Activity) -> Response:
        """Whoever adds Tocsin to their chats learns what it can do for them; a team or group
        learns, once, what to type first."""
        await self._met(activity)
        if activity.action != "add":
            return JSONResponse({})
        if not activity.personal:
            return await self._entered(activity)
        heard = await self._heard(activity)
        if not await self.keep.first_time(activity.key):
            return JSONResponse({})
        reply = await self.edge.line(Words(**dict(heard), text=WELCOME))
        return await self._answered(heard, reply.message)

    async def _entered(self, activity: Activity) -> Response:
        place = Place(platform=PLATFORM, room=activity.conversation.id)
        message = await self.edge.arrived(place)
        if message is None:
            return JSONResponse({})
        message = await with_hello(self.keep, message)
        telling = BackgroundTask(self.answers.announce, place.room, message)
        return JSONResponse({}, background=telling)

    async def _met(self, activity: Activity) -> Response:
        """Remember how to write to whoever this comes from."""
        await self.channels.met(activity)
        await self.people.met(activity)
        return JSONResponse({})

    async def _heard(self, activity: Activity) -> Heard:
        """Who did it and where. Raises `Malformed` where that is not said."""
        if activity.sender is None or activity.id is None:
            raise Malformed("nobody said it")
        room = activity.conversation.id
        return Heard(
            account=await self.people.account(activity, activity.sender),
            place=Place(platform=PLATFORM, room=room, thread=room.partition(POST)[2] or None),
            key=activity.key,
            direct=activity.personal,
            public=not activity.personal,
            message=activity.reply_to_id,
        )

    async def _answered(self, heard: Heard, message: Message) -> Response:
        """Teams is answered at once, the person right afterwards."""
        message = await with_hello(self.keep, message)
        telling = BackgroundTask(self.answers.tell_or_own_up, heard, message)
        return JSONResponse({}, background=telling)
