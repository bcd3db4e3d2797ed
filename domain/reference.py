"""The reference pages of docs/, written from the commands themselves."""

from domain.actor import Actor, Binding, Role
from domain.args import Slot, slots_of
from domain.authorize import authorize
from domain.command import Command, Registry
from domain.derive import described, usage
from domain.spellings import DEFAULT_VERBS, NOUN_ALIASES

GENERATED = "<!-- Written by `python -m bot.cli.generate`; edit the commands, not this page. -->"
READING = """\
## How a line is read

- Every command is a root and a verb: `/incident declare`. In a direct message or after a mention
  the slash may be left out, and so may `incident`: `resolve fixed by rollback`.
- Words in "quotation marks" stay together. `'` is no quotation mark, and one that is never closed
  is text.
- An option is a declared name with a value: `sev:2`, `sev=2` or `--sev 2`; a flag is `--private`.
  Any other word with a colon is text, and so is everything in quotation marks.
- `INC-42`, `@bob` and `sev2` are known by their shape. In a command that ends with a text they
  count at its beginning or end only; in an incident's room an id at the end is part of the text.
- Without an id a command is about the incident of its room or thread.
- Times: `30m`, `2h`, `1d12h`, `18:00`, `fri 18:00`, `tomorrow 9`, `2026-11-22T09:00Z`. A span may
  be typed as `fri 18:00-22:00`.
- `?`, `help` or `-h` after any beginning explains it. A typo is asked about, never guessed.
"""
GATE = """\
A role holds everywhere or for one team; a team's role makes its holder a viewer elsewhere. Every
bot is an outsider. A token needs the command's scope as well: `write` covers `page`, and nothing
else covers another; `approve` is never implied.
"""


def commands_page(registry: Registry) -> str:
    """Markdown: every command with its arguments, other words, examples and who may use it."""
    parts = ["# Commands", GENERATED, READING.rstrip()]
    for noun in registry.nouns:
        parts.append(_noun_head(noun))
        parts += [_command(one) for one in registry.of_noun(noun)]
    return "\n\n".join(parts) + "\n"


def roles_page(registry: Registry) -> str:
    """Markdown: role by command, asked of the gate itself."""
    head = ("Command", *(role.value for role in Role), "token scope")
    rows = [_role_row(one) for one in registry.commands.values()]
    parts = ("# Who may do what", GENERATED, GATE.rstrip(), _table(head, rows))
    return "\n\n".join(parts) + "\n"


def _noun_head(noun: str) -> str:
    aliases = [f"`/{alias}`" for alias, of in NOUN_ALIASES.items() if of == noun]
    also = f" (also {', '.join(aliases)})" if aliases else ""
    default = DEFAULT_VERBS.get(noun)
    alone = f"\n\nWithout a verb: `/{noun} {default}`." if default else ""
    return f"## /{noun}{also}{alone}"


def _command(command: Command) -> str:
    parts = [f"### {command.name}", command.summary, f"```\n{usage(command)}\n```"]
    if slots := slots_of(command.args):
        head = ("Argument", "Also", "Needed", "What to type")
        parts.append(_table(head, [_argument(slot) for slot in slots]))
    parts.append("```\n" + "\n".join(command.examples) + "\n```")
    parts.append(_facts(command))
    return "\n\n".join(parts)


def _argument(slot: Slot) -> tuple[str, ...]:
    also = ", ".join(f"`{name}`" for name in slot.names[1:])
    return (f"`{slot.name}`", also, "yes" if slot.required else "", described(slot))


def _facts(command: Command) -> str:
    also = [f"`/{word}`" for word in command.spellings[1:]]
    admins = " or admin" if command.admins else ""
    facts = [f"From role {command.role.value}{admins}", f"token scope {command.scope.value}"]
    if also:
        facts.append(f"also {', '.join(also)}")
    if command.danger != "none":
        facts.append("asks before it acts")
    return " · ".join(facts) + "."


def _role_row(command: Command) -> tuple[str, ...]:
    may = ("yes" if _may(role, command) else "" for role in Role)
    return (f"`/{command.name}`", *may, command.scope.value)


def _may(role: Role, command: Command) -> bool:
    bindings = (Binding(subject="anyone", role=role),)
    return authorize(Actor(user="anyone", name="Anyone", bindings=bindings), command, None).allowed


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
