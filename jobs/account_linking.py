"""An account that was linked is told so in its own chat, where its owner sees it."""

import contextlib

from domain.account import Account
from domain.account_linking import TellLinked
from domain.base import Frozen
from domain.errors import Permanent
from domain.message import Message, code, sentence
from jobs.registry import Effect, Ports
from storage.unit import Unit


class LinkNotice(Frozen):
    """What is sent to whom."""

    user: str
    platform: str
    message: Message
    key: str


async def load(unit: Unit, job: TellLinked) -> LinkNotice | None:
    """The sentence; None where the link was cut meanwhile or the chat is not connected."""
    known = job.model_dump(include={"platform", "workspace"}) | {"id": job.account, "name": ""}
    account = Account.model_validate(known)
    link = await unit.links.of_account(account)
    if link is None or link.user != job.user or job.platform not in unit.installation.platforms:
        return None
    person = await unit.people.need(job.user)
    text = f"This account acts as {person.name} from now on. If that is wrong, type "
    told = sentence(text, code(f"/me unlink {job.platform}"))
    return LinkNotice(user=job.user, platform=job.platform, message=told, key=f"linked:{job.told}")


async def tell(ports: Ports, loaded: LinkNotice) -> None:
    """To the account's direct room; whoever has closed it goes without."""
    chat = ports.chat(loaded.platform)
    with contextlib.suppress(Permanent):
        place = await chat.direct(loaded.user)
        await chat.post(place, loaded.message, loaded.key, again=ports.again)


TELL = Effect(TellLinked, load, tell)
