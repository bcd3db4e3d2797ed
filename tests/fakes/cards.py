"""What is an Adaptive Card: the elements that Tocsin draws, and the format's own library."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jsonschema_rs import Draft202012Validator

from tests.fakes.peers import node, package

# The library counts folded buttons too; Teams only those that are not behind ⋯.
TOO_MANY_ACTIONS = 9
NO_ELEMENTS = ("mention", "Data.Query")
PROGRAM = """
const {AdaptiveCard, SerializationContext} = require(process.argv[1]);
require("readline").createInterface({input: process.stdin}).on("line", (line) => {
  const card = new AdaptiveCard(), context = new SerializationContext();
  card.parse(JSON.parse(line), context);
  const parsed = [...Array(context.eventCount).keys()].map((n) => context.getEventAt(n));
  const events = [...parsed, ...card.validateProperties().validationEvents];
  console.log(JSON.stringify(events.map(({event, message}) => [event, message])));
});
"""


def _object(kind: str, needed: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """A closed object of that type: what the format does not know, it may not hold."""
    return {
        "type": "object",
        "properties": {"type": {"const": kind}, **properties},
        "required": ["type", *needed],
        "additionalProperties": False,
    }


def _one_of(*kinds: str) -> dict[str, Any]:
    """A part of one of these types; what it holds is looked at by itself."""
    return {"type": "object", "required": ["type"], "properties": {"type": {"enum": list(kinds)}}}


def _words(*known: str) -> dict[str, Any]:
    return {"enum": list(known)}


def _list(of: dict[str, Any], fewest: int = 1) -> dict[str, Any]:
    return {"type": "array", "items": of, "minItems": fewest}


STRING, FLAG = {"type": "string"}, {"type": "boolean"}
FILLED = {"type": "string", "minLength": 1}
ADDRESS = {"type": "string", "pattern": "^https?://[^/]"}
LOOK = {
    "weight": _words("Default", "Lighter", "Bolder"),
    "size": _words("Default", "Small", "Medium", "Large", "ExtraLarge"),
    "color": _words("Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"),
    "fontType": _words("Default", "Monospace"),
    "isSubtle": FLAG,
}
INPUT = {"id": FILLED, "label": FILLED, "isRequired": FLAG, "errorMessage": FILLED}
BUTTON = {
    "title": FILLED,
    "style": _words("default", "positive", "destructive"),
    "mode": _words("primary", "secondary"),
}
ELEMENTS = (
    "ActionSet", "ColumnSet", "Container", "Image", "Input.ChoiceSet", "Input.Number", "Input.Text",
    "Input.Toggle", "RichTextBlock", "Table", "TextBlock",
)  # fmt: skip
DEFINITIONS = {
    "TextBlock": _object("TextBlock", ("text",), text=FILLED, wrap=FLAG, separator=FLAG, **LOOK),
    "TextRun": _object(
        "TextRun", ("text",), text=STRING, selectAction=_one_of("Action.OpenUrl"), **LOOK
    ),
    "RichTextBlock": _object(
        "RichTextBlock", ("inlines",), inlines=_list(_one_of("TextRun")), separator=FLAG
    ),
    "Image": _object(
        "Image", ("url", "altText"), url=ADDRESS, altText=STRING, size=_words("Large"),
        separator=FLAG,
    ),
    "Container": _object(
        "Container", ("items",), items=_list(_one_of(*ELEMENTS)), bleed=FLAG, separator=FLAG,
        style=_words("default", "emphasis", "good", "attention", "warning", "accent"),
    ),
    "TableCell": _object("TableCell", ("items",), items=_list(_one_of(*ELEMENTS))),
    "TableRow": _object("TableRow", (), cells=_list(_one_of("TableCell"), 0)),
    "Column": _object(
        "Column", ("items",), items=_list(_one_of(*ELEMENTS)), width={"type": "integer"}
    ),
    "ColumnSet": _object(
        "ColumnSet", ("columns",), columns=_list(_one_of("Column")), separator=FLAG,
        spacing=_words("Small"),
    ),
    "Table": _object(
        "Table", (), separator=FLAG,
        rows=_list(_one_of("TableRow"), 0), columns=_list({"type": "object"}),
    ),
    "ActionSet": _object(
        "ActionSet", ("actions",), separator=FLAG,
        actions=_list(_one_of("Action.Execute", "Action.ShowCard")),
    ),
    "Action.OpenUrl": _object("Action.OpenUrl", ("url",), url=ADDRESS),
    "Action.Execute": _object(
        "Action.Execute", ("title", "verb", "data"), verb=FILLED, data={"type": "object"},
        associatedInputs=_words("auto", "none"), **BUTTON,
    ),
    "Action.ShowCard": _object(
        "Action.ShowCard", ("title", "card"), card=_one_of("AdaptiveCard"), **BUTTON
    ),
    "Input.Text": _object(
        "Input.Text", ("id", "label"), value=STRING, placeholder=STRING, isMultiline=FLAG,
        separator=FLAG, **INPUT,
    ),
    "Input.Number": _object(
        "Input.Number", ("id", "label"), value={"type": "number"}, placeholder=STRING,
        separator=FLAG, **INPUT,
    ),
    "Input.Toggle": _object(
        "Input.Toggle", ("id", "title"), title=FILLED, value=STRING, valueOn=STRING,
        valueOff=STRING, separator=FLAG, **INPUT,
    ),
    "Input.ChoiceSet": _object(
        "Input.ChoiceSet", ("id", "label", "choices"), value=STRING, separator=FLAG,
        choices=_list({"type": "object", "required": ["title", "value"]}),
        style=_words("compact", "expanded", "filtered"),
        **{"choices.data": {"type": "object"}}, **INPUT,
    ),
    "AdaptiveCard": _object(
        "AdaptiveCard", ("body",), body=_list(_one_of(*ELEMENTS), 0), version={"const": "1.5"},
        actions=_list(_one_of("Action.Execute")), msteams={"type": "object"},
        **{"$schema": STRING},
    ),
}  # fmt: skip
SCHEMAS = {kind: Draft202012Validator(schema) for kind, schema in DEFINITIONS.items()}


def complaints(card: dict[str, Any]) -> list[str]:
    """What the schema says against any part of a card."""
    return [
        f"{part['type']} {error.instance_path}: {error.message[:200]}"
        for part in parts(card)
        if part["type"] not in NO_ELEMENTS
        for error in SCHEMAS[part["type"]].iter_errors(part)
    ]


@dataclass
class CardLibrary:
    """The library that draws cards in Teams, asked what is wrong with one."""

    program: "subprocess.Popen[str]"

    def complaints(self, card: dict[str, Any]) -> list[str]:
        """What it says against a card."""
        assert self.program.stdin
        assert self.program.stdout
        self.program.stdin.write(json.dumps(card) + "\n")
        self.program.stdin.flush()
        told = json.loads(self.program.stdout.readline())
        return [message for event, message in told if event != TOO_MANY_ACTIONS]


@contextmanager
def card_library() -> Iterator[CardLibrary]:
    """One Node process with the library. Raises `PeerMissing`."""
    argv = [node(), "-e", PROGRAM, str(package("adaptivecards") / "dist" / "adaptivecards.js")]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        yield CardLibrary(program)
        program.communicate()


def parts(card: Any) -> Iterator[dict[str, Any]]:
    """Every element, run, action and input of a card, however deep."""
    if isinstance(card, list):
        for one in card:
            yield from parts(one)
    elif isinstance(card, dict):
        if "type" in card:
            yield card
        for one in card.values():
            yield from parts(one)
