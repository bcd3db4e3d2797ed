"""Model calls: where the text went, and how much of it."""

import sqlalchemy as sa
from alembic import op

from storage.types import Big

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    nowhere: sa.Column[str] = sa.Column("address", sa.Text(), server_default="", nullable=False)
    unknown: sa.Column[int] = sa.Column("sent_bytes", Big, server_default="0", nullable=False)
    op.add_column("model_calls", nowhere)
    op.add_column("model_calls", unknown)
