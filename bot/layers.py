"""Four places give settings: flags, the environment, the YAML file, defaults, strongest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_settings import PydanticBaseSettingsSource

from bot.configuration import Settings, catalogue
from bot.settings import Environment, SettingsError, environment
from bot.yaml_files import NotRead, composed, plain
from domain.suggest import nearest

WEBHOOK = "_WEBHOOK_SECRET"


@dataclass(frozen=True)
class Given:
    """A value before it is checked, and what to call the place it came from."""

    value: Any
    origin: str


@dataclass
class Layer:
    """One place's values by dotted key, and what is wrong with it by itself."""

    values: dict[str, Given] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Loaded:
    """The settings; ``origins`` names the place of every value that is no default.

    ``warnings`` are names in the environment that look like a slip of the pen.
    """

    settings: Settings
    origins: Mapping[str, str]
    warnings: tuple[str, ...]


def load(flags: Mapping[str, Any] | None = None, said: Environment | None = None) -> Loaded:
    """Read every place; raises `SettingsError` with everything that is wrong at once."""
    said = said or environment()
    given = Layer({name: Given(value, f"--{name}") for name, value in (flags or {}).items()})
    variables = from_environment(said)
    config = variables.values.get("config")
    file = from_yaml(Path(config.value)) if config else Layer()
    layers = (given, variables, file)
    problems = [problem for layer in layers for problem in layer.problems]
    origins = {key: one.origin for layer in reversed(layers) for key, one in layer.values.items()}
    try:
        sources = tuple(_Source(layer) for layer in layers)
        settings = Settings(_build_sources=(sources, {}))
    except ValidationError as error:
        problems += [_told(fault, origins) for fault in error.errors(include_input=False)]
    if problems:
        raise SettingsError(tuple(problems))
    return Loaded(settings, origins, tuple(_slips(said)))


def from_environment(said: Environment) -> Layer:
    """The variables of the catalogue, and the webhook secrets by their source."""
    layer = Layer()
    wanted = {one.variable: one.key for one in catalogue()}
    for name in said.names():
        if name.endswith(WEBHOOK):
            wanted[name] = f"webhook_secrets.{name.removesuffix(WEBHOOK).lower()}"
    for name, key in wanted.items():
        try:
            found = said.find(name)
        except SettingsError as error:
            layer.problems += error.problems
            continue
        if found:
            layer.values[key] = Given(found.value, found.origin)
    return layer


def from_yaml(path: Path) -> Layer:
    """The settings in a file, or in every ``*.yaml`` of a directory."""
    files = sorted(path.glob("*.y*ml")) if path.is_dir() else [path]
    if not files:
        return Layer(problems=[f"TOCSIN_CONFIG: there is no .yaml file in {path}"])
    return reduce(_joined, (_from_file(file) for file in files), Layer())


class _Source(PydanticBaseSettingsSource):
    """A layer as pydantic-settings merges them."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(Settings)
        self.layer = layer

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """One setting by its own name; groups of settings come whole, by calling the source."""
        given = self.layer.values.get(field_name)
        return (given.value if given else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        nested: dict[str, Any] = {}
        for key, given in self.layer.values.items():
            *above, last = key.split(".")
            inside = nested
            for name in above:
                inside = inside.setdefault(name, {})
            inside[last] = given.value
        return nested


def _joined(one: Layer, other: Layer) -> Layer:
    twice = one.values.keys() & other.values.keys()
    told = [
        f"{key} is set in {one.values[key].origin} and in {other.values[key].origin}"
        for key in sorted(twice)
    ]
    return Layer(one.values | other.values, one.problems + other.problems + told)


def _from_file(path: Path) -> Layer:
    try:
        node = composed(path)
        if node is None:
            return Layer()
        if not isinstance(node, yaml.MappingNode):
            return Layer(problems=[f"{path}:1: settings are `name: value` lines"])
        return _read(node, path)
    except NotRead as error:
        return Layer(problems=[_unread(error, path)])


def _read(node: yaml.MappingNode, path: Path) -> Layer:
    layer = Layer()
    for key, where, value in _leaves(node, path, ""):
        problem = _unfit(key)
        if problem:
            layer.problems.append(f"{where}: {problem}")
        else:
            layer.values[key] = Given(value, where)
    return layer


def _unread(error: NotRead, path: Path) -> str:
    if error.line:
        return f"{path}:{error.line}: {error.text}"
    return f"TOCSIN_CONFIG: {path} {error.text}"


def _leaves(node: yaml.MappingNode, path: Path, above: str) -> Iterator[tuple[str, str, Any]]:
    """Dotted key, place and value of everything that is written in the file."""
    sections = {one.path[0] for one in catalogue() if len(one.path) > 1}
    for name, value in node.value:
        key = f"{above}{name.value}"
        if isinstance(value, yaml.MappingNode) and key in sections:
            yield from _leaves(value, path, f"{key}.")
        else:
            yield key, f"{path}:{name.start_mark.line + 1}", plain(value)


def _unfit(key: str) -> str | None:
    """Why ``key`` may not stand in the file."""
    known = {one.key: one for one in catalogue()}
    if key not in known:
        return _unknown(key, [one.key for one in known.values() if one.file])
    setting = known[key]
    if setting.secret:
        variable = setting.variable
        return f"{key} is a secret and does not belong in a file: set {variable} or {variable}_FILE"
    return None if setting.file else f"{key} does not belong in the file: set {setting.variable}"


def _unknown(key: str, known: list[str]) -> str:
    meant = nearest(key, known)
    hint = f"Did you mean {meant}?" if meant else f"There are: {', '.join(known)}"
    return f"there is no setting {key}. {hint}"


def _told(fault: Any, origins: Mapping[str, str]) -> str:
    """A fault as a sentence: what to set, what is wrong with it, where it was given."""
    key, inside = _key(fault["loc"])
    named = next((one.variable for one in catalogue() if one.key == key), key)
    reason = fault["msg"].removeprefix("Value error, ").replace("Input should", "should", 1)
    return f"{named}: {inside}{reason} (given by {origins.get(key, 'default')})"


def _key(loc: tuple[Any, ...]) -> tuple[str, str]:
    """The setting a fault lies in, and which of its own fields, if it has any."""
    keys = {one.key for one in catalogue()}
    whole = ".".join(str(part) for part in loc)
    key = next((whole[:end] for end in _ends(whole) if whole[:end] in keys), whole)
    inside = whole[len(key) + 1 :]
    return key, f"{inside}: " if inside and not inside.isdigit() else ""


def _ends(dotted: str) -> Iterator[int]:
    """Where each part of a dotted name ends, the longest first."""
    ends = [at for at, letter in enumerate(dotted) if letter == "."]
    return iter([len(dotted), *reversed(ends)])


def _slips(said: Environment) -> Iterator[str]:
    known = {one.variable for one in catalogue()} | {"TOCSIN_URL", "TOCSIN_TOKEN"}
    for name in sorted(set(said.names())):
        if not name.startswith("TOCSIN_") or name.removesuffix("_FILE") in known:
            continue
        if meant := nearest(name, known):
            yield f"{name} is no setting: did you mean {meant}?"
