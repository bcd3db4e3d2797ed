"""What Slack would say of a payload: its own types, its SDK's lengths, and what neither checks."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft7Validator
from slack_sdk.models.blocks import Block

SCHEMA = Path(__file__).parents[1] / "payloads" / "slack" / "types.schema.json"
# the only things that may stand in angle brackets, and only we write them
OURS = re.compile(r"<(@[UW][A-Z0-9]+|!date\^\d+\^[^|<>]+\|[^|<>]*|https?://[^|<>\s]+\|[^<>]*)>")


def faults(kind: str, payload: Any) -> list[str]:
    """What Slack's types find wrong: ``kind`` is Blocks, Opened, Home, Choices or AppManifest."""
    return [
        f"{one.instance_path}: {one.message[:200]}" for one in _types(kind).iter_errors(payload)
    ]


def need_typed(blocks: list[dict[str, Any]], most: int = 50) -> None:
    """Raise unless Slack would take these blocks."""
    assert faults("Blocks", blocks) == []
    need_fitting(blocks, most)


def need_fitting(blocks: list[dict[str, Any]], most: int = 50) -> None:
    """Raise where something is too long or too many; quicker than looking at the types too."""
    assert len(blocks) <= most
    for block in blocks:
        parsed = Block.parse(json.loads(json.dumps(block)))
        assert parsed is not None
        parsed.validate_json()
        _need_lengths(block)
    assert sum(len(one) for one in shown(blocks)) <= 13_000
    for one in shown(blocks):
        assert one.strip(), "an empty text is refused"


def need_inert(payload: Any) -> None:
    """Raise where data could have become a mention, a link or a command of Slack's."""
    for one in marked(payload):
        left = OURS.sub("", one)
        assert "<" not in left, left
        assert ">" not in left, left


def marked(value: Any) -> Iterator[str]:
    """Every text of a payload that Slack interprets."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            assert value.get("verbatim") is True
            yield value["text"]
        for inner in value.values():
            yield from marked(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from marked(inner)


def shown(value: Any) -> Iterator[str]:
    """Every text of a payload."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from shown(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from shown(inner)


def _need_lengths(block: dict[str, Any]) -> None:
    for field in block.get("fields", ()):
        assert len(field["text"]) <= 2_000
    for element in block.get("elements", ()):
        assert len(element.get("action_id", "")) <= 255
        for option in element.get("options", ()):
            assert len(option["value"]) <= 150
            assert len(option["text"]["text"]) <= 75
    ids = [one["action_id"] for one in block.get("elements", ()) if "action_id" in one]
    assert len(ids) == len(set(ids))


@cache
def _types(kind: str) -> Draft7Validator:
    definitions = json.loads(SCHEMA.read_text())["definitions"]
    return Draft7Validator({"$ref": f"#/definitions/{kind}", "definitions": definitions})
