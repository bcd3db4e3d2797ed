"""Runbooks in Markdown: words for people, steps in fences, and every fault at its line."""

from pathlib import Path

import pytest

from bot.organisation import read_files
from domain.declared.items import Declared
from domain.declared.written import read, write

PAGE = """---
runbook: trino-restart
service: trino
parameters:
  - {name: host, pattern: "trino-[0-9]+"}
---
# Restart Trino

Look first.

```yaml step
name: Restart
command: [systemctl, restart, "${host}"]
timeout: 30s
```

```sh
echo no step
```

~~~yaml step
name: Wait
wait: {url: "https://${host}.example.com/", every: 5s}
~~~
"""


def only(tmp_path: Path, text: str) -> tuple[list[Declared], list[str]]:
    """What one page declares, and what is wrong with it."""
    (tmp_path / "page.md").write_text(text)
    found = read_files(tmp_path)
    return found.declared, [str(one) for one in found.problems]


def test_a_page_is_a_runbook(tmp_path: Path):
    """Its title is the first heading; what is written back reads the same."""
    (declared,), problems = only(tmp_path, PAGE)
    assert problems == []
    value = declared.value
    written = write("runbooks", value)
    assert [one["name"] for one in written["steps"]] == ["Restart", "Wait"]
    assert (written["title"], written["steps"][0]["timeout"]) == ("Restart Trino", "30s")
    assert written["steps"][1]["wait"]["every"] == "5s"
    assert read("runbooks", written) == value
    assert declared.at("steps.1.wait.url") == "page.md:23"


def test_a_page_without_that_head_is_none(tmp_path: Path):
    """A README beside the files is left alone."""
    assert only(tmp_path, "# Read me\n\n```yaml step\nname: x\n```\n") == ([], [])
    assert only(tmp_path, "---\ntitle: about a runbook:\n---\n") == ([], [])


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("timeout: 30s", "timeout: 90d", "page.md:14: steps.0.timeout:"),
        ("${host}.exam", "${hst}.exam", "page.md:23: steps.1.wait.url: there is no parameter hst"),
        ("name: Wait\n", "name: Wait\nmanual: x\n", "page.md:22: steps.1: a step is one of"),
        ("trino-[0-9]+", "(", "page.md:5: parameters.0.pattern:"),
        ("name: Restart", "name: [", "page.md:1"),
        ("service: trino", "steps: []", "page.md:3: steps stands in the text of the page"),
        ("name: Restart\n", "nmae: Restart\n", "page.md:12: steps.0.n"),
        ("name: Wait\nwait: {url: \"https://${host}.example.com/\", every: 5s}\n", "",
         "page.md:21: this step is empty"),
    ],
)  # fmt: skip
def test_a_fault_stands_at_its_line(tmp_path: Path, before: str, after: str, told: str):
    """Whatever it is: the shape, a name, the YAML itself."""
    assert before in PAGE
    _, problems = only(tmp_path, PAGE.replace(before, after))
    assert problems
    assert problems[0].startswith(told), problems
