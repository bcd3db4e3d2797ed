"""The seeded company: four people, two teams, a data platform of 21 components."""

from datetime import date, datetime, time, timedelta

from bot.demo.runbooks import WITH_STEPS
from domain.actor import Binding, Role
from domain.escalation import EscalationPolicy, Step, Target
from domain.guard import Approver, Guard
from domain.rotation import Rotation
from domain.runbook import Runbook
from domain.schedule import Layer, Schedule
from domain.service import Service
from domain.team import Team
from storage.people import User

PLATFORM, WEB = "data-platform", "web"
PEOPLE = {
    "alice": ("Alice", PLATFORM, (Role.COMMANDER, Role.ADMIN)),
    "bob": ("Bob", PLATFORM, (Role.RESPONDER,)),
    "carol": ("Carol", WEB, (Role.RESPONDER,)),
    "dave": ("Dave", WEB, (Role.VIEWER,)),
}
TEAMS = (
    Team(id=PLATFORM, name="Data platform", lead="alice", alert_room="alerts-data-platform"),
    Team(id=WEB, name="Web", lead="carol", alert_room="alerts-web"),
)
# component: tier, what it needs
COMPONENTS: dict[str, tuple[int, tuple[str, ...]]] = {
    "etcd": (1, ()),
    "zookeeper": (1, ()),
    "patroni": (1, ("etcd",)),
    "postgresql": (1, ("patroni",)),
    "pgbouncer": (2, ("postgresql",)),
    "minio": (1, ()),
    "redis": (2, ()),
    "keycloak": (1, ("postgresql",)),
    "nginx": (1, ("keycloak",)),
    "kafka": (1, ("zookeeper",)),
    "schema-registry": (2, ("kafka",)),
    "nessie": (2, ("postgresql",)),
    "trino": (1, ("nessie", "minio", "postgresql")),
    "spark": (2, ("nessie", "minio")),
    "flink": (2, ("kafka", "minio")),
    "clickhouse": (1, ("zookeeper",)),
    "airflow": (2, ("postgresql", "redis")),
    "superset": (3, ("trino", "postgresql")),
    "prometheus": (2, ()),
    "alertmanager": (2, ("prometheus",)),
    "grafana": (3, ("prometheus",)),
}
RUNBOOKS = (
    (
        "postgresql-failover",
        "PostgreSQL failover",
        "postgresql",
        "1. Ask Patroni who leads: patronictl list.\n"
        "2. If nobody does, look at etcd first.\n"
        "3. Switch over to the replica with the least lag.",
    ),
    (
        "patroni-no-leader",
        "Patroni has no leader",
        "patroni",
        "1. Check that etcd has a quorum.\n"
        "2. Restart Patroni on the node with the newest timeline.",
    ),
    (
        "kafka-under-replicated",
        "Kafka partitions under-replicated",
        "kafka",
        "1. Find the broker that left.\n2. Look at its disk.\n3. Start it; watch the count fall.",
    ),
    (
        "clickhouse-parts",
        "ClickHouse has too many parts",
        "clickhouse",
        "1. Stop the noisiest insert job.\n2. Wait for merges.\n3. Batch the inserts.",
    ),
)
# days ago, component, title, severity, minutes to acknowledge and to resolve, what ended it
PAST = (
    (2, "kafka", "Kafka consumers lag by 40 minutes", "SEV3", 3, 55, "restarted broker 2"),
    (4, "trino", "Trino queries failing for analysts", "SEV2", 1, 38, "rolled back to v246"),
    (6, "minio", "MinIO at 96 % of its disks", "SEV3", 6, 80, "expired old versions"),
    (9, "postgresql", "PostgreSQL replica 12 minutes behind", "SEV3", 4, 47, "rebuilt the replica"),
    (12, "airflow", "Airflow scheduler stuck", "SEV4", 11, 30, "restarted the scheduler"),
    (16, "clickhouse", "ClickHouse refuses inserts", "SEV2", 2, 64, "batched the inserts"),
    (20, "keycloak", "Nobody can log in", "SEV1", 1, 26, "renewed the certificate"),
    (25, "flink", "Flink job restarts every minute", "SEV3", 5, 70, "raised its memory"),
    (33, "patroni", "Patroni lost its leader twice", "SEV2", 2, 41, "replaced an etcd disk"),
    (41, "trino", "Trino coordinator out of memory", "SEV2", 3, 33, "lowered a query limit"),
    (52, "nginx", "502 on the platform's front door", "SEV2", 1, 18, "reloaded the upstreams"),
    (63, "spark", "Nightly Spark jobs four hours late", "SEV3", 8, 190, "added two workers"),
)
# hours ago, component, version; the newest one is what the scenario bad-deploy is about
DEPLOYMENTS = (
    (0.1, "trino", "v248"),
    (3, "superset", "v4.1.1"),
    (9, "airflow", "v2.10.4"),
    (26, "kafka", "v3.9.0"),
    (30, "trino", "v247"),
    (49, "flink", "v1.20.1"),
    (73, "nessie", "v0.101.2"),
    (98, "trino", "v246"),
    (121, "clickhouse", "v24.11"),
    (150, "keycloak", "v26.0.7"),
    (171, "spark", "v3.5.4"),
    (200, "minio", "v2025-09"),
    (240, "grafana", "v11.4"),
)
# whose new versions change their own database
MIGRATING = frozenset({"superset", "airflow", "keycloak", "grafana"})


