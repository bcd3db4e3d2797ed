"""What changed before an incident stands on its card, with its evidence (rules.md 16)."""

import pytest

from tests.fakes.conditions import MINUTE, TRINO
from tests.fakes.tocsin import Tocsin


async def told(tocsin: Tocsin, service: str, version: str, minutes: int) -> None:
    """A pipeline tells of a deployment so long ago."""
    at = (tocsin.clock.now() - minutes * MINUTE).isoformat()
    await tocsin.deliver("generic", {"deploy": service, "version": version, "at": at})


@pytest.mark.both
async def test_a_no_brings_the_next_one_forward(tocsin: Tocsin):
    """Named first, asked why, cleared; the card names the next, without a rollback first."""
    await told(tocsin, "trino", "v249", 4)
    await told(tocsin, "patroni", "v16.5", 12)
    await tocsin.fire(TRINO)
    (card,) = await tocsin.room("alerts-data-platform")
    assert "Changed just before: trino v249, 4 min, same service" in card.text
    assert "Roll back v249…" in card.labels
    assert "likely" not in card.text.casefold()
    why = await tocsin.press("bob", card, "Why this change?")
    assert "trino v249: 4 min, same service (DEP-14)" in why.text
    assert "Nobody has said yet whether a change named first was it." in why.text
    assert "trino v249" in (await tocsin.dm("bob"))[-1].text
    noted = await tocsin.press("bob", card, "Not v249")
    assert noted.text == "Noted: trino v249 was not it."
    await tocsin.advance(MINUTE)
    (card,) = await tocsin.room("alerts-data-platform")
    assert "trino v249" not in card.text
    assert "trino v249" not in (await tocsin.dm("bob"))[-1].text
    assert "Changed before: trino v248, 1 h" in card.text
    await tocsin.say("bob", "/incident judge INC-13 DEP-13 no")
    await tocsin.advance(MINUTE)
    (card,) = await tocsin.room("alerts-data-platform")
    assert "Changed before: patroni v16.5, 12 min, trino stands on it" in card.text
    assert "Roll back…" in card.labels
    assert "Roll back v16.5…" not in card.labels
    await tocsin.say("bob", "/incident judge INC-13 DEP-15 yes")
    found = await tocsin.say("dave", "/incident suspects INC-13")
    assert "the change named first was it 1 of 1 times" in found.text
    assert "Bob says of trino v249 (DEP-14): no" in await tocsin.told()


async def test_a_private_incident_counts_for_nobody(tocsin: Tocsin):
    """What its members say of a change is in no figure."""
    await told(tocsin, "trino", "v249", 4)
    await tocsin.say("bob", "/incident declare leak sev:2 service:trino private:yes")
    await tocsin.say("bob", "/incident judge INC-13 DEP-14 yes")
    await tocsin.fire(TRINO)
    found = await tocsin.say("dave", "/incident suspects INC-14")
    assert "Nobody has said yet" in found.text
    hidden = await tocsin.say("dave", "/incident suspects INC-13")
    assert hidden.refused == "not_found"
