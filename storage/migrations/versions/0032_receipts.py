"""What providers gave for a ring or a test, and what they told of it afterwards."""

import sqlalchemy as sa
from alembic import op

from storage.types import Utc

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    for column in (
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("told", sa.Text(), nullable=True),
        sa.Column("told_at", Utc, nullable=True),
    ):
        op.add_column("rings", column)
    op.add_column("contact_tests", sa.Column("receipt", sa.Text(), nullable=True))
    for table in ("rings", "contact_tests"):
        op.create_index(op.f(f"ix_{table}_receipt"), table, ["receipt"])
