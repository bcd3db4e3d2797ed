"""Commands for whoever runs the installation: on the database itself, without a server."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from typer.testing import CliRunner, Result

from bot.cli.checkup import print_findings
from bot.cli.output import FAILED, NOT_FOUND, OK, UNAVAILABLE, USAGE
from bot.cli.root import application
from bot.starting import only_server
from domain.finding import Finding

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a directory of its own; JSON comes back, as nobody is looking."""
    monkeypatch.chdir(tmp_path)
    told = {"TOCSIN_DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": "", "TOCSIN_CONFIG": ""}

    def run(*words: str, typed: str | None = None, **more: str) -> Result:
        name, *rest = words
        return CliRunner().invoke(application(name), rest, input=typed, env=told | more)

    return run


@pytest.fixture
def migrated(run: Run) -> Run:
    """The same, with a database."""
    assert run("db", "migrate").exit_code == OK
    return run


def told(result: Result) -> Any:
    assert result.exit_code == OK, result.output
    return json.loads(result.stdout)


def test_a_database_is_looked_at_migrated_and_looked_at_again(run: Run, tmp_path: Path) -> None:
    """Looking makes no file; migrating does, once."""
    before = run("db", "status")
    assert before.exit_code == FAILED
    assert json.loads(before.stdout)["current"] is None
    assert not (tmp_path / "data").exists()
    assert told(run("db", "migrate"))["applied"]
    assert told(run("db", "migrate"))["applied"] == []
    assert told(run("db", "status"))["pending"] == []


def test_nothing_works_on_a_database_that_was_not_migrated(run: Run) -> None:
    """The sentence says what to run."""
    refused = run("user", "list")
    assert refused.exit_code == FAILED
    assert "tocsin db migrate" in refused.stderr


def test_a_database_that_is_not_there_is_unavailable(run: Run) -> None:
    """Exit code 5, without the driver's novel."""
    refused = run("db", "status", DATABASE_URL="postgresql://u@127.0.0.1:9/d")
    assert refused.exit_code == UNAVAILABLE
    assert "The database does not answer" in refused.stderr


def test_wrong_settings_are_a_usage_error(run: Run) -> None:
    """All of them at once."""
    refused = run("user", "list", PORT="x", LOG_LEVEL="loud")
    assert refused.exit_code == USAGE
    assert "PORT:" in refused.stderr
    assert "LOG_LEVEL:" in refused.stderr


def test_people_come_get_roles_and_go(migrated: Run) -> None:
    """Each change is seen in the list, and stands in the audit trail."""
    migrated("user", "add", "alice", "--role", "admin", "--email", "alice@example.com")
    migrated("user", "add", "bob", "--team", "web")
    migrated("user", "email", "bob", "Bob@example.com")
    migrated("user", "role", "bob", "commander", "--team", "web")
    migrated("user", "role", "bob", "responder", "--remove")
    migrated("user", "deactivate", "alice")
    alice, bob = told(migrated("user", "list"))
    assert (alice["roles"], alice["active"]) == (["admin"], False)
    assert (bob["name"], bob["roles"], bob["active"]) == ("Bob", ["commander of web"], True)
    assert bob["e-mail"] == "bob@example.com"
    trail = told(migrated("audit", "verify"))
    assert (trail["rows"], trail["problems"]) == (6, [])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "Not A Handle"), USAGE),
        (("add", "alice"), USAGE),
        (("email", "alice", "alice at home"), USAGE),
        (("email", "nobody", "nobody@example.com"), NOT_FOUND),
        (("add", "eve", "--role", "god"), USAGE),
        (("role", "nobody", "admin"), NOT_FOUND),
        (("deactivate", "nobody"), NOT_FOUND),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(
    migrated: Run, words: tuple[str, ...], code: int
) -> None:
    """With its own exit code, and nothing changed."""
    migrated("user", "add", "alice")
    assert migrated("user", *words).exit_code == code
    assert len(told(migrated("user", "list"))) == 1


def test_the_secret_key_can_be_changed(migrated: Run) -> None:
    """What the old one sealed verifies while it is named; without it both commands fail."""
    old, new = "an-old-secret-key-0123456789-abcdef", "a-new-secret-key-9876543210-fedcba"
    migrated("user", "add", "alice", TOCSIN_SECRET_KEY=old)
    told(migrated("audit", "verify", TOCSIN_SECRET_KEY=old))
    both = {"TOCSIN_SECRET_KEY": new, "TOCSIN_SECRET_KEY_PREVIOUS": f"{old}, older-still"}
    migrated("user", "add", "bob", **both)
    assert told(migrated("audit", "verify", **both))["problems"] == []
    rows = told(migrated("keys", "status", **both))
    assert [(row["state"], row["rows"] > 0, row["page links"]) for row in rows] == [
        ("seals", True, "makes"), ("verifies", True, "accepts"), ("verifies", False, "accepts"),
    ]  # fmt: skip
    lost = migrated("keys", "status", TOCSIN_SECRET_KEY=new)
    assert lost.exit_code == FAILED
    assert "not known here" in lost.stdout
    assert not any(old in one or new in one for one in (lost.stdout, lost.stderr))
    assert migrated("audit", "verify", TOCSIN_SECRET_KEY=new).exit_code == FAILED


