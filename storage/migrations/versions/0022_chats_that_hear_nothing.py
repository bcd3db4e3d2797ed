"""Chats: when somebody was heard there last, and for how long one asks to be left alone."""

import sqlalchemy as sa
from alembic import op

from storage.types import Utc

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    deaf: sa.Column[bool] = sa.Column(
        "deaf", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("chat_states", deaf)
    for name in ("heard_at", "busy_since", "busy_until"):
        op.add_column("chat_states", sa.Column(name, Utc(), nullable=True))
