"""Deployments: what runs where, since when, what was told of it, and what lies in between."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from domain.actor import Role, Scope
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.deployment_card import between, comparison, deployment_card, difference_card
from domain.message import Message, Table, sentence
from domain.pipeline import PROD
from domain.service import Catalogue
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


class One(Args):
    """Which deployment."""

    deployment: Annotated[
        str,
        Field(min_length=1, max_length=30, description="DEP-14"),
        Arg("word", positional=True),
    ]


class Between(Args):
    """Two versions of a service; the one that runs and the one before when left out."""

    service: Annotated[
        str,
        Field(min_length=1, max_length=100, description="Which service"),
        Arg("service", positional=True),
    ]
    older: Annotated[
        str, Field(max_length=100, description="v247"), Arg("word", ("from",), positional=True)
    ] = ""
    newer: Annotated[
        str, Field(max_length=100, description="v248"), Arg("word", ("to",), positional=True)
    ] = ""
    environment: Annotated[str, Field(max_length=50, description="prod"), Arg("word", ("env",))] = (
        PROD
    )


@command("deploy show", Grant(Role.VIEWER, Scope.READ), examples=("/deploy show DEP-14",))
async def show(ctx: Context, args: One) -> Reply:
    """Show one deployment, and each word its pipeline told of it."""
    found = await ctx.unit.catalog.deployments.need(args.deployment.upper())
    told = await ctx.unit.told_deployments.get(found.id)
    message = deployment_card(found, told.events if told else ())
    return Reply(message=message, data=found.model_dump(mode="json"))


@command(
    "deploy diff",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/deploy diff trino", "/deploy diff trino v246 v248 env:prod"),
)
async def diff(ctx: Context, args: Between) -> Reply:
    """List what was deployed between two versions, and where their commits are compared."""
    service = Catalogue(await ctx.unit.catalog.services.where()).named(args.service)
    there = await ctx.unit.catalog.deployments.there(args.environment)
    name = service.id if service else args.service
    found = between([one for one in there if one.service == name], args.older, args.newer)
    told = await ctx.unit.told_deployments.get(found.newer.id)
    compare = comparison(found, told.events[-1].component if told else "")
    data = [one.model_dump(mode="json") for one in found.passed]
    return Reply(message=difference_card(found, compare), data=data)
