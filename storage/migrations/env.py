"""What Alembic runs: migrations on the connection that it was handed, in its transaction."""

from typing import Any

from alembic import context

from storage.migrations.render import render_type
from storage.tables import metadata

wanted: set[str] | None = context.config.attributes.get("tables")


def included(_item: Any, name: str | None, kind: str, *_rest: Any) -> bool:
    """Whether autogenerate looks at it: some revisions are written for some tables only."""
    return wanted is None or kind != "table" or name in wanted


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=included,
    render_item=render_type,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
