"""Kinds of settings, as the environment and the YAML file give them."""

import json
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr, TypeAdapter

from domain.egress import named_hooks
from integrations.notify.email import mail_server

SHORTEST_SECRET = 32
FEWEST_LETTERS = 8
MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
HTTP = TypeAdapter(HttpUrl)


@dataclass(frozen=True)
class Env:
    """A setting given by this variable; without it the name is ``TOCSIN_`` and its path.

    ``file`` says that it may stand in the YAML file too, as settings without an `Env` may.
    """

    variable: str
    file: bool = False


def words(value: Any) -> Any:
    """A comma list, as the environment writes it."""
    return [one.strip() for one in value.split(",") if one.strip()] if is_text(value) else value


def document(value: Any) -> Any:
    """A group of values, as the environment writes it: in JSON."""
    return json.loads(value) if is_text(value) else value


def is_text(value: Any) -> bool:
    """Whether it comes from the environment."""
    return isinstance(value, str)


def _web_address(value: str) -> str:
    HTTP.validate_python(value)
    return value.rstrip("/")


def _strong(value: SecretStr) -> SecretStr:
    said = value.get_secret_value()
    if len(said) < SHORTEST_SECRET or len(set(said)) < FEWEST_LETTERS:
        raise ValueError(
            f"must be at least {SHORTEST_SECRET} random characters; make one: {MAKE_ONE}"
        )
    return value


def _mail_server(value: SecretStr) -> SecretStr:
    mail_server(value.get_secret_value())
    return value


def _named_hooks(value: SecretStr) -> SecretStr:
    named_hooks(value.get_secret_value())
    return value


def _database(value: SecretStr) -> SecretStr:
    scheme = value.get_secret_value().partition(":")[0].partition("+")[0]
    if scheme not in ("sqlite", "postgresql", "postgres"):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return value


def databases(value: dict[str, SecretStr]) -> dict[str, SecretStr]:
    """Addresses of databases by their names. Raises `ValueError`."""
    for name, url in value.items():
        if urlsplit(url.get_secret_value()).scheme not in ("postgresql", "postgres"):
            raise ValueError(f"{name} must begin with postgresql://")
    return value


def without_slash(value: Any) -> Any:
    """A command's name."""
    return value.removeprefix("/") if is_text(value) else value


def _host_port(value: Any) -> Any:
    """``host:port`` as the environment writes it."""
    host, _, port = value.rpartition(":") if is_text(value) else ("", "", "")
    return (host.strip("[]"), port) if host else value


HostPort = Annotated[tuple[str, Annotated[int, Field(ge=0, le=65535)]], BeforeValidator(_host_port)]
Address = Annotated[str, AfterValidator(_web_address)]
Secret = Annotated[SecretStr, AfterValidator(_strong)]
NamedHooks = Annotated[SecretStr, AfterValidator(_named_hooks)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database)]
MailUrl = Annotated[SecretStr, AfterValidator(_mail_server)]
Words = Annotated[tuple[str, ...], BeforeValidator(words)]
