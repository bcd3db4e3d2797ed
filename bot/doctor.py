"""Whether everything is as it should be, told before it hurts: one finding for each thing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.auditing import last_audit
from bot.configuration import is_loopback, unsafe
from bot.duties import WORKER, ages
from bot.layers import Loaded
from bot.notifying import notifiers
from bot.pipeline_findings import pipelines_found
from bot.pulses import STALE_S
from bot.starting import USED_BY
from bot.wiring import Core, Parts, language_model
from domain.account import called
from domain.calendar_layer import calendar_risks
from domain.contact import NAMES, ContactKind
from domain.errors import Permanent, Retry
from domain.finding import Finding, failure, ok, warning
from domain.ports import Notifier
from domain.schedule import Schedule, gaps
from domain.server import Server, ServerTest, fingerprint
from integrations.alerts.discovery import sources
from integrations.chat.platform import Checkable, Platform
from storage.migrations import Status
from storage.tally import Tallies
from storage.unit import Unit
from storage.views import outages

AHEAD = timedelta(days=14)
ENDING = timedelta(days=14)
SLOW_MS = 50.0
DRIFT = timedelta(seconds=2)
TOLD_GAPS = 3
ALONE = "chat alone: no e-mail, and nothing that wakes"
SET_BY: dict[ContactKind, str] = {
    "email": "SMTP_URL",
    "ntfy": "NTFY_URL and NTFY_TOKEN",
    "pagerduty": "PAGERDUTY_API_URL",
    "push": "VAPID_PRIVATE_KEY",
    "pushover": "PUSHOVER_TOKEN",
    "sms": "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
    "voice": "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
    "webhook": "TOCSIN_PAGING_WEBHOOKS__KEY",
}
MENDED_BY = {
    False: "invite Tocsin there, or have them open direct messages",
    True: "have them look at it with /me contact and /me test",
}

Check = Callable[[Unit], AsyncIterator[Finding]]


async def examine(
    core: Core, loaded: Loaded, platforms: Sequence[Platform] = ()
) -> tuple[Finding, ...]:
    """What only a migrated database can tell, looked at now, and each chat that is set up."""
    found = [await _speed(core), *await _duties(core), *await _ways(core)]
    found += await pipelines_found(core)
    found += await chats_found(platforms)
    async with core.store.read() as unit:
        for check in CHECKS:
            found += [one async for one in check(unit)]
        found += _watched(loaded, used_by=await unit.settings.get(USED_BY))
        safe = await unit.safe_mode.current() is not None
    return (*found, _unasked() if safe else await _model(core, loaded))


async def chats_found(platforms: Sequence[Platform]) -> list[Finding]:
    """What each chat says of its own set-up, all of them asked at once."""
    able = [one for one in platforms if isinstance(one, Checkable)]
    asked = await asyncio.gather(*(one.check() for one in able))
    return [each for found in asked for each in found]


async def within(parts: Parts) -> tuple[Finding, ...]:
    """Everything, as the process that serves people sees it: it also knows whom it hears."""
    loaded = Loaded(parts.settings, {}, ())
    rest = await examine(parts.core, loaded, parts.platforms)
    chats = [one.chat.platform for one in parts.platforms]
    return (*settings_found(loaded), *rest, *heard_found(chats, parts.pulses.ages()))


def heard_found(chats: Iterable[str], ages: Mapping[str, float]) -> Iterator[Finding]:
    """How long ago each chat whose connection is held gave a sign of life."""
    for name in chats:
        age = ages.get(name)
        if age is None:
            continue
        told = f"a sign of life {_for(age)} ago"
        yield ok(name, told) if age < STALE_S else failure(name, told, "it is being reopened")


def settings_found(loaded: Loaded) -> tuple[Finding, ...]:
    """The settings themselves."""
    wrong = [failure("config", one) for one in unsafe(loaded.settings)]
    slips = [warning("config", one) for one in loaded.warnings]
    return (*wrong, *slips) or (ok("config", "every setting is valid"),)


def schema_found(status: Status) -> Finding:
    """Whether the database has the shape that this version expects."""
    if status.pending:
        return failure("database", f"{len(status.pending)} migrations to come", "tocsin db migrate")
    if not status.fits:
        return failure("database", "migrated by a later version", "install that version")
    return ok("database", f"migrations at head ({status.head})")


async def _speed(core: Core) -> Finding:
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with core.store.read() as unit:
        await unit.jobs.database_now()
    took = (loop.time() - began) * 1000
    kind = "SQLite, WAL" if core.store.database.sqlite else "PostgreSQL"
    text = f"{kind}, answers in {took:.1f} ms"
    if took < SLOW_MS:
        return ok("database", text)
    return warning("database", text, "every command waits for it: move it nearer")


async def _duties(core: Core) -> list[Finding]:
    """Whether any process works; the one that looks is none."""
    known = await ages(core.store)
    if WORKER not in known:
        return [warning("process", "no process has ever worked here", "tocsin up")]
    late = {duty: age for duty, age in known.items() if age > STALE_S}
    if not late:
        return [ok("process", "worker, scheduler and sealer do their duties")]
    told = ", ".join(f"{duty} for {_for(age)}" for duty, age in late.items())
    return [failure("process", f"nobody has done: {told}", "start it: tocsin up")]


async def _ways(core: Core) -> list[Finding]:
    """Whether what sends beside chat lets us in."""
    ways = notifiers(core.settings, core.store.clock, demo=core.store.installation.demo)
    found = [await _let_in(way) for way in ways] or [ok("ways", ALONE)]
    return [*found, *_unheard(core, {way.kind for way in ways})]


def _unheard(core: Core, kinds: set[ContactKind]) -> Iterator[Finding]:
    """What is sent, but cannot be answered."""
    here = urlsplit(core.settings.address).hostname or ""
    if "voice" in kinds and is_loopback(here) and not core.store.installation.demo:
        told = "voice call: Twilio cannot tell here which key was pressed"
        yield warning("ways", told, "set TOCSIN_PUBLIC_URL to where it reaches /twilio/")
    if "pagerduty" in kinds and "pagerduty" not in core.settings.webhook_secrets:
        told = "PagerDuty: an ack there is not heard here"
        yield warning("ways", told, "set PAGERDUTY_WEBHOOK_SECRET: its webhook posts to /hooks")


async def _let_in(way: Notifier) -> Finding:
    name = NAMES[way.kind]
    try:
        await way.probe()
    except (Retry, Permanent) as refused:
        return failure("ways", f"{name}: {refused}", f"check {SET_BY[way.kind]}")
    return ok("ways", f"{name} is let in")


async def _safe_mode(unit: Unit) -> AsyncIterator[Finding]:
    if mode := await unit.safe_mode.current():
        yield warning("safe mode", mode.line, "somebody else types /safe-mode off")


async def _clock(unit: Unit) -> AsyncIterator[Finding]:
    if await unit.settings.get(USED_BY) == "demo":
        yield ok("clock", "the demo's own")
        return
    drift = abs(unit.now - await unit.jobs.database_now())
    text = f"UTC, {drift / timedelta(milliseconds=1):.0f} ms from the database's"
    yield ok("clock", text) if drift < DRIFT else failure("clock", text, "run an NTP client")


async def _tokens(unit: Unit) -> AsyncIterator[Finding]:
    live = [one for one in await unit.people.tokens() if one.revoked_at is None]
    live = [one for one in live if one.expires_at > unit.now]
    if not any(token.source for token in live):
        fix = "tocsin token create NAME --source alertmanager"
        yield warning("tokens", "no sender has one: nothing can be received", fix)
    for token in live:
        if token.expires_at < unit.now + ENDING:
            ends = f"{token.name} expires on {token.expires_at:%F}"
            yield warning("tokens", ends, "make another: tocsin token create")
    yield ok("tokens", f"{len(live)} live")


async def _people(unit: Unit) -> AsyncIterator[Finding]:
    active = [one for one in await unit.people.everybody() if one.active]
    if not active:
        yield failure("people", "there is nobody", "tocsin user add NAME --role admin")
        return
    yield ok("people", f"{len(active)} active")


async def _coverage(unit: Unit) -> AsyncIterator[Finding]:
    """Holes in the next 14 days."""
    schedules = await unit.catalog.schedules.everything()
    if not schedules:
        yield failure("on-call", "there is no schedule: nobody can be on call")
    for schedule in schedules:
        yield _covered(schedule, unit.now)


async def _calendars(unit: Unit) -> AsyncIterator[Finding]:
    """Calendars that are layers: unread, or with events that were left out."""
    schedules = {one.id: one for one in await unit.catalog.schedules.everything()}
    for risk in calendar_risks(await unit.calendars.everything(), schedules, unit.now):
        yield warning("on-call", risk.text, "mend the calendar, or the people it names")


def _covered(schedule: Schedule, now: datetime) -> Finding:
    holes = gaps(schedule, now, now + AHEAD)
    if not holes:
        return ok("on-call", f"{schedule.name} is covered for {AHEAD.days} days")
    told = [f"{hole.starts:%a %d %b %H:%M}–{hole.ends:%a %H:%M} UTC" for hole in holes[:TOLD_GAPS]]
    more = f" and {len(holes) - TOLD_GAPS} more" if len(holes) > TOLD_GAPS else ""
    return failure("on-call", f"gap in {schedule.name}: {', '.join(told)}{more}")


async def _audit(unit: Unit) -> AsyncIterator[Finding]:
    """What the auditor found when it looked last."""
    found = (await last_audit(unit)).faults
    for fault in found:
        yield failure("audit", fault.text, "it is being put right; the heartbeat stops meanwhile")
    if not found:
        yield ok("audit", "everything that must ring will")


async def _policy(unit: Unit) -> AsyncIterator[Finding]:
    name = unit.installation.default_policy
    if await unit.settings.get(USED_BY) == "demo":
        yield ok("policy", "the demo's own")
    elif name is None:
        fix = "set default_policy in the configuration, or TOCSIN_DEFAULT_POLICY"
        yield failure("policy", "no default policy: alerts without a route page the admins", fix)
    elif await unit.catalog.policies.get(name) is None:
        yield failure(
            "policy", f"the default policy {name} does not exist", "make it, or name another"
        )
    else:
        yield ok("policy", f"{name} takes alerts that no route takes")


async def _reach(unit: Unit) -> AsyncIterator[Finding]:
    """Who sleeps through a page."""
    schedules = await unit.catalog.schedules.everything()
    on_call = {person for schedule in schedules for person in schedule.people}
    for person, reason in (await unit.roster.asleep(sorted(on_call))).items():
        yield warning("reach", f"{person} is {reason}")
    if not on_call:
        yield warning("reach", "nobody is in any rotation")


async def _chats(unit: Unit) -> AsyncIterator[Finding]:
    """Which outside chats count as down or want to wait, and whom the others refuse."""
    for one in await outages.down(unit.scope):
        text = f"{called(one.platform)} has been down since {one.since:%F %H:%M} UTC: {one.error}"
        yield failure("chat", text, "pages go by other ways meanwhile")
    for wait in await outages.busy(unit.scope):
        text = f"{called(wait.platform)} wants to be left alone until {wait.until:%F %H:%M} UTC"
        yield warning("chat", text, "look whether another program uses up its limits")
    for refusal in await outages.refused(unit.scope):
        yield warning("chat", refusal.line, MENDED_BY[refusal.platform in NAMES])


async def _inbound(unit: Unit) -> AsyncIterator[Finding]:
    for source in sorted(sources()):
        seen = await unit.deliveries.seen(source)
        if seen is not None:
            ago = _for((unit.now - seen).total_seconds())
            yield ok("inbound", f"{source} was heard {ago} ago")


async def _queue(unit: Unit) -> AsyncIterator[Finding]:
    dead = sum(n for (_, state), n in (await unit.jobs.depth()).items() if state == "dead")
    if dead:
        yield warning("queue", f"{dead} jobs were given up", "look at what they could not reach")
    lag = await Tallies(unit.scope).lag_s()
    late = f"the oldest job that is due is {_for(lag)} old"
    yield ok("queue", late) if lag < STALE_S else failure("queue", late, "is a worker running?")


def _watched(loaded: Loaded, *, used_by: str | None) -> list[Finding]:
    """Whether anybody outside would notice that this process has died."""
    if loaded.settings.heartbeat_url is not None:
        return [ok("heartbeat", "somebody outside is told every 20 s that all is well")]
    if used_by == "demo":
        return [ok("heartbeat", "none, as nobody depends on the demo")]
    fix = "set TOCSIN_HEARTBEAT_URL to an address that alarms when it is not called"
    return [failure("heartbeat", "nobody would notice if I died", fix)]


def _unasked() -> Finding:
    return ok("ai", "safe mode: no model is asked, rules decide alone")


async def _model(core: Core, loaded: Loaded) -> Finding:
    model = language_model(loaded.settings, core.store.clock)
    if model is None:
        return ok("ai", "off: rules decide alone, everything works")
    try:
        await model.probe()
    except (Retry, Permanent) as refused:
        told = f"{model.model}: {refused}; rules decide meanwhile"
        if isinstance(refused, Permanent):
            return failure("ai", told, "set ANTHROPIC_API_KEY and llm.model to what goes together")
        return warning("ai", told, "is api.anthropic.com reached from here?")
    finally:
        await model.aclose()
    budget = loaded.settings.llm.budget_usd
    return ok("ai", f"{model.model} answers, at most ${budget:.2f} for an incident")


def _for(seconds: float) -> str:
    seconds = max(0.0, seconds)  # the demo's clock may be ahead of ours
    hours, minutes = divmod(int(seconds // 60), 60)
    if hours:
        return f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds:.0f} s"


async def _servers(unit: Unit) -> AsyncIterator[Finding]:
    """Whose host key nobody has pinned, and who showed another one when it was tested last."""
    servers = sorted(await unit.catalog.servers.where(), key=lambda one: one.id)
    tests = {one.id: one for one in await unit.catalog.server_tests.where()}
    found = [_known_by(one, tests.get(one.id)) for one in servers]
    for one in filter(None, found):
        yield one
    if servers and not any(found):
        yield ok("servers", f"{len(servers)} with pinned host keys")


def _known_by(server: Server, test: ServerTest | None) -> Finding | None:
    """What is wrong with its host key."""
    if not server.host_keys:
        fix = f"/server test {server.id} shows it, /server pin {server.id} pins it"
        return warning("servers", f"{server.id} has no pinned host key: nothing runs on it", fix)
    if test is None or not test.offered or server.is_known_by(test.offered):
        return None
    text = f"{server.id} showed another host key on {test.at:%F %H:%M} UTC"
    return failure("servers", f"{text}: {fingerprint(test.offered)}", "ask its owner why")


CHECKS: tuple[Check, ...] = (
    _safe_mode, _clock, _people, _tokens, _coverage, _calendars, _audit, _policy, _reach, _chats,
    _inbound, _queue, _servers,
)  # fmt: skip
