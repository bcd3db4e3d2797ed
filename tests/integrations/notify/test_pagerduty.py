"""PagerDuty through its documented Events API v2: what is sent, and what an answer means."""

import pytest

from domain.errors import Permanent, Retry
from domain.lasting import Alarm
from domain.message import Header, Message, Text, link, spans
from integrations.notify.pagerduty import PagerDuty
from tests.fakes.one_request import CUT
from tests.fakes.pagerduty_events import BOBS_KEY, KEY, pagerduty_events, refusal

HERE = "https://tocsin.example.com"


def page(title: str = "SEV2 Trino queries failing · INC-42") -> Message:
    """A page as a letter."""
    acting = spans(link("Answer this page", f"{HERE}/a/code"), "  ·  ", link("read", f"{HERE}/i"))
    told = Text(spans=spans("14 alerts · trino"))
    return Message(nodes=(Header(text=title), told, Text(spans=acting)), urgency="page")


@pytest.fixture
async def there():
    async with pagerduty_events() as made:
        yield made


async def test_a_page_is_one_incident_until_it_ends(there):
    """Whatever ring it is; what it says has no address that answers."""
    pagerduty = PagerDuty(there.service)
    for k in range(2):
        await pagerduty.send("default", page("x" * 3000), f"ring:p1:{k}:pagerduty:c1")
    await pagerduty.send(BOBS_KEY, page(), "ring:p2:2:pagerduty:c2")
    first, second = there.open_ones
    assert (first.dedup_key, first.triggers, first.routing_key) == ("tocsin:ring:p1", 2, KEY)
    payload = second.event["payload"]
    assert (payload["severity"], payload["custom_details"]) == (
        "critical",
        {"told": "14 alerts · trino"},
    )
    assert second.event["links"] == [{"href": f"{HERE}/i", "text": "read"}]
    for settled in ("acked", "over", "acked"):
        alarm = Alarm(kind="pagerduty", address=BOBS_KEY, name="ring:p2", settled=settled)
        await pagerduty.settle(alarm)
    assert (first.status, second.status) == ("triggered", "resolved")


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        ((429, {}), Retry),
        ((CUT, {}), Retry),
        (refusal(400, f"routing key {BOBS_KEY} is unknown"), Permanent),
    ],
)
async def test_what_a_refusal_means(there, answer, raised):
    """What is busy may work later, what is wrong never; the key is not repeated."""
    there.answers = [answer]
    with pytest.raises(raised) as refused:
        await PagerDuty(there.service).send(BOBS_KEY, page(), "k")
    assert BOBS_KEY not in str(refused.value)


async def test_what_is_no_key_is_refused_and_a_service_that_answers_is_there(there):
    """Before anything is sent."""
    with pytest.raises(Permanent, match="no routing key"):
        await PagerDuty(there.service).send("1234", page(), "k")
    await PagerDuty(there.service).probe()
    assert there.incidents == {}
