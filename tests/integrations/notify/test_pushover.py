"""Pushover through its documented API: what sounds, what is cancelled, what an answer means."""

import pytest
from pydantic import SecretStr

from domain.errors import Permanent, Retry
from domain.lasting import Alarm
from domain.message import Header, Message, Text, link, sentence, spans
from integrations.notify.pushover import Pushover
from tests.fakes.one_request import CUT
from tests.fakes.pushover_api import BOB, pushover_api, refusal

HERE = "https://tocsin.example.com"
CODE = "b512dba9-01m7yzmhg03hd76abj4v9zjksa-VmHmwJmKPaeM4ggKHqvMkc47oLuABq2Y"


def page(*codes: str, title: str = "SEV2 Trino queries failing · INC-42") -> Message:
    """A page as a letter."""
    acting = [spans(link("Answer this page", f"{HERE}/a/{one}")) for one in codes]
    read = spans("ü" * 2000, link("read the incident", f"{HERE}/incidents/INC-42"))
    lines = [Text(spans=one) for one in (*acting, read)]
    return Message(nodes=(Header(text=title), *lines), urgency="page")


@pytest.fixture
async def api():
    async with pushover_api() as made:
        yield made


async def test_a_page_is_an_emergency_and_all_its_rings_are_cancelled_together(api):
    """Those of another page sound on."""
    pushover = Pushover(api.app)
    for key in ("ring:p1:2:pushover:c1", "ring:p1:9:pushover:c1", "ring:p2:2:pushover:c1"):
        await pushover.send(BOB, page(CODE), key)
    first, second, other = api.sent
    assert (first["priority"], first["url"]) == ("2", f"{HERE}/incidents/INC-42")
    assert first["callback"] == f"{HERE}/a/acknowledged/{CODE}"
    assert first["tags"] == second["tags"] != other["tags"]
    await pushover.settle(Alarm(kind="pushover", address=BOB, name="ring:p1", settled="acked"))
    assert api.sounding(BOB) == [other]


async def test_the_longest_list_and_a_code_fit_what_pushover_takes(api):
    """Of a list the worst pages are acknowledged together; a code sounds as any message."""
    await Pushover(api.app).send(BOB, page(*[CODE] * 20, title="x" * 400), "bundle:b:1")
    (shown,) = api.sent
    assert 1 < shown["callback"].count(CODE) < 20
    await Pushover(api.app).send(BOB, sentence("The code is ABCD-2345"), "k")
    assert "priority" not in api.sent[-1]
    assert api.sent[-1]["message"] == "The code is ABCD-2345"


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (refusal(429, "application is over its monthly limit"), Retry),
        ((CUT, {}), Retry),
        (refusal(400, f"user {BOB} is not a valid user"), Permanent),
    ],
)
async def test_what_a_refusal_means(api, answer, raised):
    """What is busy may work later, what is wrong never; the key is not repeated."""
    api.answers = [answer]
    with pytest.raises(raised) as refused:
        await Pushover(api.app).send(BOB, page(CODE), "k")
    assert BOB not in str(refused.value)


async def test_a_wrong_token_and_a_wrong_key_are_refused(api):
    """The right token is let in, and nothing is sent for that."""
    await Pushover(api.app).probe()
    wrong = Pushover(api.app.model_copy(update={"token": SecretStr("another")}))
    with pytest.raises(Permanent, match="Pushover said 400 application token is invalid"):
        await wrong.probe()
    with pytest.raises(Permanent, match="no user key"):
        await Pushover(api.app).send("bob", page(CODE), "k")
    assert api.sent == []


async def test_what_came_of_an_emergency_can_be_asked(api):
    """Until somebody has acknowledged it; what Pushover has forgotten asks nobody any more."""
    pushover = Pushover(api.app)
    receipt = await pushover.send(BOB, page(), "ring:p1:2:pushover:c1")
    assert (receipt.news, await pushover.state_of(receipt.id)) == ("asked", "waiting")
    api.acknowledged.add(receipt.id)
    assert await pushover.state_of(receipt.id) == "acknowledged"
    assert await pushover.state_of(f"{receipt.id[:-2]}99") == "expired"
