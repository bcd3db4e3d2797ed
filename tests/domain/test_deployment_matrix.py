"""What runs where, from the newest deployments of every status."""

from domain.deployment_matrix import Cell, matrix
from tests.domain.test_rollback import deployed


def test_a_cell_is_what_runs_and_what_came_after() -> None:
    """A failure or something under way stands beside what runs; what was rolled back does too."""
    ran, failed = deployed(1, "v1"), deployed(2, "v2", "failure")
    kafka = deployed(3, "v9", "queued", "kafka").model_copy(update={"environment": "dev"})
    found = matrix([failed, ran, kafka])
    assert found.environments == ("dev", "prod")
    assert found.rows == (
        ("kafka", (Cell(later=kafka), Cell())),
        ("trino", (Cell(), Cell(current=ran, later=failed))),
    )
    assert matrix([ran]).rows == (("trino", (Cell(current=ran),)),)
    assert matrix([]).rows == ()
