"""The doctor names what will hurt, and what to do about it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import update

from bot.configuration import Settings
from bot.doctor import examine, heard_found, schema_found, settings_found
from bot.keys import Keys
from bot.layers import load
from bot.notifying import senders, set_up
from bot.sections import TwilioSettings
from bot.settings import environment
from bot.starting import DEMO, claim
from bot.wiring import Core, installation
from domain.actor import Scope
from domain.finding import Finding
from domain.incident_jobs import ShowIncident
from domain.pipeline import Pipeline
from domain.service import Service
from storage.duties import Duties
from storage.migrations import Status
from storage.store import Store
from storage.tables.ledger import duties
from tests.fakes.company import settle_company
from tests.fakes.mail_server import mail_server
from tests.fakes.messages_api import good, messages_api
from tests.fakes.ntfy_server import TOKEN, ntfy_server
from tests.fakes.pipeline_api import fake_pipelines
from tests.fakes.site import give_hooks_token, give_token
from tests.fakes.stores import NOON, SYSTEM, StillClock, clock_of, opened
from tests.fakes.twilio_api import SENDER, SID, twilio_api
from tests.fakes.twilio_api import TOKEN as TWILIO_TOKEN


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A store over an empty file: every question here is the same on both databases."""
    async with opened(f"sqlite:///{tmp_path / 'tocsin.db'}") as store:
        yield store


async def findings(store: Store, **told: str) -> dict[str, list[Finding]]:
    """What the doctor finds, by area."""
    loaded = load(told, environment({}))
    store.installation = installation(loaded.settings)
    core = Core(loaded.settings, store, Keys.derived("k"), ())
    found: dict[str, list[Finding]] = {}
    for one in await examine(core, loaded):
        found.setdefault(one.area, []).append(one)
    return found


async def finding(store: Store, area: str, **told: str) -> Finding:
    return (await findings(store, **told))[area][0]


async def test_an_empty_installation_is_told_what_it_lacks(store: Store) -> None:
    """Nobody to page, nobody on call, nobody who may send, nobody who would notice."""
    found = await findings(store)
    assert found["people"][0].level == "failure"
    assert found["on-call"][0].level == "failure"
    assert "default policy" in found["policy"][0].text
    assert "no sender" in found["tokens"][0].text
    assert found["heartbeat"][0].text == "nobody would notice if I died"
    assert "TOCSIN_HEARTBEAT_URL" in found["heartbeat"][0].fix
    assert found["process"][0].level == "warning"


async def test_a_covered_schedule_is_well(store: Store) -> None:
    """For the fourteen days to come."""
    await settle_company(store)
    found = await finding(store, "on-call")
    assert (found.level, found.text) == ("ok", "Data platform is covered for 14 days")


async def test_a_hole_in_a_schedule_is_named_with_its_hours(store: Store) -> None:
    """Before the night in which nobody is on call."""
    await settle_company(store)
    async with store.write(SYSTEM) as unit:
        schedule = await unit.catalog.schedules.need("data")
        layer = schedule.layers[0].model_copy(update={"ends": NOON + timedelta(days=3)})
        await unit.catalog.schedules.put(schedule.model_copy(update={"layers": (layer,)}))
    found = await finding(store, "on-call")
    assert found.level == "failure"
    assert "Tue 24 Nov 12:00" in found.text


async def test_who_sleeps_through_a_page_is_named(store: Store) -> None:
    """A chat message does not break through Do Not Disturb."""
    await settle_company(store)
    found = (await findings(store))["reach"]
    assert [one.text.partition(" is ")[0] for one in found] == ["bob", "carol"]
    assert all(one.level == "warning" and "not wakeable" in one.text for one in found)


@pytest.mark.parametrize(("policy", "level"), [("dp", "ok"), ("no-such", "failure")])
async def test_the_default_policy_must_exist(store: Store, policy: str, level: str) -> None:
    """A name alone pages nobody."""
    await settle_company(store)
    assert (await finding(store, "policy", default_policy=policy)).level == level


async def test_a_token_about_to_expire_is_named(store: Store) -> None:
    """A sender that is locked out at night is noticed by its silence only."""
    await give_hooks_token(store)
    await give_token(store, "alice", "laptop", Scope.READ)
    clock_of(store).move(days=80)
    texts = [one.text for one in (await findings(store))["tokens"]]
    assert texts == [
        "hooks-secret expires on 2027-02-19",
        "laptop expires on 2027-02-19",
        "2 live",
    ]


