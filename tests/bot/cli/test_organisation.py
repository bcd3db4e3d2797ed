"""From an empty database to somebody on call, by files alone."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from typer.testing import CliRunner, Result

from bot.cli.output import FAILED, NOT_FOUND, OK, USAGE
from bot.cli.root import application

Run = Callable[..., Result]
FILES = {
    "teams.yaml": """
teams:
  - id: web
    lead: bob
    alert_room: alerts-web
""",
    "on-call/web.yaml": """
schedules:
  - id: web
    team: web
    timezone: Europe/Berlin
    layers:
      - name: weekly
        rotation: {kind: weekly, start: 2026-03-02T09:00, participants: [bob, carol]}
policies:
  - id: web
    team: web
    steps:
      - targets: [schedule:web]
        delay: 10m
      - targets: ["@carol"]
""",
    "services.yaml": """
services:
  - {id: shop, team: web, policy: web, tier: 1}
guards:
  - id: production
    command: rollback start
    when: {environment: prod}
    approvers: [role:responder]
""",
}


UNUSED = """
schedules:
  - id: unused
    team: web
    layers:
      - name: weekly
        rotation: {kind: weekly, start: 2026-03-02T09:00, participants: [bob]}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The files."""
    directory = tmp_path / "organisation"
    for name, text in FILES.items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return directory


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands on a database in which bob and carol are."""
    monkeypatch.chdir(tmp_path)
    told = {"TOCSIN_DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": "", "TOCSIN_CONFIG": ""}

    def run(*words: str) -> Result:
        name, *rest = words
        return CliRunner().invoke(application(name), rest, env=told)

    assert run("db", "migrate").exit_code == OK
    for person in ("bob", "carol"):
        assert run("user", "add", person, "--team", "web").exit_code == OK
    return run


def actions(result: Result) -> dict[str, str]:
    """What becomes of each item."""
    assert result.exit_code == OK, result.output
    return {one["id"]: one["action"] for one in json.loads(result.stdout)["changes"]}


def test_files_are_planned_applied_and_applied_again(run: Run, home: Path) -> None:
    """A plan changes nothing, an application everything at once, another one nothing more."""
    wanted = dict.fromkeys(("web", "shop", "production"), "create")
    assert actions(run("plan", str(home))) == wanted
    assert actions(run("plan", str(home))) == wanted
    assert actions(run("apply", str(home))) == wanted
    assert set(actions(run("apply", str(home))).values()) == {"keep"}
    assert run("audit", "verify").exit_code == OK


def test_who_would_sleep_through_a_page_is_named_and_it_is_applied_all_the_same(
    run: Run, home: Path
) -> None:
    """As the doctor names them, at the schedule's line, and only where a policy rings it."""
    told = "on-call/web.yaml:3: schedule web holds {}, who is not wakeable: chat only"
    (home / "other.yaml").write_text(UNUSED)
    for command in ("plan", "apply"):
        done = run(command, str(home))
        assert done.exit_code == OK
        assert all(told.format(person) in done.stderr for person in ("bob", "carol"))
        assert "schedule unused holds" not in done.stderr
    found = run("doctor", "--only", "reach").output
    assert "bob is not wakeable: chat only" in found


def test_what_was_applied_can_be_put_out_and_in_again(run: Run, home: Path, tmp_path: Path) -> None:
    """The export is a file like any other, and fits the schema."""
    run("apply", str(home))
    out = run("export")
    assert out.exit_code == OK
    copied = tmp_path / "copied"
    copied.mkdir()
    (copied / "all.yaml").write_text(out.stdout)
    changed = json.loads(run("plan", str(copied)).stdout)["changes"]
    assert {tuple(one["fields"]) for one in changed} == {("managed_by",)}
    fits = jsonschema_rs.validator_for(json.loads(run("schema").stdout))
    fits.validate(yaml.safe_load(out.stdout))


