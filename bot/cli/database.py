"""`tocsin db`: the shape of the database."""

from sqlalchemy.exc import SQLAlchemyError

from bot.cli.output import FAILED, UNAVAILABLE, command_line, dry_run, fail, tell
from bot.cli.settled import first_line, quiet, settled
from bot.configuration import Settings
from bot.starting import NotStarted
from bot.starting import migrate as migrate_now
from storage import migrations
from storage.migrations import Status

app = command_line("The shape of the database.")


@app.command()
def migrate() -> None:
    """Bring the database to this version's shape: the release step."""
    settings = settled().settings
    quiet(settings)
    before = _looked(settings)
    if not dry_run():
        try:
            migrate_now(settings)
        except NotStarted as error:
            fail(str(error), error.code)
    done = {"applied": before.pending, "head": before.head}
    applied = ", ".join(before.pending) or "nothing: the database was up to date"
    tell(done, f"Applied {applied}.")


@app.command()
def status() -> None:
    """Where the database stands; exit code 1 where it does not fit this version."""
    settings = settled().settings
    quiet(settings)
    found = _looked(settings)
    told = {"current": found.current, "head": found.head, "pending": found.pending}
    tell(told, _sentence(found))
    if not found.fits:
        fail("", FAILED)


def _looked(settings: Settings) -> Status:
    try:
        return migrations.status(settings.database)
    except SQLAlchemyError as error:
        fail(f"The database does not answer: {first_line(error)}", UNAVAILABLE)


def _sentence(found: Status) -> str:
    if found.pending:
        pending = ", ".join(found.pending)
        return f"At {found.current or 'nothing'}; to come: {pending}. Run tocsin db migrate"
    newer = ", made by a later version" if found.newer else ""
    return f"At {found.current}{newer}."
