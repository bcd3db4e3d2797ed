"""Groups of settings, as the environment and the YAML file give them."""

from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from bot.setting_kinds import (
    Address,
    Env,
    NamedHooks,
    Secret,
    Words,
    databases,
    document,
    without_slash,
    words,
)
from domain.actor import Role
from domain.egress import named_hooks
from domain.installation import ModelPurpose
from domain.room_name import room_template
from integrations.notify.sealed import private_key


class Section(BaseModel):
    """A group of settings in the YAML file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ChatSettings(Section):
    """Rooms on every chat platform."""

    incidents_room: str = Field("incidents", description="Room in which incidents are announced")
    room_name: Annotated[str, AfterValidator(room_template)] = Field(
        "inc-{number}-{title}",
        description="How an incident's room is called: {number}, {title}, {service}, {severity}",
    )
    external_channels: Words = Field(
        (),
        description="Channels, by name or id, in which cards may be posted though people of other"
        " companies read them",
    )
    home: Literal["slack", "discord", "teams", "console"] | None = Field(
        None, description="Chat in which incidents get their room; the first that is connected"
    )
    link_by_email: bool | None = Field(
        None,
        description="Whether an account with a person's confirmed e-mail is theirs; on in the demo",
    )


class CommandSettings(Section):
    """How commands begin in Slack, where another tool may have their names."""

    prefix: str = Field(
        "",
        pattern=r"^[a-z0-9_-]{0,12}$",
        description="Stands before every command in Slack: acme- makes /acme-incident",
    )
    single_root: Annotated[str | None, BeforeValidator(without_slash)] = Field(
        None,
        pattern=r"^[a-z0-9_-]{1,20}$",
        description="The only command in Slack, like tocsin: /tocsin incident declare",
    )


class ModelSettings(Section):
    """What a language model may do (it never decides who is woken)."""

    purposes: Annotated[frozenset[ModelPurpose], BeforeValidator(words)] = Field(
        frozenset({"classify", "similar", "catchup", "postmortem"}),
        description="What a model may be used for: " + ", ".join(get_args(ModelPurpose)),
    )
    may_wake: bool = Field(
        False, description="Whether a model's raise may page, one step of severity at most"
    )
    private: bool = Field(False, description="Whether a model may read private incidents")
    budget_usd: float = Field(0.01, ge=0, description="US dollars that one incident may cost")
    model: str = Field("claude-haiku-5-5", description="The model's name")


class ApprovalSettings(Section):
    """The two ways around a second person, and how narrow they are."""

    rollback: Literal["approve", "self_confirm"] = Field(
        "approve", description="self_confirm lets a team of one confirm its own rollbacks"
    )
    break_glass: bool = Field(
        True, description="Whether a rollback may go on at night when no approver answers"
    )
    step_up: int = Field(
        15, ge=1, le=480, description="Minutes since the login within which glass can be broken"
    )


class RunbookSettings(Section):
    """How far steps of runbooks may go, and what they may reach."""

    automatic: bool = Field(
        False,
        description="Whether runbooks whose authors say so are run without anybody asking",
    )
    hosts: Words = Field(
        (),
        description="Hosts of your own network that steps may ask, like trino.internal or"
        " *.prod.internal; public addresses need no entry",
    )
    programs: Words = Field(
        (), description="Programs, by absolute path, that steps may run on Tocsin's own machine"
    )
    ssh_key: Path | None = Field(
        None, description="File of the private key by which steps reach servers"
    )
    databases: Annotated[
        dict[str, SecretStr],
        BeforeValidator(document),
        AfterValidator(databases),
        Env("TOCSIN_RUNBOOK_DATABASES"),
    ] = Field(
        {},
        description="Databases that steps may ask, by the name that runbooks use, in JSON:"
        ' {"reporting": "postgresql://user:password@host/name"}',
    )


class ExecutionSettings(Section):
    """For whom anything outside may be changed."""

    teams: Words = Field(
        (),
        description="Teams whose services may be rolled back, whose runbooks are carried out and"
        " whose servers reached, * for all; nobody's unless named",
    )


class GitHubSettings(Section):
    """GitHub, where it is asked to roll back."""

    token: Annotated[SecretStr | None, Env("GITHUB_TOKEN")] = Field(
        None, description="Lets rollbacks run a workflow: actions and deployments, to write"
    )
    api_url: Annotated[Address, Env("GITHUB_API_URL")] = Field(
        "https://api.github.com", description="Address of GitHub's REST interface"
    )


class GitLabSettings(Section):
    """GitLab, where it is asked to roll back."""

    token: Annotated[SecretStr | None, Env("GITLAB_TOKEN")] = Field(
        None, description="Lets rollbacks run a job again: scope api"
    )
    api_url: Annotated[Address, Env("GITLAB_API_URL")] = Field(
        "https://gitlab.com/api/v4", description="Address of GitLab's REST interface"
    )


class ArgoCdSettings(Section):
    """Argo CD, where it is asked to roll back."""

    token: Annotated[SecretStr | None, Env("ARGOCD_TOKEN")] = Field(
        None, description="Lets rollbacks go back in an application's history: get and sync"
    )
    api_url: Annotated[Address | None, Env("ARGOCD_API_URL")] = Field(
        None, description="Address of the Argo CD server"
    )


class KubernetesSettings(Section):
    """A Kubernetes cluster, where workloads are rolled back in it."""

    kubeconfig: Path | None = Field(
        None, description="Lets rollbacks undo a rollout: a kubeconfig file with a token"
    )
    context: str = Field("", description="Context of that file, which has to be said")
    in_cluster: bool = Field(
        False, description="Lets rollbacks undo a rollout by the account of Tocsin's own pod"
    )


class DeploySettings(Section):
    """What Tocsin says about deployments by itself."""

    freeze_on: Literal["SEV1", "SEV2", "off"] = Field(
        "SEV1", description="Incidents this bad freeze their service's deployments until resolved"
    )
    watch_minutes: int = Field(
        10,
        ge=0,
        le=240,
        description="Minutes in which alerts and probes are watched after a rollback; 0 for none",
    )


class SecuritySettings(Section):
    """Who is told when a safeguard was passed by."""

    channel: str | None = Field(
        None, description="Room on the home chat in which broken glass is announced"
    )


class TwilioSettings(Section):
    """SMS and calls by Twilio: an account and a number to send from, all three or none."""

    account_sid: Annotated[str | None, Env("TWILIO_ACCOUNT_SID")] = Field(
        None, description="Pages by SMS and calls, which wake people: id of the Twilio account, AC…"
    )
    auth_token: Annotated[SecretStr | None, Env("TWILIO_AUTH_TOKEN")] = Field(
        None, description="Auth token of the Twilio account"
    )
    sender: Annotated[str | None, Env("TWILIO_FROM")] = Field(
        None,
        description="Number of yours at Twilio from which SMS and calls come, like +15005550006",
    )
    api_url: Annotated[Address, Env("TWILIO_API_URL")] = Field(
        "https://api.twilio.com", description="Address of Twilio's REST interface"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = [one is not None for one in (self.account_sid, self.auth_token, self.sender)]
        if any(given) and not all(given):
            raise ValueError("set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM, or none")
        return self


class PushoverSettings(Section):
    """Pushover: an application there."""

    token: Annotated[SecretStr | None, Env("PUSHOVER_TOKEN")] = Field(
        None, description="Pages by Pushover, which wakes people: token of your application there"
    )
    api_url: Annotated[Address, Env("PUSHOVER_API_URL")] = Field(
        "https://api.pushover.net", description="Address of Pushover's API"
    )


class PagerDutySettings(Section):
    """PagerDuty beside Tocsin: a service there that takes events."""

    routing_key: Annotated[SecretStr | None, Env("PAGERDUTY_ROUTING_KEY")] = Field(
        None,
        description="Pages by PagerDuty, which wakes people: integration key (Events API v2) of the"
        " service there of who has none of their own",
    )
    api_url: Annotated[Address, Env("PAGERDUTY_API_URL")] = Field(
        "https://events.pagerduty.com", description="Address of PagerDuty's Events API"
    )


class CalendarSettings(Section):
    """Calendars that are layers of schedules."""

    private_hosts: Words = Field(
        (), description="Hosts that may be asked though they are not in the open internet"
    )


class PagingWebhookSettings(Section):
    """Pages posted, signed, to addresses of people's own."""

    key: Secret | None = Field(
        None,
        description="Pages by webhook: a secret of which the one of each receiving address is made",
    )
    private_hosts: Words = Field(
        (), description="Hosts that may be posted to though they are not in the open internet"
    )
    named: NamedHooks | None = Field(
        None,
        description="Webhooks that policies may tell, as name=address and more after commas",
    )

    @property
    def addresses(self) -> dict[str, SecretStr]:
        """The named ones."""
        told = named_hooks(self.named.get_secret_value()) if self.named else {}
        return {name: SecretStr(address) for name, address in told.items()}


