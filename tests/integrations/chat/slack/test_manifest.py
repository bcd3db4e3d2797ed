"""The manifest: what it registers in each variant, and that it asks for no more than it says."""

import re

import pytest
import yaml

from commands.discovery import registry
from integrations.chat.slack.manifest import TAKEN, Variant, manifest, manifest_yaml
from integrations.chat.slack.scopes import OPTIONAL, REQUIRED, SCOPES
from tests.fakes.slack_types import faults

HOME = "https://tocsin.example.com"
LONGEST = {"name": 24, "callback_id": 255, "description": 150}
MINIMUM = {
    "commands",
    "chat:write",
    "im:write",
    "im:history",
    "users:read",
    "users:read.email",
    "app_mentions:read",
}


def commands(variant: Variant) -> list[str]:
    """The slash commands that a variant registers."""
    made = manifest(registry(), variant)
    return [one["command"] for one in made["features"]["slash_commands"]]


def test_the_full_variant_has_every_root_but_those_that_slack_keeps():
    """And the short names of roots."""
    found = commands(Variant())
    wanted = {f"/{noun}" for noun in registry().nouns if noun not in TAKEN}
    assert wanted <= set(found)
    assert {"/tocsin", "/inc", "/pm"} <= set(found)
    assert "/help" not in found


@pytest.mark.parametrize(
    ("variant", "found"),
    [
        (Variant(roots="single"), ["/tocsin"]),
        (Variant(roots="usual"), ["/tocsin", "/incident", "/inc", "/page", "/oncall"]),
        (Variant(roots="single", prefix="acme-"), ["/acme-tocsin"]),
    ],
)
def test_beside_another_tool_fewer_are_registered(variant, found):
    """A name that two apps use goes to the one installed last."""
    assert commands(variant) == found


def test_with_a_prefix_no_root_is_taken():
    """Slack's own commands have none."""
    assert "/acme-help" in commands(Variant(prefix="acme-"))


def test_a_root_that_slack_would_cut_is_refused():
    """Slack allows 32 characters."""
    with pytest.raises(ValueError, match="longer than 32"):
        manifest(registry(), Variant(prefix="the-platform-engineering-team-"))


def test_socket_mode_needs_no_address():
    """Nothing of a workspace can reach in."""
    assert "https://" not in manifest_yaml(registry())
    assert manifest(registry(), Variant())["settings"]["socket_mode_enabled"]


def test_over_http_everything_comes_to_one_address():
    """Commands, events, buttons, forms and choices."""
    made = manifest(registry(), Variant(address=HOME))
    urls = re.findall(r"https://\S+?(?=')", str(made))
    assert set(urls) == {f"{HOME}/slack/events"}
    assert len(urls) == len(commands(Variant())) + 3
    assert not made["settings"]["socket_mode_enabled"]


def test_what_is_asked_for_is_the_least_that_pages():
    """Everything else is optional, and each says what it is for."""
    assert set(REQUIRED) == MINIMUM
    assert not set(REQUIRED) & set(OPTIONAL)
    assert all(len(one.reason) > 15 for one in SCOPES)
    scopes = manifest(registry(), Variant())["oauth_config"]["scopes"]
    assert scopes == {"bot": list(REQUIRED), "bot_optional": list(OPTIONAL)}


def test_nothing_is_longer_than_slack_takes():
    """Slack refuses the whole manifest for one word too many."""
    made = manifest(registry(), Variant())
    for one in made["features"]["shortcuts"]:
        assert all(len(one[key]) <= longest for key, longest in LONGEST.items())
    for one in made["features"]["slash_commands"]:
        assert len(one["description"]) <= 120
        assert len(one["usage_hint"]) <= 150
    assert len(made["features"]["slash_commands"]) <= 50


@pytest.mark.parametrize("address", [None, HOME])
@pytest.mark.parametrize("roots", ["full", "usual", "single"])
def test_slacks_own_types_fit(roots, address):
    """Scopes, events and everything else by the names that Slack has for them."""
    made = manifest(registry(), Variant(roots=roots, address=address))
    assert faults("AppManifest", made) == []


def test_the_file_is_yaml_and_the_full_variant():
    """What an admin pastes into Slack."""
    assert yaml.safe_load(manifest_yaml(registry())) == manifest(registry(), Variant())
