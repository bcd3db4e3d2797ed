"""CDEvents: services deployed, upgraded and rolled back, bare or inside a CloudEvent."""

from datetime import datetime
from urllib.parse import parse_qs, unquote

from pydantic import JsonValue

from domain.alert import Parsed
from domain.deploy_event import DeployEvent
from integrations.alerts.shape import Table, body_of, cut, link, needed_table, table, word
from integrations.deploys.shape import (
    NOTHING,
    UNKNOWN,
    document,
    needed,
    needed_instant,
    told,
    truth,
)

SOURCE = "cdevents"
BEGINNING = "dev.cdevents."
SUBJECT = "service/"
# rolled back: what runs from then on is what the event names
RUNS = ("service.deployed.", "service.upgraded.", "service.rolledback.")
DIGEST = 19


def parse(body: JsonValue, integration: str, received: datetime) -> Parsed:  # noqa: ARG001
    """Read one event; those of other kinds change nothing."""
    sent = body_of(body)
    event = document(sent.get("data")) if "data" in sent else sent
    context = table(event.get("context"), "context")
    kind = word(context.get("type"), "context.type")
    if not kind.startswith(BEGINNING):
        return UNKNOWN
    if not kind.removeprefix(BEGINNING).startswith(RUNS):
        return NOTHING
    return told(_event(event, context, integration))


def _event(event: Table, context: Table, integration: str) -> DeployEvent:
    subject = needed_table(event.get("subject"), "subject")
    content = needed_table(subject.get("content"), "subject.content")
    environment = needed_table(content.get("environment"), "subject.content.environment")
    artifact = needed(content.get("artifactId"), "subject.content.artifactId", 2048)
    custom = document(event.get("customData"))
    source = word(context.get("source"), "context.source")
    return DeployEvent(
        source=SOURCE,
        integration=integration,
        key=cut(f"{source}#{needed(context.get('id'), 'context.id')}", 2048),
        component=needed(subject.get("id"), "subject.id").removeprefix(SUBJECT),
        environment=needed(environment.get("id"), "subject.content.environment.id"),
        version=needed(custom.get("version") or version_in(artifact), "artifactId", 100),
        status="success",
        at=needed_instant(context.get("timestamp"), "context.timestamp"),
        url=link(custom.get("url"), "customData.url"),
        migration=truth(custom.get("migration")),
    )


def version_in(purl: str) -> str:
    """``pkg:oci/trino@sha256%3A…?tag=v248`` is v248; without a tag what stands behind the @."""
    path, _, asked = purl.partition("?")
    tag = parse_qs(asked).get("tag", [""])[0]
    behind = unquote(path.rpartition("@")[2] if "@" in path else path)
    digest = behind[:DIGEST] if behind.startswith("sha256:") else behind
    return tag or digest
