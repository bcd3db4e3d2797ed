"""The composition root: from settings to parts. Clock, randomness and ids enter here only."""

import asyncio
import secrets
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Self

from bot import notifying, performing
from bot.advisor import NoAdvisor, RecordedAdvisor
from bot.chat_keep import StoredChatKeep
from bot.clock import OffsetClock, SystemClock
from bot.configuration import Settings
from bot.console import ConsoleKeep
from bot.demo.marked import marked
from bot.dispatch import Dispatch
from bot.duties import DutyHolder
from bot.ids import TimeOrderedIds
from bot.intake import Intake
from bot.keys import Keys, kept_before, secret_key
from bot.lines import typed_by
from bot.metrics import Metrics
from bot.pacing import PacedChat
from bot.pipelines import pipelines
from bot.platforms import Around, connected, set_up
from bot.pulses import Pulses
from bot.run_outputs import StoredOutputs
from bot.sealing import StoredKeys
from bot.vitals import ProcessVitals
from bot.watching import WatchedChat
from bot.worded import Worded, WordedChat
from bot.worker import Worker
from commands.discovery import registry
from domain.command import Registry
from domain.installation import Installation, ModelPurpose
from domain.llm import ModelPolicy
from domain.message import Message
from domain.ports import Advisor, Chat, Clock, Ids, Typed
from domain.severity import Severity
from domain.spellings import Registered
from domain.worded import Wording
from integrations.calendar.fetched import FetchedCalendars
from integrations.chat.console.listen import ConsoleListener
from integrations.chat.console.send import ConsoleChat
from integrations.chat.edge import ChatEdge
from integrations.chat.platform import Platform
from integrations.deploys.simulated import SimulatedDeploys
from integrations.llm.claude import Claude, ClaudeSettings
from integrations.runbooks.fetch import FetchedPages
from jobs.registry import Ports, discover
from storage.engine import open_database
from storage.store import Store

EVERY_PURPOSE: frozenset[ModelPurpose] = frozenset(
    {"classify", "similar", "catchup", "postmortem", "ask", "cause"}
)


@dataclass(frozen=True)
class Core:
    """What every command that works on the database needs, and nothing that runs."""

    settings: Settings
    store: Store
    keys: Keys
    secrets: tuple[str, ...]

    async def close(self) -> None:
        """Give every connection back."""
        await self.store.database.close()


@dataclass(frozen=True)
class Parts:
    """Everything a process is made of, built and not yet running; ``stop`` ends what runs."""

    core: Core
    registry: Registry
    dispatch: Dispatch
    typed: Typed
    chat: ConsoleListener
    edge: ChatEdge
    platforms: tuple[Platform, ...]
    intake: Intake
    worker: Worker
    holder: DutyHolder
    pulses: Pulses
    metrics: Metrics
    vitals: ProcessVitals
    stop: asyncio.Event

    async def __aenter__(self) -> Self:
        """Nothing runs yet."""
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Give every connection back."""
        await self.core.close()

    @property
    def settings(self) -> Settings:
        """What the installation was told."""
        return self.core.settings

    @property
    def store(self) -> Store:
        """The database, opened."""
        return self.core.store


def system_clock() -> SystemClock:
    """The machine's own time."""
    return SystemClock(_now)


def offset_clock() -> OffsetClock:
    """The machine's time, which the demo may move forward."""
    return OffsetClock(_now)


def system_ids(clock: Clock) -> TimeOrderedIds:
    """Ids by ``clock`` with the machine's randomness."""
    return TimeOrderedIds(clock, secrets.token_bytes, lambda: secrets.token_urlsafe(32))


def open_core(settings: Settings, clock: Clock, ids: Ids, *, demo: bool = False) -> Core:
    """Open the database of ``settings``, which must have been migrated."""
    database = open_database(settings.database)
    secret = secret_key(settings, ids.secret)
    before = (*settings.previous_keys, *kept_before(settings))
    keys = Keys.derived(secret, *before)
    store = Store(database, clock, ids, installation(settings, demo=demo), keys)
    return Core(settings, store, keys, (secret, *before, *settings.secrets()))


