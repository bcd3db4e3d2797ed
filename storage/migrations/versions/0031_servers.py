"""Servers that steps of runbooks run on."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "servers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("managed_by", sa.Text(), nullable=True),
        sa.Column("doc", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_servers")),
    )
