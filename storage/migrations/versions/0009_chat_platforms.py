"""Chat platforms: how accounts were linked, where an incident's home is, replayed requests."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Utc

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    linked_by = sa.Column("linked_by", sa.Text(), server_default="admin", nullable=False)
    op.add_column("identities", linked_by)
    op.create_index(op.f("ix_identities_user"), "identities", ["user"], unique=False)
    op.add_column("incidents", sa.Column("home_platform", sa.Text(), nullable=True))
    op.add_column("incidents", sa.Column("home_name", sa.Text(), nullable=True))
    op.execute("UPDATE incidents SET home_platform = 'console' WHERE home_room IS NOT NULL")
    asked = sa.Column("asked", sa.Text(), server_default="", nullable=False)
    op.add_column("cards", asked)
    op.execute("UPDATE cards SET asked = room")
    op.create_table(
        "heard",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_heard")),
    )
    op.create_index(op.f("ix_heard_at"), "heard", ["at"], unique=False)
    op.create_table(
        "conversations",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reference", Json, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "key", name=op.f("pk_conversations")),
    )
