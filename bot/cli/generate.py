"""Write the generated reference pages and manifests: `python -m bot.cli.generate [--check]`."""

import argparse
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from bot.cli.reference import command_line_page, configuration_page, metrics_page
from commands.discovery import registry
from domain.command import Registry
from domain.reference import commands_page, roles_page
from integrations.chat.discord import manifest as discord
from integrations.chat.slack.manifest import manifest_yaml
from integrations.chat.teams.manifest import TeamsApp, manifest_file

HERE = Path(__file__).parents[2]
PAGES: Mapping[str, Callable[[Registry], str]] = {
    "deploy/discord.json": discord.document,
    "deploy/slack-manifest.yaml": manifest_yaml,
    "deploy/teams/manifest.json": partial(manifest_file, TeamsApp()),
    "docs/reference/cli.md": command_line_page,
    "docs/reference/commands.md": commands_page,
    "docs/reference/configuration.md": configuration_page,
    "docs/reference/metrics.md": metrics_page,
    "docs/reference/roles.md": roles_page,
}


def main(arguments: list[str]) -> int:
    """Exit code: 0 written or equal, 1 when ``--check`` finds a page that differs."""
    parser = argparse.ArgumentParser(prog="python -m bot.cli.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare")
    parser.add_argument("--root", type=Path, default=HERE, help="the repository")
    given = parser.parse_args(arguments)
    pages = {given.root / path: page(registry()) for path, page in PAGES.items()}
    if given.check:
        return check(pages)
    write(pages)
    return 0


def check(pages: Mapping[Path, str]) -> int:
    """Name every page on disk that is not what would be written."""
    stale = [path for path, text in pages.items() if _on_disk(path) != text]
    for path in stale:
        print(f"{path} is out of date: run `python -m bot.cli.generate`", file=sys.stderr)
    return 1 if stale else 0


def write(pages: Mapping[Path, str]) -> None:
    """Write every page, making its directory where there is none."""
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path)


def _on_disk(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
