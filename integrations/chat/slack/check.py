"""Whether Slack's set-up is as it should be: tokens, scopes, the room of all incidents."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from domain.errors import Permanent, Retry
from domain.finding import Finding, failure, ok, warning
from integrations.chat.slack.api import SlackApi
from integrations.chat.slack.rooms import SlackRooms
from integrations.chat.slack.scopes import SCOPES

AREA = "slack"
GRANTED = "x-oauth-scopes"
AGAIN = "copy it from the app's page once more: tocsin connect slack"
ADD = "add it to the app under OAuth & Permissions and install it again"
DEAF = "give it SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP"
MAKE_ROOM = "make the channel and invite Tocsin, or name another: TOCSIN_SLACK__INCIDENTS_ROOM"


async def of_bot(api: SlackApi) -> tuple[Finding, ...]:
    """Whether the bot token is taken, and what it may do."""
    granted: dict[str, str] = {}

    async def asking(client: Any) -> Any:
        answer = await client.auth_test()
        granted.update({name.lower(): value for name, value in answer.headers.items()})
        return answer

    try:
        answer = await api.ask(asking)
    except (Retry, Permanent) as refused:
        return (failure(AREA, f"bot token: {refused}", AGAIN),)
    who = ok(AREA, f"bot token ok (team {answer.get('team')}, bot @{answer.get('user')})")
    return (who, *_of_scopes(granted))


async def of_app(api: SlackApi) -> Finding:
    """Whether the app token opens a socket."""
    try:
        await api.ask(lambda client: client.apps_connections_open(app_token=str(client.token)))
    except (Retry, Permanent) as refused:
        fix = "make one with the scope connections:write under Basic Information"
        return failure(AREA, f"app token: {refused}", fix)
    return ok(AREA, "app token ok: Socket Mode")


async def of_room(rooms: SlackRooms) -> Finding:
    """Whether the room of all incidents is there; nothing is made."""
    try:
        found = await rooms.seen(rooms.incidents)
    except (Retry, Permanent) as refused:
        text = f"whether #{rooms.incidents} is there, Slack does not say: {refused}"
        return warning(AREA, text, ADD.replace("it", "channels:read", 1))
    if found:
        return ok(AREA, f"incidents are posted in #{rooms.incidents}")
    return warning(AREA, f"there is no #{rooms.incidents} that Tocsin can see", MAKE_ROOM)


def of_ears(*, app_token: bool, secrets: bool) -> tuple[Finding, ...]:
    """Whether anything that is typed in Slack can reach us."""
    if app_token:
        return ()
    if secrets:
        return (ok(AREA, "requests come over HTTP, signed"),)
    return (failure(AREA, "Tocsin can speak and hears nothing", DEAF),)


def _of_scopes(headers: Mapping[str, str]) -> Iterator[Finding]:
    """What a token lacks; a Slack that does not say (a stand-in) is believed to grant all."""
    if GRANTED not in headers:
        return
    granted = {one.strip() for one in headers[GRANTED].split(",")}
    lacking = [one for one in SCOPES if one.name not in granted]
    for one in lacking:
        kind = warning if one.optional else failure
        rest = "; everything else works without it" if one.optional else ""
        yield kind(AREA, f"missing scope {one.name}: {one.reason}", f"{ADD}{rest}")
    if not lacking:
        yield ok(AREA, f"{len(SCOPES)} scopes, all that it uses")


def is_well(found: Iterable[Finding]) -> bool:
    """Whether nothing must be mended first."""
    return all(one.level != "failure" for one in found)
