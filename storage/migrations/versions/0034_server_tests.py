"""What came of the last test of each server."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.create_table(
        "server_tests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("doc", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_tests")),
    )
