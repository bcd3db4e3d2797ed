"""Groups of people who hold roles together."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "user_groups",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("managed_by", sa.Text(), nullable=True),
        sa.Column("doc", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_groups")),
    )
