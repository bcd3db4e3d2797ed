"""From a pressed button, a picked option or a filled-in form to the call that it makes."""

from collections.abc import Iterable, Mapping
from itertools import zip_longest

from domain.args import slots_of
from domain.base import Frozen
from domain.buttons import pressed
from domain.command import Command, Registry
from domain.derive import target_args, target_slot
from domain.errors import Stale
from domain.grammar import Parsed
from domain.message import Form, Message, Select, buttons

GONE = "That button has gone: the card has changed. Look at it again."
UNKNOWN = "That button is from another version of Tocsin: ask for the card again."
