"""What doctor says of Slack, by what Slack says of our tokens."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from integrations.chat.slack import check
from integrations.chat.slack.api import SlackApi
from integrations.chat.slack.rooms import SlackRooms
from integrations.chat.slack.scopes import OPTIONAL, REQUIRED
from tests.fakes.web_api import WebApi, web_api

WHO = {"ok": True, "team": "Acme", "user": "tocsin"}


@pytest.fixture
async def slack() -> AsyncIterator[WebApi]:
    """A Slack that takes the token and grants everything."""
    with web_api({"auth.test": WHO}) as made:
        made.scopes = (*REQUIRED, *OPTIONAL)
        yield made


@pytest.fixture
async def api(slack: WebApi) -> AsyncIterator[SlackApi]:
    """Spoken to as Slack itself."""
    made = SlackApi("xoxb-1", slack.url)
    yield made
    await made.close()


async def test_a_scope_that_is_missing_is_named_with_what_will_not_work(slack, api):
    """What nothing works without fails; the rest is a warning, and says that it is one."""
    slack.scopes = tuple(
        one for one in (*REQUIRED, *OPTIONAL) if one not in ("im:write", "reactions:read")
    )
    who, *lacking = await check.of_bot(api)
    assert (who.level, who.text) == ("ok", "bot token ok (team Acme, bot @tocsin)")
    assert {one.level: one.text for one in lacking} == {
        "failure": "missing scope im:write: Opening the direct message in which a person is paged",
        "warning": "missing scope reactions:read: Reactions: adding a message by an emoji",
    }
    assert lacking[1].fix.endswith("everything else works without it")


async def test_a_token_that_is_refused_is_all_there_is_to_say(slack, api):
    """Nothing is known about scopes then."""
    slack.answers["auth.test"] = {"ok": False, "error": "token_revoked"}
    (found,) = await check.of_bot(api)
    assert (found.level, found.text) == ("failure", "bot token: token_revoked")
    assert "tocsin connect slack" in found.fix


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        ({"ok": True, "channels": [{"id": "C1", "name": "incidents"}]}, "ok"),
        ({"ok": True, "channels": [{"id": "C2", "name": "general"}]}, "warning"),
        ({"ok": False, "error": "missing_scope"}, "warning"),
    ],
)
async def test_the_room_of_incidents_is_looked_for_and_never_made(
    slack: WebApi, api: SlackApi, answer: dict[str, Any], level: str
):
    """Each answer says what to do."""
    slack.answers["conversations.list"] = answer
    rooms = SlackRooms(api, keep=None, people=None, incidents="incidents")  # type: ignore[arg-type]
    found = await check.of_room(rooms)
    assert found.level == level
    assert bool(found.fix) == (level != "ok")
    assert {method for method, _ in slack.asked} == {"conversations.list"}


@pytest.mark.parametrize(
    ("app", "secrets", "levels"),
    [(True, False, []), (False, True, ["ok"]), (False, False, ["failure"])],
)
def test_somebody_must_be_able_to_say_something(app: bool, secrets: bool, levels: list[str]):
    """By socket or by signed requests."""
    assert [one.level for one in check.of_ears(app_token=app, secrets=secrets)] == levels
