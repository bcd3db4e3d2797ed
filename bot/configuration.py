"""The typed settings: environment for secrets and addresses, a YAML file for the rest.

A flag wins over the environment, the environment over the file, the file over the default; each
setting remembers which of them it has its value from.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.sections import (
    ApprovalSettings,
    ArgoCdSettings,
    CalendarSettings,
    ChatSettings,
    CommandSettings,
    DeploySettings,
    DiscordSettings,
    ExecutionSettings,
    GitHubSettings,
    GitLabSettings,
    KubernetesSettings,
    ModelSettings,
    PagerDutySettings,
    PagingWebhookSettings,
    PushoverSettings,
    RunbookSettings,
    Section,
    SecuritySettings,
    SlackSettings,
    TeamsSettings,
    TwilioSettings,
    VapidSettings,
)
from bot.setting_kinds import (
    MAKE_ONE,
    Address,
    DatabaseUrl,
    Env,
    HostPort,
    MailUrl,
    Secret,
    Words,
    document,
    is_text,
    words,
)
from integrations.alerts.generic import Mapping as GenericMapping


class Settings(BaseSettings):
    """Everything an installation is told from outside."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    data_dir: Annotated[Path, Env("TOCSIN_DATA_DIR")] = Field(
        Path("var"), description="Directory for the SQLite database, its copies and the lock"
    )
    database_url: Annotated[DatabaseUrl | None, Env("DATABASE_URL")] = Field(
        None,
        description="sqlite:///path or postgresql://…; without it SQLite in the data directory",
    )
    config: Annotated[Path | None, Env("TOCSIN_CONFIG")] = Field(
        None, description="YAML file, or directory of them, with the settings that have a key"
    )
    host: Annotated[str, Env("TOCSIN_HOST")] = Field(
        "127.0.0.1", description="Address to listen on; outside loopback a secret key is a must"
    )
    port: Annotated[int, Env("PORT")] = Field(8000, ge=0, le=65535, description="Port to listen on")
    ack_addr: Annotated[HostPort | None, Env("TOCSIN_ACK_ADDR")] = Field(
        None, description="host:port for hooks and acknowledge links alone, to be published"
    )
    public_url: Annotated[Address | None, Env("TOCSIN_PUBLIC_URL", file=True)] = Field(
        None, description="Address under which people reach Tocsin; stands in pages and cards"
    )
    trusted_proxies: Annotated[Words, Env("TOCSIN_TRUSTED_PROXIES")] = Field(
        (), description="Addresses of proxies whose X-Forwarded-For is believed, by commas"
    )
    secret_key: Annotated[Secret | None, Env("TOCSIN_SECRET_KEY")] = Field(
        None, description="At least 32 random characters; made and kept in the data directory"
    )
    secret_key_previous: Annotated[SecretStr | None, Env("TOCSIN_SECRET_KEY_PREVIOUS")] = Field(
        None, description="Keys used before, by commas: seals verify, page links lead on"
    )
    heartbeat_url: Annotated[SecretStr | None, Env("TOCSIN_HEARTBEAT_URL")] = Field(
        None, description="Called every 20 s while every duty is done: whoever misses it, alarms"
    )
    smtp_url: Annotated[MailUrl | None, Env("SMTP_URL")] = Field(
        None,
        description="Pages by e-mail: smtp://user:password@host:587?from=tocsin@example.com",
    )
    ntfy_url: Annotated[Address | None, Env("NTFY_URL")] = Field(
        None, description="Pages by ntfy, which wakes people: https://ntfy.sh or a server of yours"
    )
    ntfy_token: Annotated[SecretStr | None, Env("NTFY_TOKEN")] = Field(
        None, description="Access token for an ntfy server that lets not everybody publish"
    )
    anthropic_api_key: Annotated[SecretStr | None, Env("ANTHROPIC_API_KEY")] = Field(
        None, description="Lets Claude refine what rules have decided"
    )
    anthropic_base_url: Annotated[Address, Env("ANTHROPIC_BASE_URL")] = Field(
        "https://api.anthropic.com", description="Address of the Messages API"
    )
    webhook_secrets: dict[str, SecretStr] = Field(
        default_factory=dict, description="Secrets by which senders sign; two by comma to rotate"
    )
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        BeforeValidator(lambda value: value.lower() if is_text(value) else value),
        Env("LOG_LEVEL"),
    ] = Field("info", description="Least severity that is logged")
    log_format: Annotated[Literal["auto", "json", "console"], Env("LOG_FORMAT")] = Field(
        "auto", description="json, console, or auto: console on a terminal"
    )
    default_policy: str | None = Field(
        None, description="Escalation policy of alerts that no route takes"
    )
    call_template: str | None = Field(
        None, description="Address of an incident's call, like https://meet.example.com/{id}"
    )
    chat: ChatSettings = ChatSettings()
    commands: CommandSettings = CommandSettings()
    slack: SlackSettings = SlackSettings()
    discord: DiscordSettings = DiscordSettings()
    teams: TeamsSettings = TeamsSettings()
    twilio: TwilioSettings = TwilioSettings()
    pushover: PushoverSettings = PushoverSettings()
    pagerduty: PagerDutySettings = PagerDutySettings()
    paging_webhooks: PagingWebhookSettings = PagingWebhookSettings()
    vapid: VapidSettings = VapidSettings()
    calendars: CalendarSettings = CalendarSettings()
    approvals: ApprovalSettings = ApprovalSettings()
    security: SecuritySettings = SecuritySettings()
    deploys: DeploySettings = DeploySettings()
    runbooks: RunbookSettings = RunbookSettings()
    execution: ExecutionSettings = ExecutionSettings()
    github: GitHubSettings = GitHubSettings()
    gitlab: GitLabSettings = GitLabSettings()
    argocd: ArgoCdSettings = ArgoCdSettings()
    kubernetes: KubernetesSettings = KubernetesSettings()
    llm: ModelSettings = ModelSettings()
    generic: Annotated[GenericMapping, BeforeValidator(document)] = Field(
        GenericMapping(), description="Where the generic source finds each field of a body"
    )

    @property
    def database(self) -> str:
        """The URL of the database."""
        if self.database_url is None:
            return f"sqlite:///{self.data_dir / 'tocsin.db'}"
        return self.database_url.get_secret_value()

    @property
    def sqlite(self) -> bool:
        """Whether the database is a file."""
        return self.database.startswith("sqlite")

    @property
    def previous_keys(self) -> tuple[str, ...]:
        """The secret keys that were used before."""
        given = self.secret_key_previous
        return tuple(words(given.get_secret_value())) if given else ()

    @property
    def address(self) -> str:
        """The public address, or the one that is listened on."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    def secrets(self) -> tuple[str, ...]:
        """Every secret that must never be shown, passwords inside addresses too."""
        given = [value_of(self, one.path) for one in catalogue() if one.secret]
        named = [one for one in given if isinstance(one, dict)]
        several = (one for each in (*named, self.webhook_secrets) for one in each.values())
        values = (*(one for one in given if one not in named), *several)
        told = [value.get_secret_value() for value in values if value]
        quoted = [urlsplit(value).password or "" for value in told if "://" in value]
        passwords = (*quoted, *map(unquote, quoted))
        whole = [value for value in told if value != self.database]
        parts = [part for value in (*whole, *passwords) for part in _parts(value)]
        return tuple(dict.fromkeys(part for part in parts if part))


def _parts(secret: str) -> tuple[str, ...]:
    """A secret, and each of several in a comma list."""
    return (secret, *words(secret)) if "," in secret else (secret,)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


ONE_KEY = (
    "On PostgreSQL every process must seal the audit trail with the same key,"
    f" but TOCSIN_SECRET_KEY is not set. Make one: {MAKE_ONE}"
)


def unsafe(settings: Settings, *, alone: bool = False) -> tuple[str, ...]:
    """Why a server may not start with these settings; empty where it may.

    ``alone`` says that no other process will ever share its database.
    """
    reached = {"TOCSIN_HOST": settings.host}
    if settings.ack_addr is not None:
        reached["TOCSIN_ACK_ADDR"] = settings.ack_addr[0]
    if settings.secret_key is not None:
        return ()
    exposed = tuple(
        f"{name} is {host}, so others can reach Tocsin, but TOCSIN_SECRET_KEY is not set. "
        f"Make one: {MAKE_ONE}"
        for name, host in reached.items()
        if not is_loopback(host)
    )
    return exposed if settings.sqlite or alone else (*exposed, ONE_KEY)


UNSIGNED = (
    "TEAMS_APP_PASSWORD is not set, so anybody could speak as Teams: set it. The Agents Playground"
    " does without, where TOCSIN_HOST, TOCSIN_PUBLIC_URL and TEAMS_SERVICE_URL are all on this"
    " machine"
)
NO_TENANT = "TEAMS_APP_ID is set, but not whose people are served: set TEAMS_TENANT_ID"


def unproven(settings: Settings) -> tuple[str, ...]:
    """Why it could not be told who speaks through Teams; empty where it can, or nobody does."""
    told = settings.teams
    if told.app_id is None:
        return ()
    if told.tenant_id is None:
        return (NO_TENANT,)
    if told.app_password is not None:
        return ()
    addresses = (urlsplit(one).hostname for one in (settings.address, told.service_url or ""))
    hosts = (settings.host, *(settings.ack_addr or ())[:1], *addresses)
    return () if all(is_loopback(str(one)) for one in hosts) else (UNSIGNED,)


@dataclass(frozen=True)
class Setting:
    """One setting as documents and ``config show`` tell of it; ``path`` leads to its value."""

    path: tuple[str, ...]
    variable: str
    file: bool
    secret: bool
    description: str
    default: str

    @property
    def key(self) -> str:
        """Its name in the YAML file."""
        return ".".join(self.path)


@cache
def catalogue() -> tuple[Setting, ...]:
    """Every setting with a name of its own; ``<SOURCE>_WEBHOOK_SECRET`` are told apart."""
    return tuple(_of(Settings, ()))


def value_of(settings: Settings, path: Iterable[str]) -> Any:
    """The value at ``path``."""
    found: Any = settings
    for name in path:
        found = getattr(found, name)
    return found


def _of(model: type[BaseModel], above: tuple[str, ...]) -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        kind, path = field.annotation, (*above, name)
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from _of(kind, path)
        elif name != "webhook_secrets":
            yield _setting(path, field)


def _setting(path: tuple[str, ...], field: Any) -> Setting:
    named = next((one for one in field.metadata if isinstance(one, Env)), None)
    variable = named.variable if named else "TOCSIN_" + "__".join(path).upper()
    return Setting(
        path=path,
        variable=variable,
        file=named is None or named.file,
        secret="SecretStr" in str(field.annotation),
        description=field.description or "",
        default=_shown(field.default),
    )


def _shown(value: Any) -> str:
    if isinstance(value, BaseModel):
        return ""
    if isinstance(value, tuple | frozenset):
        return ", ".join(sorted(map(str, value)))
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def shown(setting: Setting, value: Any) -> Any:
    """The value as it may be printed: a secret only as dots, an address without its password."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    if setting.secret and isinstance(value, dict):
        return dict.fromkeys(value, "••••••••")
    if not isinstance(value, SecretStr):
        return sorted(value) if isinstance(value, frozenset) else value
    url = urlsplit(value.get_secret_value())
    if setting.variable != "DATABASE_URL":
        return "••••••••"
    who, at, where = url.netloc.rpartition("@")
    return url._replace(netloc=f"{who.partition(':')[0]}{at}{where}").geturl()


def values(settings: Settings) -> Mapping[str, Any]:
    """Every value as it may be printed, by its key."""
    return {one.key: shown(one, value_of(settings, one.path)) for one in catalogue()}
