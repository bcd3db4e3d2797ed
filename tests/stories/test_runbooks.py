"""Runbooks: from a page in a directory to what somebody finds at night."""

from pathlib import Path

from bot.organisation import apply, plan, read_files
from commands.discovery import registry
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

PAGE = """---
runbook: {name}
service: trino
parameters:
  - {{name: host, pattern: "trino-[0-9]+"}}
---
# Restart one worker

```yaml step
name: Restart
{step}
```
"""
RESTART = 'command: [systemctl, restart, "${host}"]'


async def declared(tocsin: Tocsin, folder: Path, **pages: str) -> list[str]:
    """Apply these pages where nothing is wrong with them; what is wrong otherwise."""
    for name, step in pages.items():
        (folder / f"{name}.md").write_text(PAGE.format(name=name, step=step))
    files = read_files(folder)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        planned = await plan(unit, files, registry())
        if not planned.errors:
            await apply(unit, planned)
    return [str(one) for one in planned.problems]


async def test_a_page_is_found_and_shown(tocsin: Tocsin, tmp_path: Path):
    """By its service, by what is wrong, by its name; with values, what would be done."""
    assert await declared(tocsin, tmp_path, worker=RESTART) == []
    assert "worker" in (await tocsin.say("bob", "/runbook list trino")).text
    found = await tocsin.say("bob", "/rb find a worker has to be restarted")
    assert found.data[0] == "worker"
    shown = await tocsin.say("bob", "/runbook show worker")
    assert "1. Restart (command, disruptive)" in shown.text
    assert "from worker.md" in shown.text
    exact = await tocsin.say("bob", "/runbook show worker host=trino-7")
    assert 'run ["systemctl", "restart", "trino-7"]' in exact.text
    refused = await tocsin.say("bob", '/runbook show worker host="trino-7; rm -rf /"')
    assert refused.text.startswith("host has to fit trino-[0-9]+")
    assert (await tocsin.say("bob", "/runbook show wroker")).text == (
        "There is no runbook wroker. Did you mean worker?"
    )
    nothing = await tocsin.say("bob", "/runbook show kafka-under-replicated a=b")
    assert nothing.text == "There is no parameter a. Leave it out, it takes none."


async def test_pages_that_call_in_a_circle_are_not_applied(tocsin: Tocsin, tmp_path: Path):
    """Nor what calls a runbook that is not there; each at its line."""
    given = "given: {host: trino-1}"
    wrong = await declared(
        tocsin,
        tmp_path,
        one=f"call: two\n{given}",
        two=f"call: one\n{given}",
        three=f"call: onw\n{given}",
    )
    assert wrong == [
        "three.md:11: steps.0.call: there is no runbook onw. Did you mean one?",
        "one.md:11: runbook one calls itself: one → two → one",
        "two.md:11: runbook two calls itself: two → one → two",
    ]
    assert (await tocsin.say("bob", "/runbook show one")).refused == "not_found"
