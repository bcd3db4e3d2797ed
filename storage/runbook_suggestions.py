"""The runbook to look at first for an incident."""

from domain.incident import Incident
from domain.runbook_suggestion import Suggestion, Trouble, suggested, urls_of
from storage.alerts import Alerts
from storage.catalog import Catalog

MOST_ALERTS = 20


class RunbookSuggestions:
    """Found by what the alerts say, among the runbooks that there are."""

    def __init__(self, catalog: Catalog, alerts: Alerts) -> None:
        self._catalog = catalog
        self._alerts = alerts

    async def of(self, incident: Incident) -> Suggestion | None:
        """What its card names; None where nothing fits."""
        alerts = (await self._alerts.of(incident.id))[:MOST_ALERTS]
        words = [incident.title, *(f"{one.name} {one.summary}" for one in alerts)]
        trouble = Trouble(
            service=incident.service,
            words=" ".join(dict.fromkeys(words)),
            urls=urls_of(one.annotations for one in alerts),
        )
        shelf = await self._catalog.runbooks.where()
        return suggested(trouble, sorted(shelf, key=lambda one: one.id))