def people(now: datetime) -> tuple[User, ...]:
    """The four, with addresses at example.com."""
    return tuple(
        User(id=id, name=name, email=f"{id}@example.com", team=team, created_at=now)
        for id, (name, team, _) in PEOPLE.items()
    )


def guards() -> tuple[Guard, ...]:
    """Rolling production back takes a second responder."""
    approvers = (Approver(kind="role", id=Role.RESPONDER),)
    production = Guard(
        id="rollback-start-environment-prod",
        command="rollback start",
        when={"environment": "prod"},
        approvers=approvers,
        danger="reversible",
    )
    return (production,)


def bindings() -> tuple[Binding, ...]:
    """Their roles."""
    return tuple(
        Binding(subject=id, role=role) for id, (_, _, roles) in PEOPLE.items() for role in roles
    )


def services() -> tuple[Service, ...]:
    """The components, owned by the data platform, and the shop in front, owned by web."""
    platform = tuple(
        Service(
            id=id,
            name=id,
            team=PLATFORM,
            policy=PLATFORM,
            tier=tier,
            depends_on=needs,
        )
        for id, (tier, needs) in COMPONENTS.items()
    )
    shop = Service(id="storefront", name="storefront", team=WEB, policy=WEB, tier=1)
    return (*platform, shop)


def policies() -> tuple[EscalationPolicy, ...]:
    """First who is on call for the team, then who is for the other; at last everybody."""
    return (_policy(PLATFORM, WEB), _policy(WEB, PLATFORM))


def _policy(first: str, second: str) -> EscalationPolicy:
    steps = tuple(Step(targets=(Target(kind="schedule", id=one),)) for one in (first, second))
    everybody = tuple(Target(kind="user", id=one) for one in ("alice", "bob", "carol"))
    return EscalationPolicy(id=first, name=first, team=first, steps=steps, last_resort=everybody)


def schedules(today: date) -> tuple[Schedule, ...]:
    """Weekly rotations whose present shift began three days ago: bob first, carol second."""
    return (
        _schedule(PLATFORM, ("bob", "carol"), today),
        _schedule(WEB, ("carol", "bob"), today),
    )


def _schedule(team: str, turn: tuple[str, str], today: date) -> Schedule:
    rotation = Rotation(
        kind="weekly",
        length=1,
        start=datetime.combine(today - timedelta(days=3), time(9)),
        timezone="UTC",
        participants=tuple((person,) for person in turn),
    )
    layer = Layer(name="weekly", rotation=rotation)
    return Schedule(id=team, name=team, team=team, timezone="UTC", layers=(layer,))


def runbooks() -> tuple[Runbook, ...]:
    """Six runbooks: two with steps that can be run, four as text."""
    texts = (
        Runbook(id=id, title=title, service=service, body=body)
        for id, title, service, body in RUNBOOKS
    )
    return (*WITH_STEPS, *texts)
