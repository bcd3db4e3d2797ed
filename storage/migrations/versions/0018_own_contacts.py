"""Own contacts: codes that verify them, tests that ring them, and when somebody wants quiet."""

import sqlalchemy as sa
from alembic import op

from storage.types import Big, Json, Utc

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "contact_codes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("tries", Big, nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("used_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_codes")),
    )
    op.create_index(op.f("ix_contact_codes_user"), "contact_codes", ["user"])
    op.create_index(op.f("ix_contact_codes_expires_at"), "contact_codes", ["expires_at"])
    op.create_table(
        "contact_tests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("round", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("ref", Json, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("confirmed_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_tests")),
    )
    op.create_index(op.f("ix_contact_tests_round"), "contact_tests", ["round"])
    op.create_index(op.f("ix_contact_tests_user"), "contact_tests", ["user"])
    op.add_column("users", sa.Column("awake_until", Utc(), nullable=True))
    op.add_column("users", sa.Column("quiet", sa.Text(), nullable=True))
    dm_only: sa.Column[bool] = sa.Column(
        "dm_only", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("pages", dm_only)
