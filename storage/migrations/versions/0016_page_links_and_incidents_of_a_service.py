"""Codes in page links prove themselves and are kept no more; incidents are found by service."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.drop_table("ack_codes")
    op.create_index("ix_incidents_service", "incidents", ["service", "status"])