def build(settings: Settings, clock: Clock, ids: Ids, *, demo: bool = False) -> Parts:
    """Everything, built over the database of ``settings``."""
    core = open_core(settings, clock, ids, demo=demo)
    store, known = core.store, registry()
    dispatch = Dispatch(known, store)
    registered = Registered(prefix=settings.commands.prefix, single=settings.commands.single_root)
    typed = typed_by(known, dispatch, registered)
    keep, chat_keep = ConsoleKeep(store), StoredChatKeep(store)
    wording = Wording(known, registered)
    edge = ChatEdge(chat_keep, typed, dispatch, known, wording.of_reply)
    dress = marked if demo else _as_it_is
    pulses, metrics = Pulses(time.monotonic), Metrics(program_version())
    around = Around(edge, chat_keep, clock, ids, dress, time.time, metrics.chat_shortened)
    platforms = connected(settings, around)
    worded = (WordedChat(one.chat, Worded(wording, demo)) for one in platforms)
    watched = (WatchedChat(one, store, metrics.chat_failed) for one in worded)
    outside = tuple(PacedChat(one, time.monotonic) for one in watched)
    ports = replace(_ports(core, keep, outside), dispatch=dispatch)
    worker = Worker(store, discover(), ports)
    store.listen(worker)
    return Parts(
        core=core,
        registry=known,
        dispatch=dispatch,
        typed=typed,
        chat=ConsoleListener(keep, typed, dispatch, known, ids),
        edge=edge,
        platforms=platforms,
        intake=Intake(store),
        worker=worker,
        holder=DutyHolder(store, ids.new()),
        pulses=pulses,
        metrics=metrics,
        vitals=ProcessVitals(store, pulses, metrics),
        stop=asyncio.Event(),
    )


def installation(settings: Settings, *, demo: bool = False) -> Installation:
    """The settings on which decisions depend. In the demo a model may be used for anything."""
    return Installation(
        public_url=settings.address,
        platforms=set_up(settings),
        notifies=notifying.set_up(settings, demo=demo),
        senders=notifying.senders(settings, demo=demo),
        webhooks=notifying.named_hooks(settings),
        push_key=notifying.push_key(settings, demo=demo),
        incidents_room=settings.chat.incidents_room,
        room_name=settings.chat.room_name,
        incidents_rooms=_rooms(settings),
        default_policy=settings.default_policy,
        call_template=settings.call_template,
        model_purposes=EVERY_PURPOSE if demo else settings.llm.purposes,
        model_may_wake=settings.llm.may_wake,
        model_budget_usd=settings.llm.budget_usd,
        link_by_email=demo if settings.chat.link_by_email is None else settings.chat.link_by_email,
        demo=demo,
        execution=demo,
        automatic=settings.runbooks.automatic,
        execution_teams=frozenset() if demo else frozenset(settings.execution.teams),
        self_confirm=settings.approvals.rollback == "self_confirm",
        break_glass=settings.approvals.break_glass,
        step_up=timedelta(minutes=settings.approvals.step_up),
        security_room=settings.security.channel,
        freeze_on=_freeze_on(settings),
        kubernetes_context=settings.kubernetes.context,
        rollback_watch=timedelta(minutes=settings.deploys.watch_minutes),
    )


def _freeze_on(settings: Settings) -> Severity | None:
    """The least severity with which deployments are frozen; None where none is."""
    told = settings.deploys.freeze_on
    return None if told == "off" else Severity(told)


def _rooms(settings: Settings) -> dict[str, str]:
    """The rooms of incidents on the platforms that name them otherwise."""
    named = {
        "slack": settings.slack.incidents_room,
        "discord": settings.discord.incidents_room,
        "teams": settings.teams.incidents_room,
    }
    return {platform: room for platform, room in named.items() if room}


def program_version() -> str:
    """The version of this program."""
    return version("tocsin")


def _ports(core: Core, keep: ConsoleKeep, outside: tuple[Chat, ...]) -> Ports:
    demo = core.store.installation.demo
    chats: tuple[Chat, ...] = (ConsoleChat(keep), *outside)
    simulated = SimulatedDeploys(core.store.clock)
    kept = StoredKeys(core.store, core.keys).find
    performers = performing.performers(core.settings, kept, demo=demo)
    ways = notifying.notifiers(core.settings, core.store.clock, demo=demo)
    return Ports(
        chats={one.platform: one for one in chats},
        advisor=_advisor(core),
        deployer=simulated if demo else None,
        performers=performers,
        outputs=StoredOutputs(core.store, lambda: core.secrets),
        pages=FetchedPages(core.settings.runbooks.hosts),
        deployers={} if demo else pipelines(core.settings, core.store.clock, performers["command"]),
        notifiers={one.kind: one for one in ways},
        calendars=None if demo else FetchedCalendars(core.settings.calendars.private_hosts),
    )


def language_model(settings: Settings, clock: Clock) -> Claude | None:
    """The model that may be asked; None where no key is set."""
    if settings.anthropic_api_key is None:
        return None
    told = ClaudeSettings(
        api_key=settings.anthropic_api_key,
        model=settings.llm.model,
        base_url=settings.anthropic_base_url,
    )
    return Claude(told, clock)


def _advisor(core: Core) -> Advisor:
    told, store = core.settings, core.store
    model = language_model(told, store.clock)
    if model is None:
        return NoAdvisor()
    policy = ModelPolicy(
        purposes=frozenset(store.installation.model_purposes),
        private=told.llm.private,
        incident_usd=told.llm.budget_usd,
    )
    return RecordedAdvisor(model, store, policy, lambda: core.secrets)


def _as_it_is(message: Message) -> Message:
    return message


def _now() -> datetime:
    return datetime.now(UTC)
