"""Messages as lines of a terminal: buttons numbered, forms asked field by field."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bot.cli.chat_wire import Json, Trouble
from domain.plain import one_line, visible


@dataclass(frozen=True)
class Offer:
    """What a number on the screen presses."""

    message: str
    button: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class Paper:
    """What has been printed: so that nothing is printed twice, and numbers can be pressed."""

    show: Callable[[str], None]
    offers: list[Offer] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    form: tuple[str, Json] | None = None

    def tell(self, messages: list[Json], room: str) -> None:
        """Print each message that reads otherwise than when it was last printed."""
        for message in messages:
            before = self.texts.get(message["id"])
            if before != message["text"]:
                self.texts[message["id"]] = message["text"]
                head = _head(message, room, edited=before is not None)
                lines = self._body(message).splitlines()
                self.show("\n".join([head, *(f"  {line}" for line in lines)]))

    def turn(self) -> None:
        """Begin a fresh page for another reader; numbers already printed stay as they are."""
        self.texts.clear()
        self.form = None

    def offered(self, number: str) -> Offer:
        """What stands behind a number. Raises `Trouble` where nothing does."""
        at = int(number) if number.isdecimal() else 0
        if 1 <= at <= len(self.offers):
            return self.offers[at - 1]
        raise Trouble("Type /press and the number before a button, like /press 1.")

    def _body(self, message: Json) -> str:
        text = visible(message["text"])
        if self.form and self.form[0] == message["id"]:
            self.form = None
        for node in message["nodes"]:
            if node["kind"] == "actions":
                text = self._buttons(text, node["buttons"] + node["more"], message["id"])
            elif node["kind"] == "select":
                text += f"\n{self._choices(node, message['id'])}"
            elif node["kind"] == "form":
                self.form = (message["id"], node)
                text += "\n(/fill to fill it in)"
        return text

    def _buttons(self, text: str, buttons: list[Json], message: str) -> str:
        """``text`` with the line ``[Ack] [Not ours…]`` as ``[1] Ack  [2] Not ours…``."""
        labels = [one_line(one["label"]) for one in buttons]
        plain = " ".join(f"[{label}]" for label in labels)
        offers = (Offer(message, one["id"]) for one in buttons)
        shown = self._numbered(zip(offers, labels, strict=True))
        return text.replace(plain, shown, 1) if plain in text else f"{text}\n{shown}"

    def _choices(self, node: Json, message: str) -> str:
        return self._numbered(
            (Offer(message, node["id"], {node["name"]: one["value"]}), one_line(one["label"]))
            for one in node["options"]
        )

    def _numbered(self, offers: Iterable[tuple[Offer, str]]) -> str:
        shown = []
        for offer, label in offers:
            self.offers.append(offer)
            shown.append(f"[{len(self.offers)}] {label}")
        return "  ".join(shown)


@dataclass
class Filling:
    """A form on its way: asked field by field."""

    message: str
    form: Json
    values: dict[str, str] = field(default_factory=dict)

    @property
    def next(self) -> Json | None:
        """The first field without a value."""
        missing = (one for one in self.form["inputs"] if one["name"] not in self.values)
        return next(missing, None)

    def question(self, asked: Json) -> str:
        """What to ask for a field."""
        hint = " | ".join(one_line(one["label"]) for one in asked["options"])
        told = hint or one_line(asked["hint"])
        value = f" [{one_line(asked['value'])}]" if asked["value"] else ""
        return f"{one_line(asked['label'])}{f' ({told})' if told else ''}{value}:"

    def take(self, asked: Json, line: str) -> None:
        """Keep a field's value; an empty line keeps what is there."""
        self.values[asked["name"]] = _chosen(asked, line)

    @property
    def body(self) -> Json:
        """What to submit."""
        return {"form": self.form["id"], "values": self.values, "message": self.message}


def room_label(room: Json) -> str:
    name = one_line(room["name"])
    return name if room["kind"] == "direct" else f"#{name}"


def _head(message: Json, room: str, *, edited: bool) -> str:
    at = datetime.fromisoformat(message["at"]).astimezone()
    marks = ("only you" if message.get("private_to") else "", "edited" if edited else "")
    where = "" if message["room"] == room else f" (to {message['room']})"
    thread = "↳ " if message.get("thread") else ""
    name = one_line(message.get("author_name") or message["author"])
    told = "".join(f" · {mark}" for mark in marks if mark)
    return f"{thread}{at:%H:%M} {name}{where}{told}"


def _chosen(asked: Json, line: str) -> str:
    """The value behind what was typed: an option by its label or value, else the words."""
    matching = (
        one["value"]
        for one in asked["options"]
        if line.lower() in (one["label"].lower(), one["value"].lower())
    )
    return next(matching, line or asked["value"])
