"""What changed before an incident, and what people said of it."""

from collections.abc import Iterable

from sqlalchemy import literal, select

from domain.incident import Incident
from domain.pipeline import called_here
from domain.service import Catalogue
from domain.suspects import WINDOW, Circumstances, HitRate, Suspect, SuspectJudged, words_of
from domain.suspects import suspects as ranked
from storage.catalog import Deployments, Services
from storage.scope import Scope
from storage.tables import catalog
from storage.tables.alerts import alerts
from storage.tables.incidents import incidents
from storage.tables.ledger import facts

SUBJECT = "incident:"


def _environment(incident: Incident) -> str:
    """What its alerts' labels say; production where none does."""
    labels = incident.labels
    return labels.get("env") or labels.get("environment") or ""


class Suspects:
    """Reads; what people say of a change is a fact of the incident."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.connection = scope.connection

    async def of(self, incident: Incident) -> tuple[Suspect, ...]:
        """The changes before it, without those of which somebody said no."""
        about = await self._circumstances(incident)
        table = catalog.deployments
        span = (table.c.started_at <= about.at, table.c.started_at >= about.at - 2 * WINDOW)
        deployments = Deployments(self.connection, locking=False)
        verdicts = await self._verdicts(incident.subject)
        no = (name for name, verdict in verdicts.items() if verdict == "no")
        return ranked(await deployments.where(*span), about, no)

    async def hit_rate(self) -> HitRate:
        """How often the change named first was it; private incidents do not count."""
        hidden = select(literal(SUBJECT).concat(incidents.c.id)).where(incidents.c.private)
        query = select(facts.c.subject, facts.c.payload).where(
            facts.c.kind == SuspectJudged.kind, facts.c.subject.not_in(hidden)
        )
        rows = await self.connection.execute(query.order_by(facts.c.id))
        last = {subject: told["verdict"] for subject, told in rows if told["first"]}
        hits = sum(1 for verdict in last.values() if verdict == "yes")
        return HitRate(hits=hits, judged=len(last))

    async def _verdicts(self, subject: str) -> dict[str, str]:
        """The last word on each change."""
        query = select(facts.c.payload).where(
            facts.c.subject == subject, facts.c.kind == SuspectJudged.kind
        )
        rows = (await self.connection.execute(query.order_by(facts.c.id))).scalars()
        return {told["deployment"]: told["verdict"] for told in rows}

    async def _circumstances(self, incident: Incident) -> Circumstances:
        services = await Services(self.connection, locking=False).where()
        return Circumstances(
            service=incident.service,
            environment=called_here(_environment(incident)),
            at=incident.impact_started_at or incident.detected_at,
            beneath=Catalogue(services).beneath(incident.service),
            words=words_of(await self._texts(incident.id)),
        )

    async def _texts(self, incident: str) -> Iterable[str]:
        query = select(alerts.c.name, alerts.c.summary).where(alerts.c.incident == incident)
        rows = (await self.connection.execute(query)).all()
        return [text for row in rows for text in row]
