"""The app package that an admin uploads to Teams."""

import io
import json
import struct
import zipfile

from commands.discovery import registry
from domain.grammar import Parsed, parse
from integrations.chat.teams.manifest import TeamsApp, manifest, package

APP = TeamsApp(id="5f7d0bd1-6c0d-4a55-9d3c-2a3e0f6b3a11", address="https://tocsin.acme.test:8443")
MOST_COMMANDS, LONGEST_TITLE, LONGEST_DESCRIPTION = 10, 32, 128


def suggested() -> list[dict[str, str]]:
    """Every suggestion of every list."""
    (bot,) = manifest(APP, registry())["bots"]
    lists = [one["commands"] for one in bot["commandLists"]]
    assert all(len(one) <= MOST_COMMANDS for one in lists)
    return [one for commands in lists for one in commands]


def test_names_and_sentences_fit_where_teams_shows_them():
    """Short and full ones have different places."""
    made = manifest(APP, registry())
    assert len(made["name"]["short"]) <= 30
    assert len(made["name"]["full"]) <= 100
    assert len(made["description"]["short"]) <= 80
    assert len(made["description"]["full"]) <= 4000
    assert made["validDomains"] == ["tocsin.acme.test:8443"]
    assert made["id"] == made["bots"][0]["botId"] == APP.id


def test_every_suggestion_is_a_command_that_is_understood_as_it_stands():
    """A person who picks one sends exactly its title."""
    for one in suggested():
        assert len(one["title"]) <= LONGEST_TITLE
        assert 0 < len(one["description"]) <= LONGEST_DESCRIPTION
        assert isinstance(parse(one["title"], registry()), Parsed), one["title"]


def test_no_permission_is_asked_for():
    """What only an admin of the whole tenant could allow is not needed."""
    made = manifest(APP, registry())
    assert "webApplicationInfo" not in made
    assert "authorization" not in made


def test_the_package_holds_the_manifest_and_two_icons_of_the_right_size():
    """Twice the same app is twice the same file."""
    packed = package(APP, registry())
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert json.loads(archive.read("manifest.json")) == manifest(APP, registry())
        assert size(archive.read("color.png")) == (192, 192)
        assert size(archive.read("outline.png")) == (32, 32)
        assert len(archive.namelist()) == 3
    assert package(APP, registry()) == packed


def size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG file."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])
