"""``/me/contact.vcf``: the addresses pages come from, as a contact to save on a telephone."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from domain.actor import Role
from domain.vcard import vcard
from web.gate import caller_of
from web.pages.parts import DashboardParts
from web.problem import Problem
from web.reading import need_role

PATH = "/me/contact.vcf"
NOTHING = "Nothing sends pages from an address of its own here: there is nothing to save."


@dataclass(frozen=True)
class ContactCard:
    """The download, for whoever is signed in."""

    parts: DashboardParts

    async def show(self, request: Request) -> Response:
        """The vCard. Raises `Problem` where there is no address."""
        need_role(caller_of(request).actor, Role.MEMBER)
        async with self.parts.read() as unit:
            known = unit.scope.installation
        if not known.senders:
            raise Problem(404, NOTHING)
        named = {"Content-Disposition": 'attachment; filename="tocsin.vcf"'}
        return Response(
            vcard(known.senders, known.public_url), media_type="text/vcard", headers=named
        )