def test_what_a_file_says_no_more_goes_where_that_is_asked_for(run: Run, home: Path) -> None:
    """And not while something stands on it."""
    run("apply", str(home))
    (home / "teams.yaml").unlink()
    assert run("apply", str(home)).exit_code == OK
    refused = run("apply", str(home), "--prune")
    assert refused.exit_code == FAILED
    assert "there is no team web" in refused.output
    for name in ("on-call/web.yaml", "services.yaml"):
        (home / name).write_text("")
    (home / "teams.yaml").write_text("teams:\n  - id: other\n")
    gone = actions(run("apply", str(home), "--prune"))
    assert gone == {"other": "create", "web": "remove", "shop": "remove", "production": "remove"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "services:\n  - id: x\n    team: wbe\n",
            "bad.yaml:3: team: there is no team wbe. Did you mean web?",
        ),
        ("services:\n  - id: x\n    tier: one\n", "bad.yaml:3: tier: should be a valid integer"),
        ("servises: []\n", "bad.yaml:1: there are no servises. Did you mean services?"),
        ("services: {}\n", "bad.yaml:1: services is a list"),
        ("services: [\n", "bad.yaml:2: this is no YAML"),
        ("teams:\n  - id: !env X\n", "bad.yaml:2: this is no YAML"),
        ("teams:\n  - [1]: x\n", "bad.yaml:2: this is no YAML"),
        ("teams:\n  - &a\n    id: *a\n", "bad.yaml:"),
        ("- a\n", "bad.yaml:1: a file says what it declares"),
        (
            "policies:\n- id: p\n  team: web\n  steps:\n  - targets: [bob]\n",
            "bad.yaml:2: bob is no target: write @person",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_nothing_is_changed(
    run: Run, home: Path, text: str, told: str
) -> None:
    """Everything at once, before anything is touched."""
    (home / "bad.yaml").write_text(text)
    refused = run("apply", str(home))
    assert refused.exit_code == FAILED
    assert told in refused.output
    assert "Nothing was changed" in refused.output
    assert run("export").stdout == "{}\n"


def test_a_directory_that_is_none_says_so(run: Run, tmp_path: Path) -> None:
    """Nor one in which nothing is declared."""
    assert run("plan", str(tmp_path / "nowhere")).exit_code == USAGE
    (tmp_path / "empty").mkdir()
    assert run("plan", str(tmp_path / "empty")).exit_code == USAGE


ROTA = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test
BEGIN:VEVENT
UID:1
SUMMARY:Bob on call
DTSTART:20200106T090000Z
DTEND:20200113T090000Z
RRULE:FREQ=WEEKLY
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:Zoe
DTSTART:20200106T090000Z
DTEND:20200113T090000Z
RRULE:FREQ=WEEKLY
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_a_calendar_beside_the_files_is_a_layer(run: Run, home: Path):
    """Its people are on call; what is left out is told at its place; what is no calendar is
    refused; one may also be imported, but not over what comes from a file."""
    file = home / "on-call/web.yaml"
    rotation = (
        "        rotation: {kind: weekly, start: 2026-03-02T09:00, participants: [bob, carol]}"
    )
    text = file.read_text()
    assert rotation in text
    for source, why in (("../../rota.ics", "a calendar lies in the directory"), (".", "no file")):
        file.write_text(text.replace(rotation, f"        calendar: {source}"))
        assert why in run("plan", str(home)).stderr
    file.write_text(text.replace(rotation, "        calendar: rota.ics"))
    gone = run("plan", str(home))
    assert "on-call/web.yaml:8: rota.ics cannot be read: No such file" in gone.stderr
    rota = home / "on-call/rota.ics"
    rota.write_text("nothing")
    assert "rota.ics: This is no calendar" in run("plan", str(home)).stderr
    rota.write_bytes(ROTA.encode())
    applied = run("apply", str(home))
    assert applied.exit_code == OK, applied.stderr
    assert "rota.ics: left out: line 12, 'Zoe': nobody here is called as 'Zoe' says" in (
        applied.stderr
    )
    assert {one["action"] for one in json.loads(run("apply", str(home)).stdout)["changes"]} == {
        "keep"
    }
    assert "calendar: rota.ics" in run("export").stdout
    assert "shifts" not in run("export").stdout
    taken = run("import", "ical", str(rota), "--schedule", "web")
    assert taken.exit_code == FAILED
    assert "web comes from on-call/web.yaml: write `calendar: rota.ics` as a layer" in taken.stderr
    shown = run("import", "ical", str(rota), "--schedule", "web", "--plan")
    assert {one["user"] for one in json.loads(shown.stdout)["shifts"]} == {"bob"}
    assert run("import", "ical", str(rota), "--schedule", "nix").exit_code == NOT_FOUND
