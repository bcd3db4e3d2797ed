"""Who may do what: rule 1's ranks, teams, and the scopes of tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actor import ALL_SCOPES, Actor, Binding, Role, Scope
from domain.authorize import authorize, authorize_somewhere, roles_of, suffices
from domain.command import Grant
from tests.fakes.sample_commands import SAMPLE, Target, made

MERGE = SAMPLE.commands["incident merge"]
HELP = SAMPLE.commands["help show"]


def actor(*roles: Role, team: str | None = None, scopes=ALL_SCOPES, bot: bool = False) -> Actor:
    """A person with these roles."""
    bindings = tuple(Binding(subject="ann", role=role, team=team) for role in roles)
    return Actor(user="ann", name="Ann", bindings=bindings, scopes=scopes, bot=bot)


def needing(role: Role, scope: Scope = Scope.WRITE):
    """A command for ``role`` and up."""
    return made("incident merge", Target, Grant(role, scope))


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.OUTSIDER, {Role.OUTSIDER}),
        (Role.MEMBER, {Role.OUTSIDER, Role.MEMBER}),
        (Role.VIEWER, {Role.OUTSIDER, Role.MEMBER, Role.VIEWER}),
        (Role.RESPONDER, {Role.OUTSIDER, Role.MEMBER, Role.VIEWER, Role.RESPONDER}),
        (Role.COMMANDER, set(Role) - {Role.ADMIN}),
        (Role.ADMIN, {Role.OUTSIDER, Role.MEMBER, Role.VIEWER, Role.ADMIN}),
    ],
)
def test_role_by_role(role, may):
    """Rights grow to commander; admin has a viewer's and its own."""
    assert may == {
        needed for needed in Role if authorize(actor(role), needing(needed), None).allowed
    }


def test_commander_and_admin_may_everything():
    """Two roles of one person add up, as alice's in the demo."""
    alice = actor(Role.COMMANDER, Role.ADMIN)
    assert all(authorize(alice, command, None).allowed for command in SAMPLE.commands.values())


@pytest.mark.parametrize("command", SAMPLE.commands.values(), ids=lambda one: one.name)
@pytest.mark.parametrize("who", [actor(), actor(Role.OUTSIDER), actor(*Role, bot=True)])
def test_outsiders_and_bots_have_only_help(command, who):
    """A guest, a stranger and any bot get /help and one sentence, whatever a bot is bound to."""
    decision = authorize(who, command, None)
    assert decision.allowed == (command is HELP)
    assert decision.allowed or "Ask an admin" in decision.reason


def test_role_of_a_team_counts_there():
    """A team's commander merges that team's incidents."""
    assert authorize(actor(Role.COMMANDER, team="web"), MERGE, "web").allowed


@pytest.mark.parametrize("team", [None, "data"])
@pytest.mark.parametrize("role", [Role.RESPONDER, Role.COMMANDER, Role.ADMIN])
def test_role_of_a_team_makes_a_viewer_elsewhere(role, team):
    """For another team, and where no team is concerned, its holder sees and no more."""
    assert roles_of(actor(role, team="web"), team) == {Role.VIEWER}


def test_role_of_a_team_opens_the_door():
    """Whoever may do it for one team is asked which team it is about."""
    assert authorize_somewhere(actor(Role.COMMANDER, team="web"), MERGE).allowed
    assert "needs the role commander." in authorize_somewhere(actor(Role.MEMBER), MERGE).reason


def test_low_role_of_a_team_stays_low_elsewhere():
    """A guest of one team is no viewer of another."""
    assert roles_of(actor(Role.OUTSIDER, team="web"), "data") == {Role.OUTSIDER}


def test_role_everywhere_counts_for_every_team():
    """A binding without a team needs no team."""
    assert authorize(actor(Role.COMMANDER), MERGE, "web").allowed


@pytest.mark.parametrize(
    ("who", "command", "team", "reason"),
    [
        (
            actor(Role.RESPONDER),
            MERGE,
            "web",
            "/incident merge needs the role commander of web."
            " Ask a commander of web to do it, or an admin of Tocsin to make you one.",
        ),
        (
            actor(Role.MEMBER),
            MERGE,
            None,
            "/incident merge needs the role commander."
            " Ask a commander to do it, or an admin of Tocsin to make you one.",
        ),
        (
            actor(Role.COMMANDER),
            SAMPLE.commands["admin token"],
            None,
            "/admin token is for admins. Ask an admin of Tocsin.",
        ),
        (
            actor(),
            MERGE,
            None,
            "You are a guest here: I only answer /help. Ask an admin of Tocsin to add you.",
        ),
        (
            actor(Role.COMMANDER, scopes=frozenset({Scope.READ})),
            MERGE,
            None,
            "This token may not use /incident merge: it lacks the scope write."
            " Ask the token's owner or an admin of Tocsin for one with write.",
        ),
    ],
)
def test_refusal_names_whom_to_ask(who, command, team, reason):
    """Every refusal is one sentence or two that lead further."""
    assert authorize(who, command, team).reason == reason


def test_permission_names_its_role():
    """Why something was allowed can be read as well."""
    ann = actor(Role.RESPONDER, Role.COMMANDER)
    assert authorize(ann, MERGE, None).reason == "commander may use /incident merge"


@pytest.mark.parametrize("held", list(Scope))
@pytest.mark.parametrize("needed", list(Scope))
def test_scope_by_scope(held, needed):
    """A token does what its scopes say; writing covers paging, and nothing covers approving."""
    who = actor(Role.COMMANDER, scopes=frozenset({held}))
    covered = held is needed or (held, needed) == (Scope.WRITE, Scope.PAGE)
    assert authorize(who, needing(Role.MEMBER, needed), None).allowed == covered


ROLES = st.sampled_from(list(Role))
TEAMS = st.sampled_from([None, "web", "data"])
ACTORS = st.builds(
    Actor,
    user=st.just("ann"),
    name=st.just("Ann"),
    bindings=st.lists(st.builds(Binding, subject=st.just("ann"), role=ROLES, team=TEAMS)).map(
        tuple
    ),
    scopes=st.frozensets(st.sampled_from(list(Scope))),
    bot=st.booleans(),
)
COMMANDS = st.sampled_from(list(SAMPLE.commands.values()))


@given(ACTORS, COMMANDS, TEAMS, ROLES, TEAMS)
def test_another_binding_never_takes_a_right_away(who, command, team, role, where):
    """Rights only add up."""
    more = (*who.bindings, Binding(subject="ann", role=role, team=where))
    richer = who.model_copy(update={"bindings": more})
    before, after = authorize(who, command, team), authorize(richer, command, team)
    assert after.allowed or not before.allowed


@given(ACTORS, COMMANDS, TEAMS)
def test_allowed_only_with_a_role_that_suffices_and_a_scope(who, command, team):
    """No way around the gate: a role that suffices there, and the token's scope."""
    decision = authorize(who, command, team)
    role = any(suffices(one, command.role) for one in roles_of(who, team))
    scope = command.scope in who.scopes or (
        command.scope is Scope.PAGE and Scope.WRITE in who.scopes
    )
    assert decision.allowed == (role and scope)
    assert decision.reason
