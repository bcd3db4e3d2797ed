"""The catalogue finds a service by any of its names."""

from domain.service import Catalogue, Service

TRINO = Service(id="trino", name="Trino", aliases=("presto", "query-engine"))


def test_a_service_is_found_by_id_name_and_alias_in_any_case():
    """People and senders spell differently."""
    catalogue = Catalogue([TRINO, Service(id="kafka")])
    assert {catalogue.named(name) for name in ("TRINO", "trino", "Presto", "query-engine")} == {
        TRINO
    }


def test_an_unknown_name_is_nobody():
    """Nothing is guessed."""
    assert Catalogue([TRINO]).named("trinoo") is None
    assert Catalogue([TRINO]).named("") is None


def test_an_id_wins_over_anothers_alias():
    """An alias never takes a service's own name away."""
    catalogue = Catalogue([Service(id="presto"), TRINO])
    found = catalogue.named("presto")
    assert found is not None
    assert found.id == "presto"


def test_what_a_service_stands_on_is_told_nearest_first():
    """Through several hands, each once; a circle ends."""
    catalogue = Catalogue(
        [
            Service(id="superset", depends_on=("trino", "postgresql")),
            Service(id="trino", depends_on=("nessie", "gone")),
            Service(id="nessie", depends_on=("postgresql",)),
            Service(id="postgresql", depends_on=("superset",)),
        ]
    )
    assert catalogue.beneath("superset") == ("trino", "postgresql", "nessie", "gone")
    assert catalogue.beneath("unknown") == ()
    assert catalogue.beneath(None) == ()
