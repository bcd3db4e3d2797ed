"""The ways to people beside chat: which of them are set up."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from bot.configuration import Settings, is_loopback
from bot.demo.marked import MarkedNotifier
from domain.contact import ContactKind
from domain.ports import Clock, Notifier
from integrations.notify.email import Email, MailServer, mail_server
from integrations.notify.ntfy import Ntfy, NtfyServer
from integrations.notify.outside import Outside
from integrations.notify.pagerduty import PagerDuty, PagerDutyService
from integrations.notify.pushover import Pushover, PushoverApp
from integrations.notify.sealed import Vapid
from integrations.notify.sms import Sms
from integrations.notify.twilio import REPORTED_AT, TwilioAccount
from integrations.notify.voice import Voice
from integrations.notify.web_push import NAME as PUSH
from integrations.notify.web_push import WebPush
from integrations.notify.webhook import Webhook, WebhookTerms

LOOPBACK = "127.0.0.1"
TWILIO: tuple[ContactKind, ...] = ("sms", "voice")


def set_up(settings: Settings, *, demo: bool = False) -> frozenset[ContactKind]:
    """The kinds by which people can be reached. The demo writes to nobody outside (rules.md 10)."""
    return frozenset(kind for kind, host in _hosts(settings) if not demo or is_loopback(host))


def senders(settings: Settings, *, demo: bool = False) -> dict[ContactKind, str]:
    """From which address each of those kinds comes: what a phone has to know to let it through."""
    able = set_up(settings, demo=demo)
    return {kind: sender for kind, sender in _senders(settings) if kind in able}


def named_hooks(settings: Settings) -> frozenset[str]:
    """The webhooks that policies may tell, where posts can be signed."""
    told = settings.paging_webhooks
    return frozenset(told.addresses) if told.key else frozenset()


def push_key(settings: Settings, *, demo: bool = False) -> str:
    """What a browser is told who rings it; empty where nothing does."""
    vapid = _vapid(settings)
    return vapid.public if vapid and "push" in set_up(settings, demo=demo) else ""


def notifiers(settings: Settings, clock: Clock, *, demo: bool = False) -> tuple[Notifier, ...]:
    """What sends by each of those kinds."""
    able = set_up(settings, demo=demo)
    outside = (*_webhooks(settings, clock, demo=demo), *_push(settings, clock, demo=demo))
    built = (*_built(settings, clock), *outside)
    made = [one for one in built if one.kind in able]
    return tuple(MarkedNotifier(one) if demo else one for one in made)


def _hosts(settings: Settings) -> Iterator[tuple[ContactKind, str]]:
    """Whom each way that is set up talks to."""
    if server := _mail(settings):
        yield "email", server.host
    if account := _twilio(settings):
        yield from ((kind, _host(account.url)) for kind in TWILIO)
    if settings.paging_webhooks.key:
        yield "webhook", LOOPBACK  # in the demo no other host is reached
    if settings.vapid.private_key:
        yield "push", LOOPBACK
    yield from _apps(settings)


def _apps(settings: Settings) -> Iterator[tuple[ContactKind, str]]:
    if settings.ntfy_url:
        yield "ntfy", _host(settings.ntfy_url)
    if settings.pagerduty.routing_key:
        yield "pagerduty", _host(settings.pagerduty.api_url)
    if settings.pushover.token:
        yield "pushover", _host(settings.pushover.api_url)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _senders(settings: Settings) -> Iterator[tuple[ContactKind, str]]:
    if server := _mail(settings):
        yield "email", server.sender
    if account := _twilio(settings):
        yield "sms", account.sender
        yield "voice", account.sender


def _built(settings: Settings, clock: Clock) -> Iterator[Notifier]:
    if server := _mail(settings):
        yield Email(server, clock)
    if settings.ntfy_url:
        yield Ntfy(NtfyServer(url=settings.ntfy_url, token=settings.ntfy_token))
    if key := settings.pagerduty.routing_key:
        yield PagerDuty(PagerDutyService(key=key, url=settings.pagerduty.api_url))
    if token := settings.pushover.token:
        yield Pushover(PushoverApp(token=token, url=settings.pushover.api_url))
    if account := _twilio(settings):
        yield Sms(account)
        yield Voice(account)


def _webhooks(settings: Settings, clock: Clock, *, demo: bool) -> Iterator[Notifier]:
    told = settings.paging_webhooks
    if told.key is None:
        return
    hosts = _reachable(told.private_hosts, demo=demo)
    terms = WebhookTerms(key=told.key, hosts=hosts, outside=not demo, named=told.addresses)
    yield Webhook(terms, clock)


def _push(settings: Settings, clock: Clock, *, demo: bool) -> Iterator[Notifier]:
    if vapid := _vapid(settings):
        hosts = _reachable(settings.vapid.private_hosts, demo=demo)
        yield WebPush(vapid, Outside(PUSH, hosts, not demo), clock)


def _reachable(hosts: Iterable[str], *, demo: bool) -> frozenset[str]:
    return frozenset(one for one in hosts if not demo or is_loopback(one))


def _vapid(settings: Settings) -> Vapid | None:
    told = settings.vapid
    if told.private_key is None or told.subject is None:
        return None
    return Vapid(key=told.private_key, subject=told.subject)


def _twilio(settings: Settings) -> TwilioAccount | None:
    told = settings.twilio
    if told.account_sid is None or told.auth_token is None or told.sender is None:
        return None
    reached = not is_loopback(_host(settings.address))  # it refuses an address it cannot reach
    return TwilioAccount(
        sid=told.account_sid,
        token=told.auth_token,
        sender=told.sender,
        url=told.api_url,
        reports=f"{settings.address}{REPORTED_AT}" if reached else "",
    )


def _mail(settings: Settings) -> MailServer | None:
    url = settings.smtp_url
    return mail_server(url.get_secret_value()) if url else None