def test_whoever_receives_a_named_webhook_is_told_its_secret(migrated: Run) -> None:
    """By an admin, from the settings; an address that cannot be one is refused as they start."""
    hooks = "TOCSIN_PAGING_WEBHOOKS__NAMED"
    given = {
        "TOCSIN_PAGING_WEBHOOKS__KEY": "a-key-of-webhooks-0123456789-abcdefgh",
        hooks: "bridge=https://ops.example.com/in?k=1, desk=https://desk.example.com/",
    }
    secret = told(migrated("keys", "webhook", "bridge", **given))["secret"]
    assert secret.startswith("whsec_")
    assert secret != told(migrated("keys", "webhook", "desk", **given))["secret"]
    assert migrated("keys", "webhook", "nix", **given).exit_code == NOT_FOUND
    for wrong in ("bridge", "bridge=ftp://example.com", "BIG one=https://example.com"):
        assert migrated("keys", "webhook", "bridge", **given | {hooks: wrong}).exit_code == USAGE
    shown = migrated("config", "show", **given).stdout
    assert "ops.example.com" not in shown


def test_the_secret_key_is_rotated(migrated: Run, tmp_path: Path) -> None:
    """Kept by us, it is replaced and the old one named; a server must not run meanwhile."""
    migrated("user", "add", "alice")
    told(migrated("audit", "verify"))
    (before,) = told(migrated("keys", "status"))
    done = told(migrated("keys", "rotate"))
    assert done["before"] == before["key"]
    assert told(migrated("audit", "verify"))["problems"] == []
    rows = told(migrated("keys", "status"))
    assert [(row["key"], row["state"]) for row in rows] == [
        (done["key"], "seals"), (done["before"], "verifies"),
    ]  # fmt: skip
    with only_server(tmp_path / "data"):
        assert "stop it" in migrated("keys", "rotate").stderr


def test_a_secret_key_of_the_environment_is_rotated_there(migrated: Run, tmp_path: Path) -> None:
    """We say what to set, and change nothing."""
    old = "an-old-secret-key-0123456789-abcdef"
    done = told(migrated("keys", "rotate", TOCSIN_SECRET_KEY=old))
    assert len(done["TOCSIN_SECRET_KEY"]) >= 32
    assert "until now" in done["TOCSIN_SECRET_KEY_PREVIOUS"]
    assert old not in str(done)
    assert not list((tmp_path / "data").glob("secret.key*"))


def test_a_password_is_typed_and_never_shown(migrated: Run) -> None:
    """Too short a one is refused; it is not in what is printed."""
    migrated("user", "add", "alice")
    secret = "correct horse battery"
    done = migrated("user", "password", "alice", typed=f"{secret}\n{secret}\n")
    assert done.exit_code == OK
    assert secret not in done.output
    assert migrated("user", "password", "alice", typed="short\nshort\n").exit_code == USAGE
    assert told(migrated("access", "report"))[0]["password"] is True


def test_a_tokens_secret_is_shown_once(migrated: Run) -> None:
    """Lists know its name, owner and end, never the secret."""
    migrated("user", "add", "alice")
    made = told(migrated("token", "create", "laptop", "--user", "alice", "--days", "3"))
    assert made["scopes"] == ["read", "page", "write"]
    listed = migrated("token", "list")
    assert made["token"] not in listed.output
    assert told(listed)[0]["for"] == "alice"
    assert told(migrated("token", "revoke", made["id"]))["revoked"]
    assert migrated("token", "revoke", made["id"]).exit_code == NOT_FOUND


def test_a_senders_token_may_only_send(migrated: Run) -> None:
    """Whatever scopes are asked for."""
    words = ("token", "create", "am", "--source", "alertmanager", "--scope", "admin")
    assert told(migrated(*words))["scopes"] == ["events"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("x",), USAGE),
        (("x", "--user", "a", "--source", "grafana"), USAGE),
        (("x", "--source", "nobody"), USAGE),
        (("x", "--user", "nobody"), NOT_FOUND),
        (("x", "--source", "grafana", "--days", "0"), USAGE),
    ],
)
def test_a_token_belongs_to_one_person_or_one_sender(
    migrated: Run, words: tuple[str, ...], code: int
) -> None:
    """Neither, both, or somebody unknown is refused."""
    assert migrated("token", "create", *words).exit_code == code
    assert told(migrated("token", "list")) == []