class VapidSettings(Section):
    """Web push: a key of ours, and whom a push service may write to, both or none."""

    private_key: Annotated[SecretStr | None, Env("VAPID_PRIVATE_KEY")] = Field(
        None,
        description="Pages by web push, which wakes nobody: our key, as `tocsin keys push` makes"
        " it",
    )
    subject: Annotated[str | None, Env("VAPID_SUBJECT")] = Field(
        None, description="Whom a push service may write to, like mailto:ops@example.com"
    )
    private_hosts: Words = Field(
        (), description="Push services that may be reached though they are not outside"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.private_key is None) != (self.subject is None):
            raise ValueError("set VAPID_PRIVATE_KEY and VAPID_SUBJECT, or neither")
        if self.private_key:
            private_key(self.private_key.get_secret_value())
        if self.subject and not self.subject.startswith(("mailto:", "https://")):
            raise ValueError("VAPID_SUBJECT must begin with mailto: or https://")
        return self


class SlackSettings(Section):
    """Slack: a bot token, and an app token for Socket Mode or a signing secret for HTTP."""

    bot_token: Annotated[SecretStr | None, Env("SLACK_BOT_TOKEN")] = Field(
        None, description="Slack's bot token, xoxb-…; without it Slack is not connected"
    )
    app_token: Annotated[SecretStr | None, Env("SLACK_APP_TOKEN")] = Field(
        None, description="Slack's app-level token, xapp-…, for Socket Mode"
    )
    signing_secret: Annotated[SecretStr | None, Env("SLACK_SIGNING_SECRET")] = Field(
        None, description="Slack's signing secret for requests over HTTP; two by comma to rotate"
    )
    api_url: Annotated[Address, Env("SLACK_API_URL")] = Field(
        "https://slack.com/api", description="Address of Slack's Web API"
    )
    incidents_room: str | None = Field(
        None, description="Slack channel of all incidents, by name or id, where it is named apart"
    )
    timeline_emoji: str = Field(
        "pushpin", description="A reaction with this emoji adds a message to the timeline"
    )


