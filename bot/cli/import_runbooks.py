"""`tocsin import runbooks`: a folder of Markdown or a page of the web, as checklists."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.output import FAILED, dry_run, fail, print_json, show, wants_json
from bot.cli.settled import on_database, settled, writing
from bot.runbook_files import HEAD, NAMED
from bot.wiring import Core
from domain.base import Frozen
from domain.checklist import ImportedPage, NotAdopted, adopted, differs
from domain.errors import Permanent
from domain.runbook import Runbook
from domain.runbook_jobs import RunbookImported
from storage.unit import Unit

MOST_BYTES = 1_048_576


class Taken(Frozen):
    """What becomes of a page; ``reason`` says why it is refused."""

    source: str
    action: str
    runbook: str = ""
    title: str = ""
    steps: int = 0
    reason: str = ""


def runbooks(
    source: Annotated[str, typer.Argument(metavar="DIR|URL", help="a folder, or an address")],
    plan: Annotated[bool, typer.Option("--plan", help="only show what it would be")] = False,
    service: Annotated[str | None, typer.Option(help="whose runbooks they are")] = None,
) -> None:
    """Runbooks from a folder of Markdown or a page of the web: checklists for people."""
    pages = list(_pages(source))
    only_shown = plan or dry_run()

    async def work(core: Core) -> list[Taken]:
        if only_shown:
            async with core.store.read() as unit:
                return await _taken(unit, pages, service, keep=False)
        async with writing(core) as unit:
            return await _taken(unit, pages, service, keep=True)

    _print(on_database(work), "Planned" if only_shown else "Done")


def _pages(source: str) -> Iterator[ImportedPage | Taken]:
    """Each page, or why it is none."""
    if source.startswith(("https://", "http://")):
        yield _fetched(source)
        return
    folder = Path(source)
    if not folder.is_dir():
        fail(f"{source} is no folder, and no address", FAILED)
    paths = sorted(folder.rglob("*.md"))
    if not paths:
        fail(f"There is no page (*.md) in {source}", FAILED)
    for path in paths:
        yield _read(path, path.relative_to(folder).as_posix(), folder.resolve().name)


def _fetched(url: str) -> ImportedPage | Taken:
    from integrations.runbooks.fetch import FetchedPages

    hosts = settled().settings.runbooks.hosts
    try:
        page = asyncio.run(FetchedPages(hosts).page(url))
    except Permanent as refusal:
        return Taken(source=url, action="refused", reason=str(refusal))
    return page.model_copy(update={"url": url})


def _read(path: Path, name: str, folder: str) -> ImportedPage | Taken:
    from integrations.runbooks.pages import page_of

    source = f"{folder}/{name}"
    try:
        if path.stat().st_size > MOST_BYTES:
            return Taken(source=source, action="refused", reason="it is larger than 1 MiB")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return Taken(source=source, action="refused", reason=f"it cannot be read: {error}")
    head = HEAD.match(text)
    if head and NAMED.search(head[1]):
        reason = "it has steps of its own: tocsin apply takes it"
        return Taken(source=source, action="refused", reason=reason)
    return page_of(source, name, text)


async def _taken(
    unit: Unit, pages: list[ImportedPage | Taken], service: str | None, *, keep: bool
) -> list[Taken]:
    if service is not None:
        await unit.catalog.services.need(service)
    present: dict[str, tuple[Runbook, str | None]] = await unit.catalog.runbooks.present()
    told: list[Taken] = []
    for page in pages:
        if isinstance(page, Taken):
            told.append(page)
            continue
        try:
            made = adopted(page, present, unit.now, service)
        except NotAdopted as refusal:
            told.append(Taken(source=page.url, action="refused", reason=str(refusal)))
            continue
        told.append(_told(page, made, present))
        if keep and told[-1].action != "keep":
            await _kept(unit, page, made)
        present[made.id] = (made, None)
    return told


def _told(
    page: ImportedPage, made: Runbook, present: dict[str, tuple[Runbook, str | None]]
) -> Taken:
    action = "change" if made.id in present else "create"
    return Taken(
        source=page.url,
        action=action if differs(made, present) else "keep",
        runbook=made.id,
        title=made.title,
        steps=len(made.steps),
    )


async def _kept(unit: Unit, page: ImportedPage, made: Runbook) -> None:
    await unit.catalog.runbooks.put(made)
    fact = RunbookImported(runbook=made.id, source=page.url, sha256=page.sha256)
    await unit.facts.add(f"runbook:{made.id}", fact)


def _print(told: list[Taken], verb: str) -> None:
    """What becomes of each page, then the refused ones with the reason."""
    refused = [one for one in told if one.action == "refused"]
    if wants_json():
        print_json({"pages": [one.model_dump() for one in told], "dry_run": verb == "Planned"})
    else:
        names = {"action", "runbook", "title", "steps"}
        show([one.model_dump(include=names) for one in told if one not in refused])
        for one in refused:
            typer.echo(f"✘ {one.source}: {one.reason}", err=True)
        counts = ", ".join(
            f"{sum(one.action == name for one in told)} {said}"
            for name, said in (("create", "new"), ("change", "changed"), ("keep", "kept"))
        )
        typer.echo(f"{verb}: {counts}, {len(refused)} refused.")
    if refused and len(refused) == len(told):
        raise typer.Exit(FAILED)
