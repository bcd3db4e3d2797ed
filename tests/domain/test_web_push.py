"""Subscriptions of browsers, as they are written down."""

import pytest

from domain.web_push import push_address, subscription, unpacked

POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
THERE = "https://push.example.net/push/JzLQ3raZ?x=1"


def test_a_subscription_is_an_address_and_two_keys():
    """Padded or not."""
    read = subscription(f" {THERE}#{POINT}=.{AUTH}== ")
    assert (read.endpoint, len(read.p256dh), len(read.auth)) == (THERE, 65, 16)
    assert push_address(f"{THERE}#{POINT}.{AUTH} ") == f"{THERE}#{POINT}.{AUTH}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        THERE,
        f"{THERE}#{POINT}",
        f"{THERE}#{AUTH}.{AUTH}",
        f"{THERE}#{POINT}.{POINT}",
        f"{THERE}#A{POINT[1:]}.{AUTH}",
        f"{THERE}#{POINT[:-2]}.{AUTH}",
        f"{THERE}#{POINT}.{AUTH}.{AUTH}",
        f"file:///etc/passwd#{POINT}.{AUTH}",
        f"https://bob:secret@push.example.net/#{POINT}.{AUTH}",
    ],
)
def test_what_is_none_is_refused_without_being_repeated(text):
    """Who has one could ring there."""
    with pytest.raises(ValueError, match=r"that is no|leave user names") as refused:
        push_address(text)
    assert not text or text not in str(refused.value)


def test_what_is_no_base64_is_refused():
    """One letter alone is none."""
    with pytest.raises(ValueError, match="no subscription"):
        unpacked("A")
