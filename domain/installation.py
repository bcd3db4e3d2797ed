"""What an admin has settled for this installation, as far as decisions depend on it."""

from datetime import timedelta
from typing import Literal

from domain.base import Frozen
from domain.contact import ContactKind
from domain.severity import Severity

ModelPurpose = Literal["classify", "similar", "catchup", "postmortem", "ask", "cause"]


class Installation(Frozen):
    """Settings that commands and jobs read; secrets and addresses of peers are not among them.

    ``platforms`` are the chats that are connected, the home of incidents first and the built-in
    one always among them; ``incidents_rooms`` are those whose name differs from ``incidents_room``.
    ``notifies`` are the kinds of contact methods beside chat that are set up, ``senders`` the
    addresses from which they come, ``push_key`` the public key by which browsers are rung;
    ``webhooks`` are the names of those that policies may tell.
    ``call_template`` may hold ``{id}``; ``model_budget_usd`` bounds one incident. ``execution``
    says whether anything outside may be changed for everybody, ``execution_teams`` for whose
    services it may; ``self_confirm`` and ``break_glass`` are
    the two ways around a second person, ``step_up`` how recent a login the latter needs.
    ``automatic`` says whether runbooks may be run without anybody asking.
    ``freeze_on`` is the least severity of an incident with which a freeze of deployments begins,
    ``rollback_watch`` how long a service is watched after a rollback, zero for not at all,
    ``kubernetes_context`` which cluster of a kubeconfig file workloads are rolled back in.
    """

    public_url: str = "http://127.0.0.1:8000"
    platforms: tuple[str, ...] = ("console",)
    notifies: frozenset[ContactKind] = frozenset()
    senders: dict[ContactKind, str] = {}
    webhooks: frozenset[str] = frozenset()
    push_key: str = ""
    incidents_rooms: dict[str, str] = {}
    incidents_room: str = "incidents"
    room_name: str = "inc-{number}-{title}"
    default_policy: str | None = None
    call_template: str | None = None
    model_purposes: frozenset[ModelPurpose] = frozenset(
        {"classify", "similar", "catchup", "postmortem"}
    )
    model_may_wake: bool = False
    model_budget_usd: float = 0.01
    link_by_email: bool = False
    demo: bool = False
    execution: bool = False
    automatic: bool = False
    execution_teams: frozenset[str] = frozenset()
    self_confirm: bool = False
    break_glass: bool = True
    step_up: timedelta = timedelta(minutes=15)
    security_room: str | None = None
    freeze_on: Severity | None = Severity.SEV1
    rollback_watch: timedelta = timedelta(minutes=10)
    kubernetes_context: str = ""

    @property
    def home_platform(self) -> str:
        """Where rooms are opened: the first platform that is connected."""
        return self.platforms[0]

    @property
    def outside(self) -> tuple[str, ...]:
        """The platforms that are no part of Tocsin itself."""
        return tuple(one for one in self.platforms if one != "console")

    def executes(self, team: str | None) -> bool:
        """Whether anything outside may be changed for a team: its services rolled back, its
        runbooks carried out, its servers reached. Nothing may, until an admin says for whom; ``*``
        means everybody (rules.md 31)."""
        return self.execution or bool(self.execution_teams & {team, "*"})

    def announced_in(self, platform: str) -> str:
        """The room of a platform in which incidents are announced."""
        return self.incidents_rooms.get(platform, self.incidents_room)
