"""What the environment says: variables, then ``.env``; each name also as ``NAME_FILE``.

The only module that reads the environment, and light on purpose: every command starts here.
`bot.configuration` makes typed settings of it.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DOTENV = Path(".env")
DATA_DIR = "var"
LONGEST_SECRET_FILE = 64 * 1024


class SettingsError(Exception):
    """Everything that is wrong with the settings, one sentence each, told at once."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Said:
    """A value as it was written, and where: ``PORT``, ``PORT in .env``, ``TOKEN_FILE``."""

    value: str
    origin: str


@dataclass(frozen=True)
class Environment:
    """Names and values, the strongest place first. An empty value is no value."""

    places: tuple[tuple[str, Mapping[str, str]], ...]

    def find(self, name: str) -> Said | None:
        """What is said about ``name``; raises `SettingsError` where its file cannot be read."""
        for where, values in self.places:
            if values.get(name) and values.get(f"{name}_FILE"):
                raise SettingsError((f"{name} and {name}_FILE are both set: keep one of them",))
            if value := values.get(name):
                return Said(value, f"{name}{where}")
            if path := values.get(f"{name}_FILE"):
                return Said(_secret_in(f"{name}_FILE", Path(path)), f"{name}_FILE{where}")
        return None

    def names(self) -> Iterator[str]:
        """Every name that is set, ``NAME_FILE`` as ``NAME`` too."""
        for _, values in self.places:
            for name, value in values.items():
                if value:
                    yield name
                    yield name.removesuffix("_FILE")


def environment(given: Mapping[str, str] | None = None) -> Environment:
    """The environment over ``.env`` in the working directory; or ``given`` and nothing else."""
    if given is not None:
        return Environment((("", given),))
    return Environment((("", dict(os.environ)), (" in .env", _dotenv())))


@dataclass(frozen=True)
class Client:
    """What the command line needs to speak to a running Tocsin; None where it is not said."""

    url: str | None
    token: str | None
    data_dir: Path


def client(said: Environment) -> Client:
    """How to reach a running Tocsin, by ``TOCSIN_URL``, ``TOCSIN_TOKEN``, ``TOCSIN_DATA_DIR``."""
    url, token, kept = (said.find(f"TOCSIN_{name}") for name in ("URL", "TOKEN", "DATA_DIR"))
    return Client(
        url=url.value.rstrip("/") if url else None,
        token=token.value if token else None,
        data_dir=Path(kept.value if kept else DATA_DIR),
    )


def _dotenv() -> dict[str, str]:
    if not DOTENV.is_file():
        return {}
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(DOTENV).items() if value is not None}


def _secret_in(name: str, path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(LONGEST_SECRET_FILE).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise SettingsError((f"{name}: cannot read {path}: {reason}",)) from None
