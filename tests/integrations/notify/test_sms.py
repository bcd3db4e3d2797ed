"""SMS through Twilio's documented interface: what arrives, and what each answer means."""

import pytest
from pydantic import SecretStr

from domain.errors import Permanent, Retry
from domain.message import Header, Message, Text, link, sentence, spans
from integrations.notify.sms import Sms
from tests.fakes.one_request import CUT
from tests.fakes.twilio_api import SENDER, refusal, twilio_api

BOB = "+491511234567"
ANSWER = "https://tocsin.example.com/a/0123456789012345678901234567890123456789"


def page(title: str = "SEV2 Trino queries failing · INC-42", pages: int = 1) -> Message:
    """A page as a letter."""
    acting = (spans(link("Answer this page", f"{ANSWER}{n}"), " or not") for n in range(pages))
    lines = [Text(spans=one) for one in acting]
    return Message(nodes=(Header(text=title), *lines), urgency="page")


@pytest.fixture
async def api():
    async with twilio_api() as made:
        yield made


async def test_a_page_is_one_sms_with_the_address_that_answers(api):
    """Plain enough for 160 characters; of a long title the end stays, which is the number."""
    await Sms(api.account).send(BOB, page(), "k")
    (sent,) = api.sent
    assert (sent["To"], sent["From"]) == (BOB, SENDER)
    assert sent["Body"] == f"SEV2 Trino queries failing - INC-42\nAck: {ANSWER}0"
    await Sms(api.account).send(BOB, page("SEV2 " + "queries fail " * 20 + "· INC-42"), "k")
    long = api.to(BOB)[-1]
    assert len(long) <= 160
    assert f"... INC-42\nAck: {ANSWER}0" in long


async def test_a_list_and_what_is_no_page_are_told_whole(api):
    """They may take several SMS, but never more than Twilio takes."""
    await Sms(api.account).send(BOB, page(pages=2), "k")
    assert f"{ANSWER}0" in api.to(BOB)[-1]
    assert f"{ANSWER}1" in api.to(BOB)[-1]
    await Sms(api.account).send(BOB, sentence("The code is ABCD-2345"), "k")
    assert api.to(BOB)[-1] == "The code is ABCD-2345"
    await Sms(api.account).send(BOB, page(pages=40), "k")
    assert len(api.to(BOB)[-1]) <= 1600


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (refusal(429, 20429, "Too Many Requests"), Retry),
        (refusal(503, 20503, f"{BOB} is not served now"), Retry),
        ((CUT, {}), Retry),
        (refusal(400, 21610, "Attempt to send to unsubscribed recipient"), Permanent),
        (refusal(400, 21211, f"The 'To' number {BOB} is not a valid phone number."), Permanent),
    ],
)
async def test_what_a_refusal_means(api, answer, raised):
    """What is busy or down may work later, what is wrong never; the number is not repeated."""
    api.answers = [answer]
    with pytest.raises(raised) as refused:
        await Sms(api.account).send(BOB, page(), "k")
    assert BOB[1:] not in str(refused.value)


async def test_a_wrong_token_is_refused_for_good(api):
    """Sending and looking; the right one is let in."""
    await Sms(api.account).probe()
    wrong = Sms(api.account.model_copy(update={"token": SecretStr("another")}))
    with pytest.raises(Permanent, match="Twilio said 401 Authenticate"):
        await wrong.probe()
    with pytest.raises(Permanent, match="Twilio said 401 Authenticate"):
        await wrong.send(BOB, page(), "k")
    assert api.sent == []


async def test_what_is_no_number_is_refused(api):
    """Before anything is sent."""
    with pytest.raises(Permanent, match="no phone number"):
        await Sms(api.account).send("151 1234567", page(), "k")
    assert api.sent == []
