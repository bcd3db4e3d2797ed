"""The reference pages of settings, command line and metrics, made from their declarations."""

from collections.abc import Iterable, Iterator
from typing import Any

from typer.main import get_command

from bot.cli.root import OWN, application, nouns
from bot.configuration import Setting, catalogue
from bot.metrics import ALL, Metric
from domain.command import Registry

WRITTEN = "<!-- Written by `python -m bot.cli.generate`; edit {source}, not this page. -->"
SETTINGS = """\
A flag wins over the environment, the environment over `.env` in the working directory, that over
the YAML file, and the file over the default. `tocsin config show --origin` says where each value
comes from; `tocsin config validate` names everything that is wrong at once.

- Every variable can also be given as `NAME_FILE`: the path of a file that holds the value.
- `TOCSIN_CONFIG` names the YAML file, or a directory whose `.yaml` files count together. Only
  settings with a key in the second column may stand there; an unknown key is an error, and so is
  a secret.
- `<SOURCE>_WEBHOOK_SECRET` (`GRAFANA_WEBHOOK_SECRET`, `PAGERDUTY_WEBHOOK_SECRET`,
  `GITHUB_WEBHOOK_SECRET`, `GITLAB_WEBHOOK_SECRET`) is what a sender signs with;
  two secrets by a comma while one is replaced by the other.
- `HTTPS_PROXY` and `SSL_CERT_FILE` are obeyed by what goes out; they must be in the real
  environment, not in `.env`. Three connect by themselves, past any proxy: runbook steps by HTTP
  and fetched calendars, because the address that was checked is the one that is connected to, and
  Kubernetes, which is near and trusts its own certificates instead of `SSL_CERT_FILE`.
"""
CLIENT = """\
## The command line as a client

- `TOCSIN_URL`: the running Tocsin that chat commands, `send`, `replay` and `chat` speak to.
  Without it the demo of this data directory, else `http://127.0.0.1:8000`.
- `TOCSIN_TOKEN`: who you are to it. An admin makes one: `tocsin token create NAME --user YOU`.
"""
COMMAND_LINE = """\
`--json` prints JSON, as a pipe does; a terminal gets text. `--dry-run` does everything, shows it
and undoes it. Both may stand anywhere.

| Exit code | Meaning |
|---|---|
| 0 | done |
| 1 | failed, or the answer is no |
| 2 | the command line or the settings are wrong |
| 3 | there is no such thing |
| 4 | denied, or an approval is needed |
| 5 | Tocsin or its database does not answer |

Chat commands ({nouns}) are the same here as in a chat, without the slash:
`tocsin incident declare "checkout is down" --sev 2`. They go to a running Tocsin as the person of
`TOCSIN_TOKEN`; in the demo `--as bob` is enough. See [commands](commands.md).
"""
METRICS = """\
`GET /metrics` gives these in Prometheus' text format, to a token or session. Units are seconds and
US dollars; no label holds an id. What is counted from the database is counted every 10 seconds by
one of the processes that answer HTTP.
"""


def configuration_page(_registry: Registry) -> str:
    """Every setting."""
    head = ["| Variable | Key in the file | Default | What for |", "|---|---|---|---|"]
    lines = (*head, *(_setting(one) for one in catalogue()))
    return _page("Settings", "bot/configuration.py", (SETTINGS, "\n".join(lines), CLIENT))


def command_line_page(_registry: Registry) -> str:
    """Every command of the command line."""
    told = COMMAND_LINE.format(nouns=", ".join(f"`{noun}`" for noun in nouns()))
    each = ("\n".join(_command(name)) for name in OWN)
    return _page("Command line", "bot/cli/", (told, *each))


def metrics_page(_registry: Registry) -> str:
    """Every metric."""
    head = ["| Metric | Kind | Labels | What it says |", "|---|---|---|---|"]
    lines = (*head, *(_metric(one) for one in ALL))
    return _page("Metrics", "bot/metrics.py", (METRICS, "\n".join(lines)))


def _page(title: str, source: str, parts: Iterable[str]) -> str:
    body = "\n\n".join(part.strip("\n") for part in parts)
    return f"# {title}\n\n{WRITTEN.format(source=source)}\n\n{body}\n"


def _setting(one: Setting) -> str:
    key = f"`{one.key}`" if one.file else ""
    default = f"`{one.default}`" if one.default else ""
    told = f"{one.description} (secret)" if one.secret else one.description
    return f"| `{one.variable}` | {key} | {default} | {_cell(told)} |"


def _metric(one: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in one.labels)
    return f"| `{one.name}` | {one.kind} | {labels} | {_cell(one.told)} |"


def _command(name: str) -> Iterator[str]:
    found: Any = get_command(application(name))
    yield f"## tocsin {name}"
    yield ""
    yield OWN[name].told + "."
    beneath = getattr(found, "commands", None)
    if beneath is None:
        yield from _usage(f"tocsin {name}", found)
        return
    for verb, command in beneath.items():
        yield ""
        yield f"### tocsin {name} {verb}"
        yield ""
        yield _paragraph(command.help)
        yield from _usage(f"tocsin {name} {verb}", command)


def _usage(line: str, command: Any) -> Iterator[str]:
    shown = [one for one in command.params if one.name != "help"]
    arguments = [_argument(one) for one in shown if one.param_type_name == "argument"]
    options = [one for one in shown if one.param_type_name == "option"]
    yield ""
    yield "```"
    yield " ".join((line, *arguments, *(["[OPTIONS]"] if options else [])))
    yield "```"
    if shown:
        yield ""
        yield "| Argument | What for |"
        yield "|---|---|"
        yield from (f"| `{_named(one)}` | {_cell(one.help or '')} |" for one in shown)


def _argument(one: Any) -> str:
    name = _named(one)
    return name if one.required else f"[{name}]"


def _named(one: Any) -> str:
    if one.param_type_name == "argument":
        return str(one.metavar or one.name).upper()
    return str(one.opts[0])


def _paragraph(text: str | None) -> str:
    return " ".join((text or "").split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
