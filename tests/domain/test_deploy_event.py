"""A deployment is what all words about it make together, in whatever order they come."""

from datetime import timedelta
from itertools import permutations

from domain.deploy_event import DeployEvent, Told, folded
from domain.deployment import Deployment
from domain.destination import Destination, destination
from domain.pipeline import Pipeline
from domain.service import Catalogue, Service
from tests.fakes.stores import NOON


def event(status: str, minute: float = 0, **more: object) -> DeployEvent:
    usual = {
        "source": "github", "integration": "github/signed", "key": "acme/trino/7",
        "component": "acme/trino", "version": "v249", "status": status,
        "at": NOON + timedelta(minutes=minute),
    }  # fmt: skip
    return DeployEvent.model_validate(usual | more)


BLANK = Deployment(
    id="DEP-1", number=1, service="trino", environment="prod", version="?", status="queued",
    started_at=NOON, source="github",
)  # fmt: skip
STORY = (
    event("queued", commit="abc"),
    event("in_progress", 1, url="https://l/1"),
    event("success", 4, migration=False),
    event("success", 5, url="https://l/2"),
)


def made(events: tuple[DeployEvent, ...], of: Deployment = BLANK) -> Deployment:
    told = Told(id="DEP-1", integration="github/signed", key="acme/trino/7")
    for one in events:
        told = told.hearing(one)
    return folded(of, told)


def test_every_order_ends_alike_and_repeats_change_nothing() -> None:
    """Newest wins, by the sender's clock; it ended when it first came to its end."""
    expected = made(STORY)
    assert (expected.status, expected.commit, expected.url) == ("success", "abc", "https://l/2")
    assert expected.started_at == NOON
    assert expected.finished_at == NOON + timedelta(minutes=4)
    assert expected.migration is False
    for order in permutations(STORY):
        assert made((*order, *order)) == expected


def test_at_the_same_instant_the_further_word_counts() -> None:
    """Senders date by the second."""
    for order in permutations((event("in_progress"), event("success"))):
        assert made(order).status == "success"


def test_one_yes_about_a_database_is_enough() -> None:
    """Whoever says no later has not undone it."""
    told = (event("queued", migration=True), event("success", 1, migration=False))
    assert made(told).migration is True
    assert made((event("success"),)).migration is None


def test_what_was_rolled_back_stays_so() -> None:
    """A late word of success does not bring it back."""
    gone = BLANK.model_copy(update={"status": "rolled_back"})
    assert made(STORY, gone).status == "rolled_back"


def at(told: DeployEvent, *services: Service) -> Destination | None:
    return destination(told, Catalogue(services))


def service(name: str, *pipelines: Pipeline) -> Service:
    return Service(id=name, pipelines=pipelines)


def test_where_a_deployment_belongs() -> None:
    """A name of ours, then what is declared, then a name alike, then the sender's own."""
    told = event("success", environment="production")
    declared = Pipeline(source="github", name="Acme/Trino", environments={"production": "live"})
    assert at(told, service("trino")) == ("trino", "prod")
    assert at(told, service("query", declared), service("trino")) == ("query", "live")
    assert at(told) == ("acme/trino", "prod")
    named = event("success", service="kafka")
    assert at(named, service("trino"), service("kafka")) == ("kafka", "prod")
    elsewhere = event("success", environment="canary")
    assert at(elsewhere, service("query", declared)) == ("acme/trino", "canary")


def test_one_repository_of_many_services() -> None:
    """Environments that are listed part them; so does a service that the sender names."""
    ways = [
        Pipeline(source="github", name="acme/trino", environments={one: "prod"})
        for one in ("prod-a", "prod-b")
    ]
    both = service("a", ways[0]), service("b", ways[1])
    assert at(event("success", environment="prod-b"), *both) == ("b", "prod")
    plain = Pipeline(source="github", name="acme/trino", environment="eu")
    both = service("a", plain), service("b", plain)
    assert at(event("success", service="b"), *both) == ("b", "eu")


def test_a_run_or_release_counts_where_it_is_declared() -> None:
    """Most runs are no deployments."""
    run = event("success", kind="run", workflow="deploy.yml")
    way = Pipeline(source="github", name="acme/trino", workflow="deploy.yml", environment="eu")
    assert at(run, service("trino")) is None
    assert at(run, service("trino", way)) == ("trino", "eu")
    assert at(event("success"), service("query", way)) == ("acme/trino", "prod")
    release = event("success", kind="release")
    assert at(release, service("trino", way)) is None
    released = way.model_copy(update={"workflow": "", "releases": True})
    assert at(release, service("trino", released)) == ("trino", "eu")
