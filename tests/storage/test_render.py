"""How the next revision is written."""

from pathlib import Path

from sqlalchemy import Column, Table, Text

from storage.migrations import render
from storage.tables import metadata


def test_the_next_revision_holds_what_the_database_lacks(tmp_path: Path) -> None:
    """Numbered, described, and with our column types by name."""
    versions = render.VERSIONS
    before = set(versions.glob("*.py"))
    table = Table("novelties", metadata, Column("id", Text, primary_key=True))
    try:
        written = render.write_revision("a table of novelties", ["novelties"])
        text = written.read_text()
    finally:
        metadata.remove(table)
        for made in set(versions.glob("*.py")) - before:
            made.unlink()
    assert written.name == f"{len(before) + 1:04}_a_table_of_novelties.py"
    assert 'op.create_table("novelties"' in text.replace("'", '"')
    assert f'down_revision = "{len(before):04}"' in text.replace("'", '"')
