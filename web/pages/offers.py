"""Buttons that make command calls: offered to those who may make them, asking what they need."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import derive
from domain.actor import Actor
from domain.authorize import Decision, authorize, authorize_somewhere
from domain.base import Frozen
from domain.buttons import button_id
from domain.command import Command, Registry
from domain.message import Form, Style
from web.pages.models import Action


class Face(Frozen):
    """How a button looks; ``key`` is the letter that presses it."""

    label: str
    icon: str = ""
    key: str = ""
    style: Style = "default"
    confirm: str = ""


Offered = tuple[Action, ...]
"""One button, or none where the reader may not use it."""


@dataclass(frozen=True)
class Offers:
    """What a reader may do about the things of ``team``; None: of some team."""

    actor: Actor
    registry: Registry
    team: str | None = None

    def press(self, command: str, target: str, face: Face) -> Offered:
        """A button that needs nothing more."""
        if not self._decide(command).allowed:
            return ()
        return (Action(button=button_id(command, target), **face.model_dump()),)

    def ask(
        self, command: str, target: str, face: Face, given: Mapping[str, str] | None = None
    ) -> Offered:
        """A button whose fields open beneath it: what the command takes, ``given`` filled in."""
        if not self._decide(command).allowed:
            return ()
        form = self._form(self.registry.commands[command], target, given or {})
        return (Action(button=form.id, inputs=form.inputs, **face.model_dump()),)

    def _decide(self, command: str) -> Decision:
        wanted = self.registry.commands[command]
        if self.team is None:
            return authorize_somewhere(self.actor, wanted)
        return authorize(self.actor, wanted, self.team)

    @staticmethod
    def _form(command: Command, target: str, given: Mapping[str, str]) -> Form:
        return derive.form(command, given, {}, target)