def test_the_access_report_names_people_and_senders(migrated: Run) -> None:
    """Who can do what, and what nobody uses."""
    migrated("user", "add", "alice", "--role", "admin")
    migrated("token", "create", "laptop", "--user", "alice")
    migrated("token", "create", "am", "--source", "*")
    alice, sender = told(migrated("access", "report"))
    assert (alice["who"], alice["roles"], alice["tokens"]) == ("alice", ["admin"], 1)
    assert (sender["who"], sender["scopes"]) == ("source * (am)", ["events"])
    assert sender["unused 90 days"] == 0


def test_settings_are_checked_and_shown_with_their_origin(run: Run, tmp_path: Path) -> None:
    """Secrets only as dots."""
    assert told(run("config", "validate", TOCSIN_HOTS="x"))["warnings"]
    assert run("config", "validate", PORT="x").exit_code == FAILED
    assert run("config", "validate", TOCSIN_HOST="192.168.0.1").exit_code == FAILED
    shown = run("config", "show", "--origin", PORT="81", ANTHROPIC_API_KEY="canary")
    rows = {row["setting"]: row for row in told(shown)}
    assert (rows["PORT"]["value"], rows["PORT"]["origin"]) == (81, "PORT")
    assert rows["LOG_LEVEL"]["origin"] == "default"
    assert "canary" not in shown.output


def test_the_doctor_fails_where_something_is_wrong(migrated: Run) -> None:
    """One area can be asked for; warnings count where one is strict."""
    everything = migrated("doctor")
    assert everything.exit_code == FAILED
    areas = {one["area"] for one in json.loads(everything.stdout)}
    assert {"config", "database", "clock", "people", "on-call", "heartbeat", "ai"} <= areas
    assert migrated("doctor", "--only", "database,clock").exit_code == OK
    assert migrated("doctor", "--only", "process").exit_code == OK
    assert migrated("doctor", "--only", "process", "--strict").exit_code == FAILED
    assert migrated("doctor", "--only", "nonsense").exit_code == USAGE


def test_the_doctor_tells_of_a_database_it_cannot_look_at(run: Run) -> None:
    """Not migrated, or not there: a finding like every other."""
    behind = run("doctor")
    assert (behind.exit_code, "tocsin db migrate" in behind.stdout) == (FAILED, True)
    away = run("doctor", DATABASE_URL="postgresql://u@127.0.0.1:9/d")
    assert away.exit_code == FAILED
    assert json.loads(away.stdout)[-1]["area"] == "database"
    wrong = run("doctor", PORT="x")
    assert json.loads(wrong.stdout)[0]["text"].startswith("PORT:")


