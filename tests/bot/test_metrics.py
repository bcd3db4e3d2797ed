"""Metrics: the names that were promised, base units, no ids."""

from pathlib import Path

from bot.metrics import ALL, Metrics
from bot.wiring import build
from domain.message import sentence
from integrations.chat.discord.send import DiscordChat
from integrations.chat.slack.send import SlackChat
from integrations.chat.teams.send import TeamsChat
from storage.migrations import migrate
from storage.tally import Levels, Tally
from tests.fakes.stores import StillClock, seeded_ids
from tests.fakes.tocsin import settings

NOTHING = Tally(events={}, pages={}, escalations={}, models={}, cost_usd=0.0, ack_s=(), notify_s=())
PROMISED = (
    "tocsin_events_received_total", "tocsin_ingest_to_notify_seconds", "tocsin_incidents_open",
    "tocsin_incident_ack_seconds", "tocsin_pages_total", "tocsin_escalations_total",
    "tocsin_llm_requests_total", "tocsin_llm_cost_usd_total", "tocsin_queue_depth",
    "tocsin_scheduler_lag_seconds", "tocsin_build_info",
)  # fmt: skip


def lines(metrics: Metrics) -> list[str]:
    return metrics.text().decode().splitlines()


def test_every_promised_name_is_exported_from_the_start() -> None:
    """A dashboard finds them before anything has happened."""
    told = Metrics("0.1.0").text().decode()
    for name in PROMISED:
        assert f"# TYPE {name} " in told
    assert 'tocsin_build_info{version="0.1.0"} 1.0' in told


def test_names_and_labels_follow_the_conventions() -> None:
    """One prefix, counters end in total, times are in seconds, and no label holds an id."""
    for metric in ALL:
        assert metric.name.startswith("tocsin_")
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert metric.name.endswith("_seconds") or metric.kind != "histogram"
        assert not {"id", "incident", "user", "alert", "path"} & set(metric.labels)


def test_what_happened_is_added_up() -> None:
    """Two spans count together."""
    metrics = Metrics("1")
    tally = NOTHING.model_copy(
        update={
            "events": {("alertmanager", "understood"): 2},
            "pages": {("chat", "sent"): 1},
            "models": {("claude", "answered"): 1},
            "cost_usd": 0.25,
            "ack_s": (90.0,),
            "notify_s": (0.2, -0.1),
        }
    )
    metrics.happened(tally)
    metrics.happened(tally)
    told = lines(metrics)
    assert 'tocsin_events_received_total{outcome="understood",source="alertmanager"} 4.0' in told
    assert 'tocsin_pages_total{channel="chat",result="sent"} 2.0' in told
    assert "tocsin_llm_cost_usd_total 0.5" in told
    assert 'tocsin_incident_ack_seconds_bucket{le="60.0"} 0.0' in told
    assert 'tocsin_incident_ack_seconds_bucket{le="300.0"} 2.0' in told
    assert 'tocsin_ingest_to_notify_seconds_bucket{le="0.5"} 4.0' in told


def test_a_level_that_went_to_nothing_is_no_longer_told() -> None:
    """The last open incident is resolved, and no old number stays."""
    metrics = Metrics("1")
    metrics.stand(
        Levels(
            open={("SEV1",): 1},
            chats={("slack",): 0},
            busy_s={("slack",): 30},
            queue={("page", "pending"): 3},
            lag_s=7.5,
            unsealed=2,
            findings=1,
            clean_age_s=90.0,
        )
    )
    assert 'tocsin_incidents_open{severity="SEV1"} 1.0' in lines(metrics)
    assert "tocsin_scheduler_lag_seconds 7.5" in lines(metrics)
    assert 'tocsin_chat_up{platform="slack"} 0.0' in lines(metrics)
    assert 'tocsin_chat_busy_seconds{platform="slack"} 30.0' in lines(metrics)
    assert "tocsin_auditor_findings 1.0" in lines(metrics)
    assert "tocsin_auditor_clean_age_seconds 90.0" in lines(metrics)
    quiet = Levels(
        open={}, chats={}, busy_s={}, queue={}, lag_s=0.0, unsealed=0, findings=0, clean_age_s=0.0
    )
    metrics.stand(quiet)
    assert not [line for line in lines(metrics) if line.startswith("tocsin_incidents_open{")]
    assert "tocsin_audit_unsealed 0.0" in lines(metrics)


def test_requests_are_counted_by_route_and_status() -> None:
    """An address that leads nowhere has no label of its own."""
    metrics = Metrics("1")
    metrics.answered("/hooks/{source}", 202, 0.004)
    metrics.answered("", 404, 0.001)
    told = lines(metrics)
    assert any('route="/hooks/{source}",status="202"' in line for line in told)
    assert any('route="none",status="404"' in line for line in told)


async def test_what_a_chat_does_not_take_whole_is_counted(tmp_path: Path) -> None:
    """For each of them, wherever it was shortened."""
    url = f"sqlite:///{tmp_path / 'tocsin.db'}"
    migrate(url)
    chats = {
        "slack.bot_token": "xoxb-1", "discord.bot_token": "t", "teams.app_id": "app",
        "teams.app_password": "p", "teams.tenant_id": "tenant",
    }  # fmt: skip
    parts = build(settings(url, tmp_path, **chats), clock := StillClock(), seeded_ids(clock))
    long = sentence("x" * 50_000)
    for platform in parts.platforms:
        chat = platform.chat
        if isinstance(chat, SlackChat):
            await chat.rendered(long)
        if isinstance(chat, DiscordChat):
            await chat.body(long, "k")
        if isinstance(chat, TeamsChat):
            await chat.drawn(long)
        await platform.close()
    told = lines(parts.metrics)
    for name in ("slack", "discord", "teams"):
        assert f'tocsin_chat_shortened_total{{platform="{name}"}} 1.0' in told
    await parts.core.close()


def test_two_processes_in_one_do_not_share_their_metrics() -> None:
    """Each has a registry of its own."""
    one, two = Metrics("1"), Metrics("2")
    one.answered("/", 200, 0.1)
    assert not [line for line in lines(two) if line.startswith("tocsin_http_request_seconds_count")]
