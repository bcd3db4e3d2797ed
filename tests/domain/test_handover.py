"""Whose an incident may be instead, when somebody says that it is not theirs."""

from domain.escalation import EscalationPolicy, Step, Target
from domain.handover import FAR, Matter, Move, Organisation, candidates, offered
from domain.service import Catalogue, Service
from domain.team import Team

STEPS = (Step(targets=(Target(kind="user", id="bob"),)),)


def service(name: str, team: str, *below: str) -> Service:
    """One that stands on ``below``."""
    return Service(id=name, team=team, depends_on=below)


# storefront → trino → metastore → disk; mail and the desk stand apart; nobody pages for garden
WITHIN = Organisation(
    catalogue=Catalogue(
        [
            service("trino", "data", "metastore"),
            service("metastore", "catalog", "disk"),
            service("disk", "storage"),
            service("storefront", "web", "trino"),
            service("mail", "office"),
            service("loader", "data", "trino"),
        ]
    ),
    teams=tuple(
        Team(id=one, name=one.title())
        for one in ("web", "data", "office", "desk", "catalog", "storage", "garden")
    ),
    policies=tuple(
        EscalationPolicy(id=f"{one}-policy", name=one, team=one, steps=STEPS)
        for one in ("data", "catalog", "storage", "web", "office", "desk")
    ),
)
DATAS = Matter(service="trino", alerts=frozenset({"QueryFailures"}), team="data")


def ranked(matter: Matter, *past: Move) -> list[str]:
    """Their ids, the likeliest first."""
    return [one.id for one in candidates(matter, WITHIN, past)]


def test_neighbours_come_before_what_they_stand_on_and_that_before_all_others() -> None:
    """Up and down the graph; within a distance by name, and nobody who cannot be paged."""
    assert ranked(DATAS) == [
        "catalog", "metastore", "storefront", "web", "disk", "storage", "desk", "mail", "office",
    ]  # fmt: skip


def test_the_owner_of_the_service_is_first_where_others_were_paged() -> None:
    """A route sent it astray."""
    astray = Matter(service="trino", team="web")
    assert ranked(astray)[:2] == ["data", "catalog"]
    assert "web" not in ranked(astray)


def test_who_took_the_like_before_comes_before_strangers_only() -> None:
    """The same service or an alert of the same name; other moves say nothing."""
    same = Move(team="office", service="trino")
    named = Move(team="desk", alerts=frozenset({"QueryFailures", "x"}))
    other = Move(team="storage", service="mail", alerts=frozenset({"x"}))
    assert ranked(DATAS, same, named, same, other)[4:] == [
        "disk", "storage", "mail", "office", "desk",
    ]  # fmt: skip


def test_without_a_service_past_moves_and_names_are_what_there_is() -> None:
    """A service that nobody knows is none."""
    for service in (None, "unheard-of"):
        unknown = Matter(service=service, alerts=frozenset({"x"}))
        found = ranked(unknown, Move(team="web", alerts=frozenset({"x"})), Move(team="desk"))
        assert found[:3] == ["storefront", "web", "catalog"]


def test_a_neighbour_of_no_team_hides_nobody_behind_it() -> None:
    """Nor does one that is not in the catalogue: what lies beneath is still found."""
    services = [
        service("trino", "data", "bucket", "gone"),
        Service(id="bucket", depends_on=("disk",)),
        service("disk", "storage"),
    ]
    within = WITHIN._replace(catalogue=Catalogue(services))
    found = {one.id: one.distance for one in candidates(DATAS, within, ())}
    assert (found["disk"], found["storage"], found["web"]) == (2, 2, FAR)
    assert "bucket" not in found


def test_each_says_why_it_stands_there() -> None:
    """In the few words that a list has room for."""
    past = [Move(team="office", service="trino")] * 2
    told = [one.label for one in offered(candidates(DATAS, WITHIN, past), "trino")]
    assert told[:2] == ["Catalog (team) · next to trino", "metastore (service) · next to trino"]
    assert "disk (service) · beneath trino" in told
    assert "Office (team) · taken 2 times before" in told
    assert told[-1] == "Desk (team)"
    long = Organisation(Catalogue([]), (Team(id="web", name="w" * 200),), WITHIN.policies)
    (one,) = offered(candidates(Matter(), long, ()), None)
    assert (one.value, len(one.label)) == ("web", 75)
