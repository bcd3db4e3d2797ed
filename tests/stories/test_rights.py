"""Role × command: whoever may not, is refused by the one gate, and nothing changes (rule 1)."""

from sqlalchemy import func, select

from domain.actor import Actor, Binding, Role, Scope
from domain.authorize import authorize_somewhere
from domain.call import Call, Origin, Reply
from domain.command import Command
from domain.grammar import Parsed, parse
from domain.spellings import Defaults
from storage.tables import metadata
from storage.tables.ledger import audit
from tests.fakes.conditions import STOREFRONT, TRINO
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

GUESTS_MAY = {"help show"}
MEMBERS_MAY = GUESTS_MAY | {
    "incident declare", "incident note", "incident list", "incident show", "incident timeline",
    "incident suspects",
    "incident catchup", "incident say", "oncall who", "page send", "postmortem show",
    "postmortem export", "help tour", "me link", "me show", "me timezone", "me unlink",
    "me contact", "me contact-add", "me contact-remove", "me contact-verify", "me test", "me got",
    "me awake", "me quiet",
}  # fmt: skip


async def staff(tocsin: Tocsin) -> dict[str, Actor]:
    """One person of each role, an account linked to nobody, and a bot with every role."""
    hired = {role.value: await tocsin.hire(f"the-{role.value}", role) for role in Role}
    hired["outsider"] = await tocsin.hire("nobody")
    hired["stranger"] = Actor(user=None, name="stranger")
    hired["bot"] = hired["commander"].model_copy(update={"bot": True})
    return hired


async def rehearse(tocsin: Tocsin, actor: Actor, command: Command) -> Reply:
    """The command's first example about INC-13, carried out and rolled back."""
    parsed = parse(command.examples[0], tocsin.parts.registry, Defaults(incident="INC-13"))
    assert isinstance(parsed, Parsed), command.examples[0]
    about = {"incident": "INC-13"} if "incident" in command.args.model_fields else {}
    origin = Origin(surface="api")
    args = parsed.args | about
    call = Call(command=command.name, args=args, actor=actor, origin=origin, dry_run=True)
    return await tocsin.parts.dispatch(call)


async def counted(tocsin: Tocsin) -> dict[str, int]:
    """How many rows every table has."""
    async with tocsin.looking() as unit:
        run = unit.scope.connection.execute
        return {
            table.name: (await run(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.sorted_tables
        }


async def test_every_command_is_allowed_or_refused_as_the_table_says(tocsin: Tocsin):
    """Each role tries each command; a refusal is a sentence and one row of the audit trail."""
    await tocsin.fire(TRINO)
    people = await staff(tocsin)
    before, refusals = await counted(tocsin), 0
    for role, actor in people.items():
        for command in tocsin.parts.registry.commands.values():
            reply = await rehearse(tocsin, actor, command)
            may = authorize_somewhere(actor, command).allowed
            assert (reply.refused != "not_allowed") == may, f"{role}: /{command.name}"
            refusals += not may
    after = await counted(tocsin)
    told = await refused(tocsin)
    assert refusals == sum(count for kind, count in told.items() if kind == "not_allowed")
    assert after == before | {"audit": before["audit"] + sum(told.values())}


async def refused(tocsin: Tocsin) -> dict[str, int]:
    """How many refusals the audit trail holds, by kind."""
    async with tocsin.looking() as unit:
        query = select(audit.c.outcome, func.count()).group_by(audit.c.outcome)
        rows = await unit.scope.connection.execute(query.where(audit.c.outcome != "done"))
        return {kind: int(count) for kind, count in rows.all()}


async def test_the_table_is_that_of_the_rules(tocsin: Tocsin):
    """What day one allows, by name: guests, members; responders but for a commander's words."""
    commands = tocsin.parts.registry.commands
    allowed = {
        role: {one.name for one in commands.values() if authorize_somewhere(actor, one).allowed}
        for role, actor in (await staff(tocsin)).items()
    }
    assert allowed["outsider"] == allowed["stranger"] == allowed["bot"] == GUESTS_MAY
    assert allowed["member"] == MEMBERS_MAY
    assert MEMBERS_MAY < allowed["viewer"] == allowed["admin"] - _of_admins(commands)
    assert allowed["viewer"] < allowed["responder"] < allowed["commander"]
    beyond = {"incident merge", "incident cancel", "incident reopen", "incident redact"}
    assert beyond <= allowed["commander"] - allowed["responder"]
    assert {"incident ack", "incident resolve", "page ack"} <= allowed["responder"]


def _of_admins(commands: dict[str, Command]) -> set[str]:
    return {one.name for one in commands.values() if one.role is Role.ADMIN or one.admins}


async def test_a_role_of_one_team_counts_for_that_team_only(tocsin: Tocsin):
    """Web's responder acks web's incident and is refused the data platform's, as a viewer."""
    await tocsin.hire("wendy", team="web")
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.people.bind(Binding(subject="wendy", role=Role.RESPONDER, team="web"))
    await tocsin.fire(TRINO)
    await tocsin.fire(STOREFRONT)
    theirs = await tocsin.say("wendy", "/incident ack INC-13", room="incidents")
    assert theirs.refused == "not_allowed"
    assert "needs the role responder of data-platform" in theirs.text
    assert (await tocsin.say("wendy", "/incident ack INC-14")).refused == ""
    assert (await tocsin.incident("INC-13")).status == "triggered"
    assert (await tocsin.incident("INC-14")).status == "acknowledged"


async def test_a_token_may_less_than_its_person(tocsin: Tocsin):
    """A reading token of a commander writes nothing (rule 13)."""
    await tocsin.fire(TRINO)
    commander = await tocsin.actor("alice")
    reading = commander.model_copy(update={"scopes": frozenset({Scope.READ})})
    commands = tocsin.parts.registry.commands
    assert (await rehearse(tocsin, reading, commands["incident show"])).refused == ""
    reply = await rehearse(tocsin, reading, commands["incident ack"])
    assert reply.refused == "not_allowed"
    paging = commander.model_copy(update={"scopes": frozenset({Scope.PAGE})})
    assert (await rehearse(tocsin, paging, commands["incident ack"])).refused == ""
    assert (await rehearse(tocsin, paging, commands["incident note"])).refused == "not_allowed"


async def test_whoever_is_deactivated_may_nothing(tocsin: Tocsin):
    """No actor is made of them any more."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        bob = await unit.people.need("bob")
        await unit.people.save(bob.model_copy(update={"active": False}))
    async with tocsin.looking() as unit:
        assert await unit.people.actor("bob") is None
