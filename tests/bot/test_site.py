"""The site as it is put together from settings."""

from datetime import UTC, datetime

from bot.configuration import Settings
from bot.site import alert_sources
from integrations.alerts.generic import Mapping

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_the_generic_source_reads_by_the_mapping_of_the_settings() -> None:
    """What an admin maps is what a body means; the other sources stay as they are."""
    settings = Settings.model_construct(generic=Mapping(name=("check.title",)))
    found = alert_sources(settings)
    parsed = found["generic"].parse({"check": {"title": "Disk full"}}, "generic/x", NOON)
    assert [signal.name for signal in parsed.signals] == ["Disk full"]
    assert {"alertmanager", "grafana", "pagerduty"} < set(found)
