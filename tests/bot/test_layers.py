"""Flags win over the environment, the environment over the file, the file over defaults."""

from pathlib import Path

import pytest

from bot.configuration import catalogue, is_loopback, unsafe, values
from bot.layers import Loaded, load
from bot.settings import SettingsError, environment

STRONG = "0123456789abcdefghijklmnopqrstuvwxyz"


def loaded(told: dict[str, str] | None = None, **flags: object) -> Loaded:
    return load(flags, environment(told or {}))


def problems(told: dict[str, str], **flags: object) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refused:
        loaded(told, **flags)
    return refused.value.problems


def in_file(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return {"TOCSIN_CONFIG": str(path)}


def test_nothing_has_to_be_said() -> None:
    """Without any setting Tocsin listens on this machine, with a database file."""
    settings = loaded().settings
    assert (settings.host, settings.port, settings.sqlite) == ("127.0.0.1", 8000, True)
    assert settings.database == "sqlite:///var/tocsin.db"
    assert settings.address == "http://127.0.0.1:8000"
    assert unsafe(settings) == ()


def test_each_place_wins_over_the_weaker_ones_and_is_remembered(tmp_path: Path) -> None:
    """``config show --origin`` can say where every value comes from."""
    told = in_file(tmp_path, "default_policy: file\ncall_template: file\nllm: {budget_usd: 9}\n")
    told |= {"TOCSIN_DEFAULT_POLICY": "env", "TOCSIN_CALL_TEMPLATE": "env", "PORT": "1"}
    found = loaded(told, port=2, call_template="flag")
    assert (found.settings.port, found.origins["port"]) == (2, "--port")
    assert found.settings.call_template == "flag"
    assert found.settings.default_policy == "env"
    assert found.origins["default_policy"] == "TOCSIN_DEFAULT_POLICY"
    assert found.settings.llm.budget_usd == 9
    assert found.origins["llm.budget_usd"] == f"{tmp_path / 'config.yaml'}:3"
    assert "log_level" not in found.origins


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """One start is enough to learn all of it, each with what to set."""
    told = in_file(tmp_path, "llm:\n  purposes: [everything]\n") | {
        "PORT": "seventy",
        "DATABASE_URL": "mysql://h/d",
        "TOCSIN_SECRET_KEY": "changeme",
        "TOCSIN_PUBLIC_URL": "ftp://h",
        "ANTHROPIC_API_KEY_FILE": "/nowhere",
    }
    found = "\n".join(problems(told))
    for name in (
        "PORT:", "DATABASE_URL:", "TOCSIN_SECRET_KEY:", "TOCSIN_PUBLIC_URL:",
        "ANTHROPIC_API_KEY_FILE:", "TOCSIN_LLM__PURPOSES:",
    ):  # fmt: skip
        assert name in found
    assert "config.yaml:2" in found


@pytest.mark.parametrize("secret", ["short", "a" * 40, "changeme" * 5])
def test_a_weak_secret_key_is_refused_and_never_repeated(secret: str) -> None:
    """Short, uniform and well-known keys are refused with the command that makes a good one."""
    (problem,) = problems({"TOCSIN_SECRET_KEY": secret})
    assert "token_urlsafe" in problem
    assert secret not in problem


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("llm:\n  may_wak: true\n", ":2: there is no setting llm.may_wak. Did you mean llm.may_wa"),
        ("fluff: 1\n", ":1: there is no setting fluff. There are: public_url"),
        ("a: 1\nsecret_key: x\n", ":2: secret_key is a secret and does not belong in a file: set "),
        ("database_url: x\n", "set DATABASE_URL or DATABASE_URL_FILE"),
        ("port: 1\n", ":1: port does not belong in the file: set PORT"),
        ("a: [\n", ": this is no YAML"),
        ("default_policy: !env X\n", ":1: this is no YAML"),
        ("- a\n", ":1: settings are"),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    """Unknown keys, secrets and settings of the environment have no place there."""
    assert told in "\n".join(problems(in_file(tmp_path, text)))


def test_files_of_a_directory_count_together(tmp_path: Path) -> None:
    """Each setting stands in one of them; twice is an error that names both."""
    (tmp_path / "a.yaml").write_text("default_policy: x\n")
    (tmp_path / "b.yml").write_text("call_template: y\n")
    told = {"TOCSIN_CONFIG": str(tmp_path)}
    assert loaded(told).settings.call_template == "y"
    (tmp_path / "c.yaml").write_text("default_policy: z\n")
    assert "default_policy is set in" in problems(told)[0]


def test_a_configuration_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A wrong path is not the same as no configuration."""
    assert "cannot be read" in problems({"TOCSIN_CONFIG": str(tmp_path / "none.yaml")})[0]
    assert "no .yaml file" in problems({"TOCSIN_CONFIG": str(tmp_path)})[0]


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    """A file with comments only is a beginning."""
    assert loaded(in_file(tmp_path, "# to come\n")).settings.default_policy is None


def test_lists_are_written_with_commas_in_the_environment() -> None:
    """And as lists in the file."""
    told = {"TOCSIN_LLM__PURPOSES": "classify, ask", "TOCSIN_TRUSTED_PROXIES": "10.0.0.1,10.0.0.2"}
    settings = loaded(told).settings
    assert settings.llm.purposes == {"classify", "ask"}
    assert settings.trusted_proxies == ("10.0.0.1", "10.0.0.2")


def test_each_sender_has_its_own_signing_secret() -> None:
    """``<SOURCE>_WEBHOOK_SECRET``, for whatever source there is."""
    found = loaded({"GRAFANA_WEBHOOK_SECRET": "one,two"}).settings.webhook_secrets
    assert found["grafana"].get_secret_value() == "one,two"


def test_a_slip_in_a_variables_name_is_pointed_out() -> None:
    """A variable that nobody reads is worth a warning when it looks like one that is read."""
    assert loaded({"TOCSIN_HOTS": "x"}).warnings == (
        "TOCSIN_HOTS is no setting: did you mean TOCSIN_HOST?",
    )
    assert loaded({"TOCSIN_SOMETHING_ELSE": "x", "TOCSIN_TOKEN_FILE": "/x"}).warnings == ()


@pytest.mark.parametrize(
    ("host", "inside"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
     ("192.168.0.1", False), ("::", False), ("10.0.0.1", False), ("tocsin.example.com", False)],
)  # fmt: skip
def test_a_host_that_others_reach_needs_a_secret_key(host: str, inside: bool) -> None:
    """The refusal comes before anything listens."""
    assert is_loopback(host) is inside
    assert bool(unsafe(loaded({"TOCSIN_HOST": host}).settings)) is not inside
    assert unsafe(loaded({"TOCSIN_HOST": host, "TOCSIN_SECRET_KEY": STRONG}).settings) == ()


def test_processes_that_share_a_database_need_one_key() -> None:
    """A key of its own for each would break the chain; the demo shares with nobody."""
    told = {"DATABASE_URL": "postgresql://h/d"}
    settings = loaded(told).settings
    assert "the same key" in unsafe(settings)[0]
    assert unsafe(settings, alone=True) == ()
    assert unsafe(loaded(told | {"TOCSIN_SECRET_KEY": STRONG}).settings) == ()


def test_a_group_of_values_is_json_in_the_environment(tmp_path: Path) -> None:
    """And a mapping in the file; a field that is not known is named."""
    settings = loaded({"TOCSIN_GENERIC": '{"name": "check.name"}'}).settings
    assert settings.generic.name == ("check.name",)
    assert values(settings)["generic"] == {"name": ["check.name"]}
    in_yaml = in_file(tmp_path, "generic:\n  name: check.name\n")
    assert loaded(in_yaml).settings.generic == settings.generic
    assert "TOCSIN_GENERIC: nam: " in problems({"TOCSIN_GENERIC": '{"nam": "x"}'})[0]
    assert "TOCSIN_GENERIC: " in problems({"TOCSIN_GENERIC": "{"})[0]


def test_an_address_of_its_own_for_the_outside_needs_a_secret_key_too() -> None:
    """``TOCSIN_ACK_ADDR`` is there to be published."""
    settings = loaded({"TOCSIN_ACK_ADDR": "[::]:9000"}).settings
    assert settings.ack_addr == ("::", 9000)
    assert "TOCSIN_ACK_ADDR" in unsafe(settings)[0]
    assert unsafe(loaded({"TOCSIN_ACK_ADDR": "127.0.0.1:9000"}).settings) == ()
    assert "TOCSIN_ACK_ADDR:" in problems({"TOCSIN_ACK_ADDR": "9000"})[0]


def test_no_secret_is_ever_shown() -> None:
    """Neither by ``config show`` nor by printing the settings."""
    secrets = {
        "TOCSIN_SECRET_KEY": STRONG,
        "ANTHROPIC_API_KEY": "sk-canary-0",
        "DATABASE_URL": "postgresql://u:canary-1@h:5432/d",
        "TOCSIN_HEARTBEAT_URL": "https://u:canary-2@h/canary-3",
        "GRAFANA_WEBHOOK_SECRET": "canary-4",
    }
    settings = loaded(secrets).settings
    shown = f"{values(settings)} {settings!r} {settings}"
    assert "canary" not in shown
    assert STRONG not in shown
    assert "postgresql://u@h:5432/d" in shown
    known = {"sk-canary-0", "canary-1", "canary-2", "canary-4", STRONG}
    assert known < set(settings.secrets())


def test_the_example_names_exactly_what_there_is() -> None:
    """Every name in it is a setting, and those without our prefix are all there."""
    lines = Path(__file__).parents[2].joinpath(".env.example").read_text().splitlines()
    named = {
        line.lstrip("#").partition("=")[0] for line in lines if "=" in line and "(" not in line
    }
    outside = {one.variable for one in catalogue() if not one.variable.startswith("TOCSIN_")}
    known = {one.variable for one in catalogue()} | {"TOCSIN_URL", "TOCSIN_TOKEN"}
    assert outside <= named
    assert {name for name in named if not name.endswith("_WEBHOOK_SECRET")} <= known
