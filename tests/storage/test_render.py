"""How the next revision is written."""

from pathlib import Path

from sqlalchemy import Column, Table

from storage.migrations.render import VERSIONS, write_revision
from storage.tables import metadata
from storage.types import Big


def test_the_next_revision_holds_what_the_database_lacks(tmp_path: Path) -> None:
    """Numbered, described, and with our column types by name."""
    count = len(list(VERSIONS.glob("[0-9]*.py")))
    table = Table("novelties", metadata, Column("id", Big, primary_key=True))
    try:
        written = write_revision("a table of novelties", ["novelties"], tmp_path)
    finally:
        metadata.remove(table)
    text = written.read_text().replace("'", '"')
    assert written == tmp_path / f"{count + 1:04}_a_table_of_novelties.py"
    assert 'op.create_table("novelties"' in text
    assert 'sa.Column("id", Big, ' in text
    assert f'down_revision = "{count:04}"' in text
