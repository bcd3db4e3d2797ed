"""Bundles: pages of one person that go out together, and the lists they stood in."""

import sqlalchemy as sa
from alembic import op

from storage.types import Big, Json, Utc

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "bundles",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("due", Utc(), nullable=False),
        sa.Column("sent_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundles")),
    )
    op.create_index("ix_bundles_user", "bundles", ["user", "sent_at"])
    op.create_table(
        "bundle_rings",
        sa.Column("bundle", sa.Text(), nullable=False),
        sa.Column("k", Big, nullable=False),
        sa.Column("pages", Json, nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("bundle", "k", name=op.f("pk_bundle_rings")),
    )
    for table in ("pages", "rings"):
        op.add_column(table, sa.Column("bundle", sa.Text(), nullable=True))
        op.create_index(op.f(f"ix_{table}_bundle"), table, ["bundle"])
    op.create_index("ix_pages_user_created", "pages", ["user", "created_at"])
