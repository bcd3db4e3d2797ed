"""Alerts that stories fire, and lengths of time."""

from datetime import timedelta

from bot.demo.bodies import Condition

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def condition(service: str, severity: str, name: str = "", summary: str = "") -> Condition:
    """An alert of a service; the sender's word for its severity decides who is woken."""
    name = name or f"{service.title()}Trouble"
    return Condition(
        name=name, service=service, severity=severity, summary=summary or f"{service} has trouble"
    )


TRINO = condition("trino", "critical", "TrinoQueryFailures", "38 % of queries fail on trino prod")
TRINO_SLOW = condition("trino", "critical", "TrinoQueryLatency", "Queries take 90 s")
TRINO_WARNS = condition("trino", "warning", "TrinoQueuedQueries", "214 queries are queued")
TRINO_DOWN = condition("trino", "emergency", "TrinoDown", "trino answers nobody")
KAFKA = condition("kafka", "critical", "KafkaOffline", "12 partitions have no leader")
KAFKA_WARNS = condition("kafka", "warning", "KafkaConsumerLag", "A consumer is behind")
REDIS_TELLS = condition("redis", "info", "RedisHitRateLow", "The hit rate is 71 %")
STOREFRONT = condition("storefront", "critical", "CheckoutErrors", "Checkout fails for everybody")
