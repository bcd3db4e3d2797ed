"""Keys by which servers are reached, encrypted."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.create_table(
        "ssh_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("doc", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ssh_keys")),
    )
