"""Ways to people: contact methods beside chat."""

import sqlalchemy as sa
from alembic import op

from storage.types import Big, Utc

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "contact_methods",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("position", Big, nullable=False),
        sa.Column("verified_at", Utc(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_methods")),
        sa.UniqueConstraint(
            "user", "kind", "address", name=op.f("uq_contact_methods_user_kind_address")
        ),
    )
