"""Trying every way to oneself, before it matters."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from domain.account import named
from domain.actor import Role, Scope
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import NotFound
from domain.message import Message, sentence
from domain.reachability import (
    ReachConfirmed,
    ReachTested,
    RingTest,
    ShowConfirmed,
    ShowTests,
    need_pause,
    results_card,
)

NO_WAY = "No verified way of yours is called so: look with /me contact."
NONE_SUCH = "There is no such test of yours: type /me test for a new one."


class Tried(Args):
    """What is to be tried."""

    way: Annotated[
        str | None,
        Field(None, max_length=40, description="One kind of way alone, like push; else all"),
        Arg("word", positional=True),
    ] = None


@command(
    "me test",
    Grant(Role.MEMBER, Scope.PAGE),
    examples=("/me test", "/me test sms"),
    words=Words(roots=("page test me",)),
)
async def test(ctx: Context, args: Tried) -> Reply:
    """Ring every verified way to you now with a test, and see which are let through."""
    unit, person = ctx.unit, ctx.person
    await unit.exclusively(f"contact:{person}")
    need_pause(await unit.reach_tests.last_begun(person), ctx.now)
    verified = [one for one in await unit.roster.methods(person) if one.verified]
    ways = [one for one in verified if args.way in (None, one.id, one.kind)]
    if not ways:
        raise NotFound(NO_WAY, field="way")
    tests = await unit.reach_tests.begin(person, [(one, named(one)) for one in ways])
    for one in tests:
        await unit.jobs.add(RingTest(test=one.id), key=f"test:{one.id}")
    tested = ReachTested(person=person, methods=len(tests))
    await unit.facts.add(f"person:{person}", tested)
    more = sentence("What comes of it follows in your direct room.")
    message = Message(nodes=(*results_card(tests).nodes, *more.nodes))
    return Reply(message=message, data=[one.model_dump(mode="json") for one in tests])


class Heard(Args):
    """The test that was heard."""

    test: Annotated[
        str,
        Field(min_length=1, max_length=40, description="The test, as its button names it"),
        Arg("word", positional=True),
    ]


@command("me got", Grant(Role.MEMBER, Scope.PAGE), examples=("/me got 01hzy3",))
async def got(ctx: Context, args: Heard) -> Reply:
    """Say that a test message has reached you."""
    unit, person = ctx.unit, ctx.person
    found = await unit.reach_tests.get(args.test)
    if found is None or found.user != person:
        raise NotFound(NONE_SUCH)
    if found.confirmed_at is None:
        confirmed = found.model_copy(update={"confirmed_at": ctx.now})
        await unit.reach_tests.save(confirmed)
        fact = ReachConfirmed(person=person, method=found.kind)
        await unit.facts.add(f"person:{person}", fact)
        await unit.jobs.add(ShowConfirmed(test=found.id), key=f"~confirmed:{found.id}")
        show = ShowTests(user=person, round=found.round)
        await unit.jobs.add(show, key=f"~tests:{found.round}")
    return Reply(message=sentence(f"Good: {found.name} reaches you."), data={"test": found.id})
