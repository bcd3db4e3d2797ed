"""Ways to people beside chat, given to a Tocsin under test."""

from dataclasses import replace

from domain.ports import Notifier
from tests.fakes.tocsin import Tocsin


def reach_by(tocsin: Tocsin, notifier: Notifier) -> None:
    """From now on people can also be reached by ``notifier``."""
    worker = tocsin.parts.worker
    known = {**worker.ports.notifiers, notifier.kind: notifier}
    worker.ports = replace(worker.ports, notifiers=known)
    tocsin.settled(notifies=frozenset(known))
