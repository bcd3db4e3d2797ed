"""The postmortem as a Markdown file, in the browser and for programs."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from domain.actor import Actor, Role
from domain.postmortem_file import file_name
from storage.views import postmortems
from web.gate import caller_of
from web.reading import Read, need_role

PATH = "/incidents/{incident}/postmortem.md"
MARKDOWN = "text/markdown; charset=utf-8"


@dataclass(frozen=True)
class PostmortemFile:
    """The download, for whoever may read the incident."""

    read: Read

    async def show(self, request: Request) -> Response:
        """The file beside the page."""
        actor = caller_of(request).actor
        need_role(actor, Role.MEMBER)
        return await self.of(actor, request.path_params["incident"])

    async def of(self, actor: Actor, incident: str) -> Response:
        """The file. Raises `NotFound`."""
        async with self.read() as unit:
            written = await postmortems.shown(unit.scope, actor.user, incident)
        named = {"Content-Disposition": f'attachment; filename="{file_name(written.incident)}"'}
        return Response(postmortems.file_of(written), media_type=MARKDOWN, headers=named)