class DiscordSettings(Section):
    """Discord: a bot token and the one guild it serves."""

    bot_token: Annotated[SecretStr | None, Env("DISCORD_BOT_TOKEN")] = Field(
        None, description="Discord's bot token; without it Discord is not connected"
    )
    api_url: Annotated[Address, Env("DISCORD_API_URL")] = Field(
        "https://discord.com/api/v10", description="Address of Discord's API"
    )
    gateway_url: Annotated[str | None, Env("DISCORD_GATEWAY_URL")] = Field(
        None, description="Address of Discord's gateway, where it is not the one Discord names"
    )
    guild: str | None = Field(
        None, description="Id of the Discord server; needed where the bot is in several"
    )
    roles: Annotated[dict[str, Role], BeforeValidator(document)] = Field(
        {}, description="Tocsin's role by the name or id of a Discord role"
    )
    incidents_room: str | None = Field(
        None, description="Discord channel of all incidents, by name or id, where named apart"
    )


class TeamsSettings(Section):
    """Microsoft Teams: an app registration."""

    app_id: Annotated[str | None, Env("TEAMS_APP_ID")] = Field(
        None, description="Id of the Teams app's registration; without it Teams is not connected"
    )
    app_password: Annotated[SecretStr | None, Env("TEAMS_APP_PASSWORD")] = Field(
        None, description="Client secret of the Teams app"
    )
    tenant_id: Annotated[str | None, Env("TEAMS_TENANT_ID")] = Field(
        None, description="Id of the one tenant whose people are served"
    )
    openid_url: Annotated[Address, Env("TEAMS_OPENID_URL")] = Field(
        "https://login.botframework.com/v1/.well-known/openidconfiguration",
        description="Where the keys are found by which Teams signs its requests",
    )
    service_url: Annotated[Address | None, Env("TEAMS_SERVICE_URL")] = Field(
        None, description="Address of the Bot Framework, where it is not the one a request names"
    )
    incidents_room: str | None = Field(
        None, description="Teams channel of all incidents, by name or id, where named apart"
    )
    private_room: str | None = Field(
        None, description="Teams channel of type private in which private incidents may be posted"
    )