async def test_a_duty_that_nobody_does_is_named(store: Store) -> None:
    """Who died, and for how long."""
    async with store.write(SYSTEM) as unit:
        known = Duties(unit.scope)
        await known.take("worker", "gone")
        await known.take("sealer", "gone")
        ago = await known.now() - timedelta(minutes=7)
        late = update(duties).where(duties.c.name == "worker").values(finished_at=ago)
        await unit.scope.connection.execute(late)
    found = await finding(store, "process")
    assert (found.level, found.text) == ("failure", "nobody has done: worker for 7 min")


async def test_jobs_that_were_given_up_are_told(store: Store) -> None:
    """A dead letter is for somebody to look at."""
    async with store.write(SYSTEM) as unit:
        await unit.jobs.add(ShowIncident(incident="INC-1"))
        (job,) = await unit.jobs.claim("default", (ShowIncident,), 1)
        await unit.jobs.bury(job, "no such room")
    assert "1 jobs were given up" in (await finding(store, "queue")).text


async def test_a_mail_server_that_lets_nobody_in_is_a_fault(store: Store) -> None:
    """What it says is told; one that lets Tocsin in is well."""
    told = "chat alone: no e-mail, and nothing that wakes"
    assert (await finding(store, "ways")).text == told
    async with mail_server() as server:
        found = await finding(store, "ways", smtp_url=server.url)
        assert (found.level, found.text) == ("ok", "e-mail is let in")
        server.options = ""
        found = await finding(store, "ways", smtp_url=server.url)
    assert found.level == "failure"
    assert "STARTTLS" in found.text


async def test_an_ntfy_server_that_lets_nobody_in_is_a_fault(store: Store) -> None:
    """It names what to look at; the server of somebody else is not asked by the demo."""
    async with ntfy_server() as server:
        server.locked = True
        let_in = await finding(store, "ways", ntfy_url=server.url, ntfy_token=TOKEN)
        assert (let_in.level, let_in.text) == ("ok", "ntfy is let in")
        found = await finding(store, "ways", ntfy_url=server.url)
    assert (found.level, found.fix) == ("failure", "check NTFY_URL and NTFY_TOKEN")
    assert "403 forbidden" in found.text
    outside = Settings(ntfy_url="https://ntfy.example.com")
    assert set_up(outside) == {"ntfy"}
    assert set_up(outside, demo=True) == frozenset()


async def test_a_twilio_account_is_asked_for_which_costs_nothing(store: Store) -> None:
    """A wrong token is a fault; the demo asks nobody outside."""
    async with twilio_api() as api:
        given = {
            "twilio.account_sid": SID,
            "twilio.sender": SENDER,
            "twilio.api_url": api.account.url,
        }
        let_in = await finding(store, "ways", **given, **{"twilio.auth_token": TWILIO_TOKEN})
        assert (let_in.level, let_in.text) == ("ok", "SMS is let in")
        found = await finding(store, "ways", **given, **{"twilio.auth_token": "another"})
    assert (found.level, found.text) == ("failure", "SMS: Twilio said 401 Authenticate")
    with pytest.raises(ValidationError, match="TWILIO_FROM, or none"):
        TwilioSettings(account_sid=SID)
    told = TwilioSettings(account_sid=SID, auth_token=SecretStr("x"), sender=SENDER)
    assert senders(Settings(twilio=told)) == {"sms": SENDER, "voice": SENDER}
    assert senders(Settings(twilio=told), demo=True) == {}


async def test_a_pipeline_that_is_missing_or_says_no_is_named(store: Store, tmp_path: Path) -> None:
    """Before somebody needs it at night; nothing is changed there by asking."""
    ways = (
        Pipeline(source="github", name="acme/trino", rollback="rollback.yml"),
        Pipeline(source="kubernetes", name="data/deployment/trino", rollback="undo"),
        Pipeline(source="jenkins", name="trino"),
    )
    async with store.write(SYSTEM) as unit:
        await unit.catalog.services.put(Service(id="trino", pipelines=ways))
    first, second = (await findings(store))["pipelines"]
    assert (first.level, first.text) == (
        "warning", "trino is rolled back by github, which is not set up",
    )  # fmt: skip
    fix = "kubernetes.kubeconfig or kubernetes.in_cluster"
    assert (second.level, second.fix) == ("warning", f"set {fix}")
    async with fake_pipelines(StillClock()) as api:
        told = {
            "github.token": "t", "github.api_url": f"http://127.0.0.1:{api.port}",
            "kubernetes.kubeconfig": str(tmp_path / "none"),
        }  # fmt: skip
        good, bad = (await findings(store, **told))["pipelines"]
        assert (good.level, good.text) == ("ok", "GitHub lets us in")
        assert (bad.level, bad.fix) == ("failure", f"check {fix}")
        api.refusals["/rate_limit"] = (401, {"message": "Bad credentials"})
        refused, _ = (await findings(store, **told))["pipelines"]
    assert refused.text == "GitHub said 401 Bad credentials"
    assert api.asked == []


