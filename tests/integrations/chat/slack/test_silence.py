"""Whose devices Slack keeps silent, asked once a minute and only where it may be asked."""

import pytest

from domain.errors import Permanent, Retry
from integrations.chat.slack.silence import SlackSilence
from tests.fakes.slack_api import Fault

INFO = "dnd.info"


@pytest.fixture
def silence(office) -> SlackSilence:
    """By the clock that is moved."""
    made = SlackSilence(office.chat.api, lambda: office.clock.now().timestamp())
    office.chat.silence = made
    return made


def hours(office, start: float, end: float, **more: object) -> None:
    """Bob's scheduled Do Not Disturb, in hours from now."""
    now = int(office.clock.now().timestamp())
    office.stub.silent["U0BOB"] = {
        "dnd_enabled": True,
        "next_dnd_start_ts": now + int(start * 3600),
        "next_dnd_end_ts": now + int(end * 3600),
        "snooze_enabled": False,
    } | more


async def test_the_scheduled_time_counts_and_is_asked_for_once_a_minute(office, silence):
    """To the second at which it ends; who has no account is never asked about."""
    hours(office, -1, 1 / 120)
    assert await office.chat.is_silent("bob") is True
    office.clock.move(seconds=29)
    assert await office.chat.is_silent("bob") is True
    office.clock.move(seconds=1)
    assert await office.chat.is_silent("bob") is False
    assert await office.chat.is_silent("carol") is False
    assert len(office.stub.calls(INFO)) == 1
    office.clock.move(seconds=30)
    hours(office, 2, 10)
    assert await office.chat.is_silent("bob") is False
    assert len(office.stub.calls(INFO)) == 2


async def test_a_pause_counts_too(office, silence):
    """Notifications paused by hand until later."""
    until = int(office.clock.now().timestamp()) + 600
    hours(office, 5, 9, dnd_enabled=False, snooze_enabled=True, snooze_endtime=until)
    assert await office.chat.is_silent("bob") is True
    office.stub.silent["U0ALICE"] = {"dnd_enabled": True, "next_dnd_start_ts": "soon"}
    assert await office.chat.is_silent("alice") is False


async def test_without_the_scope_it_is_not_asked_again_for_an_hour(office, silence):
    """Nobody is silent then."""
    hours(office, -1, 1)
    office.stub.script[INFO] = [Fault(error="missing_scope")]
    for _ in range(3):
        assert await office.chat.is_silent("bob") is False
    assert len(office.stub.calls(INFO)) == 1
    office.clock.move(minutes=59, seconds=59)
    assert await office.chat.is_silent("bob") is False
    office.clock.move(seconds=1)
    hours(office, -1, 1)
    assert await office.chat.is_silent("bob") is True


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Fault(status=429, retry_after="7"), Retry), (Fault(error="user_not_found"), Permanent)],
)
async def test_no_answer_is_none(office, silence, fault, kind):
    """It is for whoever asks to go on; the next one asks anew."""
    hours(office, -1, 1)
    office.stub.script[INFO] = [fault]
    with pytest.raises(kind):
        await office.chat.is_silent("bob")
    assert await office.chat.is_silent("bob") is True