def test_a_person_gets_marks_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each finding, its remedy beneath."""
    print_findings(
        (
            Finding(area="database", level="ok", text="fine"),
            Finding(area="on-call", level="warning", text="thin", fix="add somebody"),
            Finding(area="heartbeat", level="failure", text="none", fix="set it"),
        )
    )
    assert capsys.readouterr().out.splitlines() == [
        "✔ database   fine",
        "! on-call    thin",
        "             fix: add somebody",
        "✘ heartbeat  none",
        "             fix: set it",
    ]


def test_what_a_model_would_be_told_needs_an_incident(migrated: Run) -> None:
    """An unknown one is not found."""
    assert migrated("llm", "preview", "INC-1").exit_code == NOT_FOUND


@pytest.mark.parametrize("name", ["web", "worker", "gateway"])
def test_processes_that_need_postgresql_say_so(migrated: Run, name: str) -> None:
    """Exit code 2."""
    refused = migrated(name)
    assert refused.exit_code == USAGE
    assert "needs PostgreSQL" in refused.stderr


def test_the_demo_takes_no_host(run: Run) -> None:
    """It is for this machine only, whichever way one tries."""
    assert run("demo", "--host", "0.0.0.0").exit_code == USAGE  # noqa: S104 it is refused
    assert run("demo", TOCSIN_HOST="192.168.0.1").exit_code == USAGE
    assert run("demo", "--scenario", "nonsense").exit_code == USAGE


def test_an_admin_ties_an_account_to_a_person(migrated: Run) -> None:
    """And cuts it again; what was never tied is not found."""
    migrated("user", "add", "bob")
    tied = migrated("user", "link", "bob", "discord", "G1", "U1")
    assert told(tied)["account"] == "U1"
    assert told(migrated("user", "unlink", "bob", "discord"))["unlinked"] == 1
    assert migrated("user", "unlink", "bob", "discord").exit_code == NOT_FOUND
    assert migrated("user", "link", "bob", "irc", "G1", "U1").exit_code == USAGE
    assert migrated("user", "link", "nobody", "slack", "T1", "U1").exit_code == NOT_FOUND


HOSTS = "[db]\ndb-3 ansible_host=10.0.0.3 ansible_become=yes\ndoor ansible_user=root\n"


def test_servers_are_taken_over_after_a_look(migrated: Run, tmp_path: Path) -> None:
    """A preview changes nothing; twice is once; what was not understood has its line."""
    (tmp_path / "hosts").write_text(HOSTS)
    key = "AAAAC3NzaC1lZDI1NTE5AAAAIHCq0wBv4mT3vWqIr8bTn6sOqGQq8zv4c1m9m3Zt8yXh"
    (tmp_path / "known").write_text(f"10.0.0.3 ssh-ed25519 {key}\n")
    words = ("import", "servers", "hosts", "--set", "user=ops", "--known-hosts", "known")
    seen = told(migrated(*words, "--plan"))
    assert [one["action"] for one in seen["servers"]] == ["create", "create"]
    assert seen["left_out"] == [{"line": 2, "text": "ansible_become is not taken over"}]
    assert [one["action"] for one in told(migrated(*words))["servers"]] == ["create", "create"]
    again = told(migrated(*words))["servers"]
    assert [one["action"] for one in again] == ["keep", "keep"]
    assert (again[0]["user"], len(again[0]["host_keys"]), again[1]["user"]) == ("ops", 1, "root")
    assert migrated("import", "servers", "hosts", "--set", "colour=red").exit_code == USAGE
    assert migrated("import", "servers", "nowhere").exit_code == FAILED
    assert migrated(*words, "--set", "team=nobody").exit_code == NOT_FOUND


def test_a_folder_of_pages_becomes_checklists(migrated: Run, tmp_path: Path) -> None:
    """A preview changes nothing, twice is once, and what is refused says why."""
    books = tmp_path / "books"
    books.mkdir()
    (books / "DiskFull.md").write_text("# Disk full\n\n1. Look\n")
    (books / "empty.md").write_text("")
    (books / "own.md").write_text("---\nrunbook: own\n---\n# Own\n")
    (books / "bad.md").write_bytes(b"\xff\xfe")
    words = ("import", "runbooks", "books")
    planned = told(migrated(*words, "--plan"))
    actions = {one["source"]: one["action"] for one in planned["pages"]}
    assert actions == {
        "books/DiskFull.md": "create", "books/bad.md": "refused", "books/empty.md": "refused",
        "books/own.md": "refused",
    }  # fmt: skip
    assert told(migrated(*words))["pages"][0]["runbook"] == "disk-full"
    (books / "DiskFull.md").write_text("# Disk full\n\n1. Look again\n")
    assert told(migrated(*words))["pages"][0]["action"] == "change"
    again = told(migrated(*words))["pages"]
    assert (again[0]["action"], again[3]["reason"]) == (
        "keep", "it has steps of its own: tocsin apply takes it",
    )  # fmt: skip
    assert migrated("import", "runbooks", "http://127.0.0.1/a").exit_code == FAILED
    assert migrated("import", "runbooks", "nowhere").exit_code == FAILED
    assert migrated(*words, "--service", "none").exit_code == NOT_FOUND


def test_ssh_keys_are_kept_encrypted(migrated: Run, tmp_path: Path) -> None:
    """Only their public halves are told; another secret key does not open them."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    (tmp_path / "id").write_bytes(key.export_private_key())
    (tmp_path / "locked").write_bytes(key.export_private_key("pkcs8-pem", passphrase="x"))
    public = key.export_public_key().decode().strip()
    assert told(migrated("keys", "keep", "deploy", "id"))["public_key"] == public
    assert [one["key"] for one in told(migrated("keys", "kept"))] == ["deploy"]
    assert b"PRIVATE KEY" not in (tmp_path / "data" / "tocsin.db").read_bytes()
    refused = ("deploy /nowhere", "deploy locked", "deploy id --certificate id")
    for words in refused:
        assert migrated("keys", "keep", *words.split()).exit_code == FAILED
    assert migrated("keys", "keep", "-- no", "id").exit_code == USAGE
    assert told(migrated("keys", "drop", "deploy"))["key"] == "deploy"
    assert migrated("keys", "drop", "deploy").exit_code == NOT_FOUND
