"""Deployments: what runs where, and since when."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from domain.actor import Role, Scope
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.message import Message, Table, sentence
from storage.views.catalog import DeploymentFilter, deployments
from storage.views.listing import Cut

SHOWN = 20


class Which(Args):
    """Of which service, and where."""

    service: Annotated[
        str,
        Field(max_length=100, description="Of all when left out"),
        Arg("service", positional=True),
    ] = ""
    environment: Annotated[str, Field(max_length=50, description="prod"), Arg("word", ("env",))] = (
        ""
    )


@command(
    "deploy list",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/deploy list", "/deploy list trino env:prod"),
    words=Words(synonyms=("ls",)),
)
async def listed(ctx: Context, args: Which) -> Reply:
    """List what was deployed, newest first."""
    wanted = DeploymentFilter(service=args.service or None, environment=args.environment or None)
    found = await deployments(ctx.unit.scope, wanted, Cut(limit=SHOWN))
    if not found.items:
        return Reply(message=sentence("Nothing that fits was deployed."), data=[])
    rows = tuple(
        (one.id, one.service, one.environment, one.version, one.status.replace("_", " "))
        for one in found.items
    )
    table = Table(head=("id", "service", "environment", "version", "status"), rows=rows)
    data = [one.model_dump(mode="json") for one in found.items]
    return Reply(message=Message(nodes=(table,)), data=data)
