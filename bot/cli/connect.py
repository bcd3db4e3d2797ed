"""`tocsin connect`: let a chat in, step by step, by questions or by flags."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.output import command_line
from bot.cli.settled import quiet, settled
from bot.configuration import Settings
from bot.connecting.terminal import Terminal, secret_in

app = command_line("Connect Slack, Discord or Teams.")

FileOf = typer.Option(help="file that holds it, instead of typing it")
Room = Annotated[str, typer.Option("--hello", help="channel in which to say hello")]


@app.command()
def slack(
    single: Annotated[
        bool | None,
        typer.Option(
            "--single/--usual",
            help="register only /tocsin, as beside another incident tool; or /incident, /inc,"
            " /page and /oncall too",
        ),
    ] = None,
    bot_token_file: Annotated[Path | None, FileOf] = None,
    app_token_file: Annotated[Path | None, FileOf] = None,
    hello: Room = "",
    dossier: Annotated[
        bool, typer.Option("--dossier", help="print a page for whoever approves apps, and stop")
    ] = False,
) -> None:
    """Make the Slack app from a manifest, keep its tokens in .env, and see that it works."""
    settings = _settings()
    if dossier:
        from bot.connecting.dossier import dossier as page

        typer.echo(page(settings))
        return
    from bot.connecting.slack import Wishes, connect

    wishes = Wishes(
        single=single,
        bot_token=secret_in(bot_token_file),
        app_token=secret_in(app_token_file),
        hello=hello,
    )
    connect(settings, wishes, Terminal())


@app.command()
def teams(
    app_id: Annotated[str, typer.Option(help="Microsoft App ID of the bot")] = "",
    tenant_id: Annotated[str, typer.Option(help="App Tenant ID of the bot")] = "",
    password_file: Annotated[Path | None, FileOf] = None,
) -> None:
    """Make the Teams app's package, keep its password in .env, and see that it works."""
    from bot.connecting.teams import Wishes, connect

    password = secret_in(password_file)
    wishes = Wishes(app_id=app_id, tenant_id=tenant_id, password=password)
    connect(_settings(), wishes, Terminal())


@app.command()
def discord(
    bot_token_file: Annotated[Path | None, FileOf] = None,
    guild: Annotated[str, typer.Option(help="id of the server, where the bot is in several")] = "",
    responders: Annotated[str, typer.Option(help="the server's role that are responders")] = "",
    hello: Room = "",
) -> None:
    """Take the bot's token, keep it in .env, print its invitation, and see that it works."""
    from bot.connecting.discord import Wishes, connect

    token = secret_in(bot_token_file)
    wishes = Wishes(token=token, guild=guild, responders=responders, hello=hello)
    connect(_settings(), wishes, Terminal())


def _settings() -> Settings:
    settings = settled().settings
    quiet(settings)
    return settings
