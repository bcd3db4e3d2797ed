"""The ways to people beside chat: which of them are set up."""

from bot.configuration import Settings, is_loopback
from bot.demo.marked import MarkedNotifier
from domain.contact import ContactKind
from domain.ports import Clock, Notifier
from integrations.notify.email import Email, MailServer, mail_server


def set_up(settings: Settings, *, demo: bool = False) -> frozenset[ContactKind]:
    """The kinds by which people can be reached. The demo writes to nobody outside (rules.md 10)."""
    server = _mail(settings)
    if server is None or (demo and not is_loopback(server.host)):
        return frozenset()
    return frozenset({"email"})


def senders(settings: Settings, *, demo: bool = False) -> dict[ContactKind, str]:
    """From which address each of those kinds comes: what a phone has to know to let it through."""
    server = _mail(settings)
    if server is None or "email" not in set_up(settings, demo=demo):
        return {}
    return {"email": server.sender}


def notifiers(settings: Settings, clock: Clock, *, demo: bool = False) -> tuple[Notifier, ...]:
    """What sends by each of those kinds."""
    server = _mail(settings)
    if server is None or "email" not in set_up(settings, demo=demo):
        return ()
    email = Email(server, clock)
    return (MarkedNotifier(email) if demo else email,)


def _mail(settings: Settings) -> MailServer | None:
    url = settings.smtp_url
    return mail_server(url.get_secret_value()) if url else None
