"""What the demo says in a real chat says that it is a demo (rules.md 10)."""

from dataclasses import dataclass

from domain.contact import ContactKind
from domain.lasting import Alarm
from domain.message import Context, Header, Message, spans
from domain.ports import Lasting, Notifier, Receipted
from domain.receipt import Emergency, Receipt

DEMO = Context(spans=spans("DEMO: nothing of this is real."))


@dataclass(frozen=True)
class MarkedNotifier:
    """Another notifier, each of whose messages begins with DEMO, also on a lock screen."""

    notifier: Notifier

    @property
    def kind(self) -> ContactKind:
        """The other's kind."""
        return self.notifier.kind

    async def send(self, address: str, message: Message, key: str) -> Receipt:
        """Send it marked."""
        first, *others = message.nodes
        if isinstance(first, Header):
            first = first.model_copy(update={"text": f"DEMO: {first.text}"})
        titled = message.model_copy(update={"nodes": (first, DEMO, *others)})
        return await self.notifier.send(address, titled, key)

    async def state_of(self, receipt: str) -> Emergency:
        """As the other's, where it can be asked."""
        if isinstance(self.notifier, Receipted):
            return await self.notifier.state_of(receipt)
        return "expired"

    async def settle(self, alarm: Alarm) -> None:
        """As the other's, where it rings on by itself."""
        if isinstance(self.notifier, Lasting):
            await self.notifier.settle(alarm)

    async def probe(self) -> None:
        """As the other's."""
        await self.notifier.probe()


def marked(message: Message) -> Message:
    """The message with its mark before everything else."""
    return message.model_copy(update={"nodes": (DEMO, *message.nodes)})
