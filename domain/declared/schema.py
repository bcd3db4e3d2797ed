"""The JSON schema of the files, for editors: the items with the short forms that people write."""

from typing import Any

from pydantic import TypeAdapter

from domain.declared.items import KINDS

REF = "#/$defs/{model}"
ADDRESS = "https://json-schema.org/draft/2020-12/schema"
DURATION = {"type": "string", "pattern": r"^(\d+[smhdw])+$", "examples": ["5m", "1h30m"]}
# the definitions that may be written shorter, and how
SHORT = {
    "Target": {"type": "string", "pattern": "^(@|schedule:|team:|channel:|webhook:).+"},
    "GroupRole": {
        "type": "string",
        "pattern": "^(member|viewer|responder|commander|admin)(:.+)?$",
    },
    "Approver": {"type": "string", "pattern": "^(@.+|team:.+|role:(responder|commander))$"},
}
OPTIONAL = {
    "Team": ("name",),
    "Group": ("name",),
    "Schedule": ("name", "timezone", "overrides"),
    "EscalationPolicy": ("name",),
    "Rotation": ("timezone",),
}
UNWRITTEN = {"Schedule": "overrides", "Guard": "managed_by", "Layer": "shifts"}


def schema() -> dict[str, Any]:
    """One schema for every file."""
    lists: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for kind, model in KINDS.items():
        definition = TypeAdapter(model).json_schema(ref_template=REF)
        definitions |= definition.pop("$defs", {}) | {model.__name__: definition}
        lists[kind] = {"type": "array", "items": {"$ref": f"#/$defs/{model.__name__}"}}
    return {
        "$schema": ADDRESS,
        "title": "What Tocsin should know of an organisation",
        "type": "object",
        "additionalProperties": False,
        "properties": lists,
        "$defs": {name: _as_written(name, one) for name, one in definitions.items()},
    }


def _as_written(name: str, definition: dict[str, Any]) -> dict[str, Any]:
    """A definition with its short forms, and without what no file says."""
    told = dict(definition)
    fields = {
        key: _field(key, one)
        for key, one in told.get("properties", {}).items()
        if key != UNWRITTEN.get(name)
    }
    if fields:
        told["properties"] = fields
        told["required"] = [
            one for one in told.get("required", []) if one not in OPTIONAL.get(name, ())
        ]
    return {"anyOf": [SHORT[name], told]} if name in SHORT else told


def _field(name: str, definition: dict[str, Any]) -> dict[str, Any]:
    if definition.get("format") == "duration":
        return DURATION | {"description": definition.get("description", name)}
    if name == "participants":
        person = {"type": "string"}
        people = {"type": "array", "items": person, "minItems": 1}
        return {"type": "array", "items": {"anyOf": [person, people]}, "minItems": 1}
    return definition
