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
