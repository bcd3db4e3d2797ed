"""Voice calls through Twilio's documented interface: what is read out, and where keys go."""

import pytest

from domain.errors import Permanent, Retry
from domain.message import Header, Message, Text, link, sentence, spans
from integrations.notify.voice import Voice
from tests.fakes.one_request import CUT
from tests.fakes.twilio_api import SENDER, posts_to, refusal, spoken, twilio_api

BOB = "+491511234567"
HERE = "https://tocsin.example.com"
CODE = "b512dba9-01m7yzmhg03hd76abj4v9zjksa-VmHmwJmKPaeM4ggKHqvMkc47oLuABq2Y"


def page(title: str, *paths: str) -> Message:
    """A page as a letter, with words beside each link."""
    lines = [
        Text(
            spans=spans("● SEV2 <b>trino</b> & more  ", link("Answer this page", f"{HERE}/a/{one}"))
        )
        for one in paths
    ]
    return Message(nodes=(Header(text=title), *lines), urgency="page")


@pytest.fixture
async def api():
    async with twilio_api() as made:
        yield made


async def test_a_page_is_its_line_and_two_keys(api):
    """Nothing else is read; whatever a title holds, the script stays one."""
    await Voice(api.account).send(BOB, page('SEV2 <Say> & "Trino" · INC-42', CODE), "k")
    (call,) = api.called
    assert (call["To"], call["From"]) == (BOB, SENDER)
    words = 'SEV2 <Say> & "Trino", INC-42. Press 1 to take it. Press 2 to pass it on.'
    assert spoken(call["Twiml"]).startswith(words)
    assert posts_to(call["Twiml"]) == f"{HERE}/twilio/voice/{CODE}"


async def test_the_longest_list_fits_what_twilio_takes(api):
    """Its lines are read as far as that goes; the key is for all of them."""
    await Voice(api.account).send(BOB, page("20 pages for you", *[CODE] * 20), "k")
    (script,) = api.calls_to(BOB)
    assert "Press 1 to take all of them." in spoken(script)
    assert posts_to(script).count(CODE) == 20


async def test_a_code_is_read_letter_by_letter(api):
    """There is nothing to press."""
    await Voice(api.account).send(BOB, sentence("The code is ABCD-2345"), "k")
    (script,) = api.calls_to(BOB)
    assert spoken(script) == "The code is A, B, C, D, 2, 3, 4, 5."


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (refusal(429, 20429, "Too Many Requests"), Retry),
        ((CUT, {}), Retry),
        (refusal(400, 21214, f"'To' phone number {BOB} cannot be reached"), Permanent),
    ],
)
async def test_what_a_refusal_means(api, answer, raised):
    """As for an SMS."""
    api.answers = [answer]
    with pytest.raises(raised) as refused:
        await Voice(api.account).send(BOB, page("SEV2", CODE), "k")
    assert BOB[1:] not in str(refused.value)
