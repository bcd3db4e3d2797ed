"""Runbooks over HTTP: taking one over, and running one; each is the command of its name."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from domain.base import Frozen
from domain.call import Call
from domain.ports import Dispatch
from domain.runbook import NAME
from domain.runbook_values import written_values
from web.commands import HERE, Answer, Arguments, DryRun, Key, accepted, answer_of
from web.gate import Acting

PATH = "/automation/runbooks"


class WantedPage(Frozen):
    """A page that becomes a checklist for people, and whose it is."""

    url: str = Field(min_length=1, max_length=2000)
    service: str | None = Field(default=None, max_length=100)


class WantedRun(Frozen):
    """What the run is told, and the incident that it is for."""

    values: dict[Annotated[str, Field(pattern=NAME)], str] = Field(default={}, max_length=50)
    incident: str | None = Field(default=None, max_length=20)


@dataclass(frozen=True)
class Automation:
    """What can be done with runbooks; what is guarded waits for an approval here too."""

    dispatch: Dispatch

    async def take(self, actor: Acting, wanted: WantedPage, idempotency: Key = None) -> Answer:
        """Take over a page as a checklist: it is read soon, and what came of it is told."""
        told: Arguments = {"url": wanted.url, "service": wanted.service}
        call = Call(
            command="runbook import", args=_given(told), actor=actor, origin=HERE, key=idempotency
        )
        return answer_of(accepted(await self.dispatch(call)))

    async def run(
        self, actor: Acting, key: str, wanted: WantedRun, *, dry_run: DryRun = False,
        idempotency: Key = None,
    ) -> Answer:  # fmt: skip
        """Run it with these values, or with ``dry_run`` answer the exact plan of that."""
        told: Arguments = {
            "runbook": key,
            "given": written_values(wanted.values),
            "incident": wanted.incident,
        }
        call = Call(
            command="runbook run",
            args=_given(told),
            actor=actor,
            origin=HERE,
            key=idempotency,
            dry_run=dry_run,
        )
        return answer_of(accepted(await self.dispatch(call)))

    def add_routes(self, router: APIRouter) -> None:
        """Add the routes."""
        tagged: dict[str, Any] = {"methods": ["POST"], "status_code": 202, "tags": [PATH[1:]]}
        router.add_api_route(PATH, self.take, summary="Take over a runbook", **tagged)
        router.add_api_route(f"{PATH}/{{key}}/run", self.run, summary="Run a runbook", **tagged)


def _given(told: Arguments) -> Arguments:
    return {name: value for name, value in told.items() if value}