async def test_a_chat_that_is_down_or_refuses_is_named(store: Store) -> None:
    """With what it said last."""
    told = {"slack.bot_token": "xoxb-1", "discord.bot_token": "d"}
    async with store.write(SYSTEM) as unit:
        await unit.outages.lost("slack", "no answer")
        await unit.refusals.note("discord", "room:incidents", "Missing Access")
    down, refused = (await findings(store, **told))["chat"]
    assert (down.level, down.text) == (
        "failure",
        "Slack has been down since 2026-11-21 12:00 UTC: no answer",
    )
    assert (refused.level, refused.text) == (
        "warning",
        "Discord refuses incidents: Missing Access",
    )


async def test_a_heartbeat_and_a_model_that_are_set_are_well(store: Store) -> None:
    """Their secrets are not repeated."""
    told = {"heartbeat_url": "https://h/canary", "anthropic_api_key": "canary"}
    async with messages_api(good("{}")) as api:
        found = await findings(store, **told, anthropic_base_url=api.url)
    assert found["heartbeat"][0].level == "ok"
    assert found["ai"][0].level == "ok"
    assert "claude" in found["ai"][0].text
    assert "canary" not in str(found)


async def test_a_model_that_does_not_answer_is_told_beforehand(store: Store) -> None:
    """A key or a model that is refused, and an address where nobody is."""
    async with messages_api(good("{}")) as api:
        api.wrong_keys = {"old"}
        told = {"anthropic_base_url": api.url}
        refused = await finding(store, "ai", anthropic_api_key="old", **told)
        unknown = await finding(
            store, "ai", anthropic_api_key="new", **told, **{"llm.model": "gpt"}
        )
    away = await finding(store, "ai", anthropic_api_key="new", **told)
    assert (refused.level, unknown.level, away.level) == ("failure", "failure", "warning")
    assert "unauthorised" in refused.text
    assert "rules decide meanwhile" in away.text
    assert api.requests == [], "nothing was asked that costs"


async def test_the_demo_depends_on_nobody(store: Store) -> None:
    """Neither a heartbeat nor the machine's time is missed there."""
    await claim(store, DEMO)
    found = await findings(store)
    for area in ("heartbeat", "policy", "clock"):
        assert found[area][0].level == "ok"


async def test_a_clock_that_differs_from_the_databases_is_a_fault(store: Store) -> None:
    """Pages would be early or late."""
    assert (await finding(store, "clock")).level == "failure"


def test_a_schema_that_does_not_fit_says_what_to_run() -> None:
    """Behind, ahead, or right."""
    behind = Status(current=None, head="2", pending=("1", "2"), newer=False, major=0)
    ahead = Status(current="9", head="2", pending=(), newer=True, major=99)
    right = Status(current="2", head="2", pending=(), newer=False, major=1)
    assert [schema_found(one).level for one in (behind, ahead, right)] == [
        "failure", "failure", "ok",
    ]  # fmt: skip
    assert schema_found(behind).fix == "tocsin db migrate"


def test_unsafe_settings_and_slips_are_found() -> None:
    """Before anything is started with them."""
    told = {"TOCSIN_HOST": "192.168.0.1", "TOCSIN_PROT": "x", "TOCSIN_HOTS": "x"}
    found = settings_found(load({}, environment(told)))
    assert [one.level for one in found] == ["failure", "warning"]
    assert settings_found(load({}, environment({})))[0].level == "ok"


def test_a_running_process_says_whom_it_hears() -> None:
    """And for how long it has not; Teams comes over HTTP and holds nothing open."""
    ages = {"slack": 3.0, "discord": 130.0, "worker": 1.0}
    found = list(heard_found(("slack", "teams", "discord"), ages))
    assert [(one.area, one.level, one.text) for one in found] == [
        ("slack", "ok", "a sign of life 3 s ago"),
        ("discord", "failure", "a sign of life 2 min ago"),
    ]
