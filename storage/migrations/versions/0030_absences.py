"""When people are away."""

import sqlalchemy as sa
from alembic import op

from storage.types import Utc

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("starts", Utc, nullable=False),
        sa.Column("ends", Utc, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_user"), "absences", ["user"])
