"""Console rooms and messages."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Utc

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "console_messages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("edited_at", Utc(), nullable=True),
        sa.Column("body", Json, nullable=False),
        sa.Column("private_to", sa.Text(), nullable=True),
        sa.Column("change", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_console_messages_key")),
    )
    op.create_index(
        "ix_console_messages_room_change", "console_messages", ["room", "change"], unique=False
    )
    op.create_index("ix_console_messages_room_id", "console_messages", ["room", "id"], unique=False)
    op.create_table(
        "console_rooms",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("room_kind", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("members", Json, nullable=False),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_rooms")),
    )
