"""``/link``: one's accounts on chat platforms, and where a code from one of them is typed."""

from datetime import datetime

from domain.account import CALLED
from domain.base import Frozen
from domain.buttons import button_id
from domain.message import Input
from storage.views import accounts
from storage.views.accounts import AccountView
from web.pages.models import Action
from web.pages.offers import Face
from web.pages.visit import Visit

PATH = "/link"
CARD = "/me/contact.vcf"
TITLE = "Your accounts"
UNDER = "now"

HOW = {"code": "by a code", "email": "by its e-mail address", "admin": "by an admin"}


class Linked(Frozen):
    """An account of the reader's."""

    chat: str
    account: str
    workspace: str
    how: str
    since: datetime
    actions: tuple[Action, ...]


class LinkPage(Frozen):
    """``claim`` asks for a code; none where nobody is signed in as a person. ``card`` is where the
    senders' addresses can be saved, empty where there are none."""

    linked: tuple[Linked, ...]
    claim: tuple[Action, ...]
    card: str = ""


async def page(visit: Visit) -> LinkPage:
    """The reader's accounts, the first linked first."""
    if visit.viewer is None:
        return LinkPage(linked=(), claim=())
    found = await accounts.of(visit.scope, visit.viewer)
    code = Input(name="code", label="Code", required=True, hint="Eight letters and digits")
    claim = Action(button=button_id("me link", ""), inputs=(code,), **CLAIM.model_dump())
    return LinkPage(
        linked=tuple(_linked(visit, one) for one in found),
        claim=(claim,),
        card=CARD if visit.scope.installation.senders else "",
    )


def _linked(visit: Visit, one: AccountView) -> Linked:
    return Linked(
        chat=CALLED[one.platform],
        account=one.account,
        workspace=one.workspace,
        how=HOW[one.linked_by],
        since=one.created_at,
        actions=visit.offers().press("me unlink", one.platform, UNLINK),
    )


CLAIM = Face(label="Go on", style="primary")
UNLINK = Face(label="Unlink", confirm="Commands from it, and pages to it, end at once.")
