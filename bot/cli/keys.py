"""`tocsin keys`: which secret keys sealed what, and a new one."""

from contextlib import nullcontext
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key

from bot.cli import ssh_keys
from bot.cli.output import FAILED, NOT_FOUND, command_line, dry_run, fail, show, tell
from bot.cli.settled import on_database, settled, writing
from bot.keys import Key, rotate
from bot.starting import NotStarted, only_server
from bot.wiring import Core
from integrations.notify.sealed import CURVE, KEY_BYTES, packed
from integrations.notify.webhook import WebhookTerms

UNKNOWN = "not known here"
LOST = "Some rows cannot be verified: name their key in TOCSIN_SECRET_KEY_PREVIOUS."
GIVEN = "The key comes from TOCSIN_SECRET_KEY: set both there and start Tocsin again."
UNTIL_NOW = "the key until now, then what stands there already"

app = command_line("The secret keys.")


@app.callback()
def keys() -> None:
    """The secret keys, by names that say nothing about them."""


@app.command()
def status() -> None:
    """The key that seals and makes the links in pages, those before it, and how much each has
    sealed; exit code 1 where a key is missing."""
    rows = on_database(_rows)
    show(rows)
    if any(row["state"] == UNKNOWN for row in rows):
        fail(LOST, FAILED)


@app.command("rotate")
def rotate_key() -> None:
    """Begin with a new key, kept in the data directory; what the old one made stays valid.

    Where the key comes from the environment, say what to set there.
    """
    settings = settled().settings
    if settings.secret_key is not None:
        on_database(_tell_what_to_set)
        return
    try:
        with only_server(settings.data_dir) if settings.sqlite else nullcontext():
            on_database(_rotate)
    except NotStarted as error:
        fail(str(error), error.code)


@app.command("webhook")
def webhook_secret(
    name: Annotated[str, typer.Argument(help="its name in paging_webhooks.named")],
) -> None:
    """The secret by which whoever receives a named webhook checks its signature."""
    told = settled().settings.paging_webhooks
    address = told.addresses.get(name)
    if told.key is None or address is None:
        fail(f"There is no webhook {name}: name it in TOCSIN_PAGING_WEBHOOKS__NAMED.", NOT_FOUND)
    secret = WebhookTerms(key=told.key).told(address.get_secret_value())
    tell({"webhook": name, "secret": secret}, secret)


@app.command("push")
def push_key() -> None:
    """Make a key for web push and say what to set; nothing is kept here. Another key later means
    that every browser has to ask again."""
    made = packed(generate_private_key(CURVE).private_numbers().private_value.to_bytes(KEY_BYTES))
    told = {"VAPID_PRIVATE_KEY": made, "VAPID_SUBJECT": "mailto:you@example.com"}
    tell(told, "\n".join(f"{name}={value}" for name, value in told.items()))


app.command()(ssh_keys.keep)
app.command()(ssh_keys.kept)
app.command()(ssh_keys.drop)


async def _tell_what_to_set(core: Core) -> None:
    fresh = core.store.ids.secret()
    told = {"TOCSIN_SECRET_KEY": fresh, "TOCSIN_SECRET_KEY_PREVIOUS": UNTIL_NOW}
    lines = (f"{name}={value}" for name, value in told.items())
    tell(told, "\n".join((GIVEN, *lines)))


async def _rotate(core: Core) -> None:
    fresh = core.store.ids.secret()
    new, old = Key.derived(fresh).id, core.keys.current.id
    async with writing(core) as unit:
        await unit.audit.add("key_rotated", f"key:{new}", "done", {})
    if not dry_run():
        rotate(core.settings, fresh)
    tell({"key": new, "before": old}, f"{new} seals from now on; {old} still verifies.")


async def _rows(core: Core) -> list[dict[str, Any]]:
    """One row for each key; keys are told by the audit rows that they sealed."""
    async with core.store.read() as unit:
        found = {one.key: one for one in await unit.audit.sealed()}
    seals, before = core.keys.current.id, [key.id for key in core.keys.before]
    states = {seals: "seals", None: "sealed before keys had names"}
    states |= dict.fromkeys(before, "verifies")
    links: dict[str | None, str] = dict.fromkeys(before, "accepts")
    links[seals] = "makes"
    return [
        {
            "key": name,
            "state": states.get(name, UNKNOWN),
            "rows": found[name].rows if name in found else 0,
            "first": found[name].since if name in found else None,
            "last": found[name].until if name in found else None,
            "page links": links.get(name, ""),
        }
        for name in dict.fromkeys([seals, *before, *found])
    ]
