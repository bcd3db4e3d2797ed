"""Secrets and contact data never leave in text."""

import base64
import json
import string
from pathlib import Path
from time import perf_counter
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.redaction import KINDS, PLACEHOLDER_TEXT, redact, redact_each

KEY = """-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEA1234567890
abc+/=
-----END RSA PRIVATE KEY-----"""
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
PLANTED = [
    ("private key", KEY, "MIIEowIBAAKCAQEA1234567890"),
    ("private key", "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN cut here", "MIIEvQIBADAN"),
    ("token", f"cookie={JWT}", "dozjgNryP4J3jVmNHl0w5N"),
    ("token", "curl -H 'X-Auth: Bearer abcdefghijklmnopqrstuvwxyz'", "abcdefghijklmnopqrstuvwxyz"),
    ("token", "GenieKey 8f3e1a2b", "8f3e1a2b"),
    ("key", "using AKIAIOSFODNN7EXAMPLE now", "AKIAIOSFODNN7EXAMPLE"),
    ("key", "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy", "pdFZKVeTuE8sk7oOcHrzqqgy"),
    ("key", "xapp-1-A012-345-abcdef0123456789", "abcdef0123456789"),
    ("key", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "16C7e42F292c6912E7710c838347Ae178B4a"),
    ("key", "glpat-abcdefghij0123456789", "abcdefghij0123456789"),
    ("key", "sk-ant-api03-abcdefghijklmnop", "api03-abcdefghijklmnop"),
    ("key", "AIzaSyA-1234567890abcdefghijklmnopqrstu", "1234567890abcdefghijklmnopqrstu"),
    ("key", "https://hooks.slack.com/services/T00/B00/XXXXXXXXXXXX", "XXXXXXXXXXXX"),
    ("secret", "Authorization: Basic YWxpY2U6aHVudGVyMg==", "YWxpY2U6aHVudGVyMg"),
    ("secret", '{"headers": {"Authorization": "Token 0123abcd"}}', "0123abcd"),
    ("cookie", "Set-Cookie: session=31337deadbeef; Path=/", "31337deadbeef"),
    ("credentials", "postgresql://tocsin:correcthorse@db/x", "correcthorse"),
    ("credentials", "redis://:correcthorse@cache:6379", "correcthorse"),
    ("secret", "PGPASSWORD=correcthorse psql", "correcthorse"),
    ("secret", "{'db_password': 'correcthorse'}", "correcthorse"),
    ("secret", '{"client_secret":"correcthorse"}', "correcthorse"),
    ("secret", "api-key => correcthorse", "correcthorse"),
    ("secret", "GET /x?a=1&sig=correcthorse&b=2", "correcthorse"),
    ("e-mail", "mail from alice.b+x@mail.example.co.uk bounced", "alice.b+x"),
    ("e-mail", "jürgen@bücher.example", "jürgen"),
    ("IBAN", "paid to DE89 3704 0044 0532 0130 00 today", "0532"),
    ("IBAN", "GB82WEST12345698765432", "12345698765432"),
    ("card number", "card 4111 1111 1111 1111 refused", "1111 1111"),
    ("card number", "5500005555555559", "5500005555555559"),
    ("phone number", "call +44 20 7946 0958 now", "7946"),
    ("phone number", "ring (555) 234-5678", "234-5678"),
    ("phone number", "+4915112345678", "15112345678"),
]
ORDINARY = [
    "TrinoCoordinator5xx on trino-1.prod:8080: 38 % of 12,400 queries fail since 02:06",
    "2026-11-21T02:06:03.123456789+01:00 level=error ts=1763712000000 trace=4bf92f3577b34da6",
    "see https://grafana.example.com/d/abc123?orgId=1&from=now-1h and ssh root@db-3",
    "ssh://git@git.example.com/team/app.git, git@github.com:team/app.git, root@10.0.0.7",
    "pod kafka-7d9f6c5b8-x2x4q restarted 17 times, exit code 137, +3.5e+10 bytes, 10.0.0.12",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 v248 a1b2c3d",
    "order 4111111111111112 has no card's check digit; 192.168.100.200 has no phone",
    "basic authentication failed; the token bucket is empty; password authentication failed",
]


@pytest.mark.parametrize(("kind", "text", "secret"), PLANTED)
def test_every_shape_of_secret_goes_and_says_its_kind(kind, text, secret):
    """A secret in any known shape is replaced by a placeholder of its kind."""
    redacted = redact(text)
    assert secret not in redacted.text
    assert kind in redacted.found


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_alert_text_stays_as_it_is(text):
    """Hosts, ids, times, hashes and counts are what people need to work: they stay."""
    assert redact(text).text == text
    assert redact(text).found == ()


def test_a_placeholder_is_stable_and_numbered():
    """The same value has the same placeholder, another one the next number."""
    text = "a@x.example wrote to b@x.example, then a@x.example again"
    assert redact(text).text == "[e-mail 1] wrote to [e-mail 2], then [e-mail 1] again"


def test_texts_read_together_share_their_placeholders():
    """One value is one placeholder in all texts of a request."""
    redacted = redact_each({"one": "a@x.example", "two": "b@x.example and a@x.example"})
    assert redacted["two"].text == "[e-mail 2] and [e-mail 1]"


def test_new_placeholders_go_on_behind_old_ones():
    """A number that stands in the text already is never given to another value."""
    assert redact("[e-mail 4] and a@x.example").text == "[e-mail 4] and [e-mail 5]"


@pytest.mark.parametrize(
    "wrap",
    [
        str,
        json.dumps,
        lambda secret: quote(secret, safe=""),
        lambda secret: f"Traceback (most recent call last):\n  connect('{secret}')",
        lambda secret: json.dumps({"a": [{"b": {"c": f"x{secret}y"}}]}),
    ],
)
def test_a_known_value_goes_in_every_form(wrap):
    """Known secrets are found in JSON, URLs, tracebacks and nested values."""
    secret = 'corr"ect/horse & batt\\ery'
    kept = redact(wrap(secret), [secret]).text
    assert "horse" not in kept
    assert "[secret 1]" in kept


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "alice:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_known_value_goes_out_of_base64(before, encode):
    """Wherever a known value begins inside Base64, what is left of the text does not hold it."""
    written = encode(f"{before}corr?ct>horse~battery staple".encode()).decode()
    kept = redact(written, ["corr?ct>horse~battery"]).text
    left = kept.replace("[secret 1]", "")
    assert len(left) < len(written) - 24


def test_each_line_of_a_known_key_goes():
    """A multi-line secret is found even where a log broke it into lines."""
    assert "MIIEowIBAAKCAQEA" not in redact("line 2: MIIEowIBAAKCAQEA1234567890", [KEY]).text


def test_a_known_value_of_seven_characters_is_found_as_it_is():
    """Too short to be looked for inside Base64, long enough to be looked for in text."""
    assert redact("the word is hunter2!", ["hunter2"]).text == "the word is [secret 1]!"


def test_short_known_values_are_left_alone():
    """A known value of a few letters would tear words apart, so it is not looked for."""
    assert redact("production is on", ["on"]).text == "production is on"


words = st.text(string.ascii_letters + " .,\n:%()", max_size=60)
secrets = st.text(string.ascii_letters + string.digits + "+/_-!$", min_size=8, max_size=40)
planted = st.sampled_from([text for _, text, _ in PLANTED])


@given(before=words, secret=secrets, after=words)
def test_a_planted_known_secret_never_survives(before, secret, after):
    """Whatever stands around it, a known value is gone."""
    assert secret not in redact(before + secret + after, [secret]).text.replace("[secret ", "[")


@given(st.lists(st.one_of(planted, words, st.text(max_size=20)), max_size=6), st.lists(secrets))
@example(["a@b.example", "x@c.example@d.example"], [])
def test_redacting_twice_changes_nothing_more(parts, known):
    """Redaction is idempotent."""
    once = redact("".join(parts), known)
    assert redact(once.text, known) == once


@given(st.text(string.ascii_lowercase + " .,\n", max_size=300))
def test_text_without_secrets_is_unchanged(text):
    """Plain words come back as they were."""
    assert redact(text).text == text


@pytest.mark.parametrize(
    "piece", ["a", "a-", "a.", "1 ", "@", "a@", "eyJ", "password", "-----BEGIN PRIVATE KEY", "+1"]
)
def test_no_text_is_slow(piece):
    """A hostile text of 100,000 characters takes a bounded time."""
    started = perf_counter()
    redact(piece * (100_000 // len(piece)))
    assert perf_counter() - started < 10


def test_placeholders_are_made_of_the_kinds():
    """Every kind has a placeholder that redaction itself recognises."""
    assert all(kind in PLACEHOLDER_TEXT.replace("\\", "") for kind in KINDS)


LIVE = Path("../shared/data/webhooks_live")


@pytest.mark.skipif(not LIVE.exists(), reason="no recorded Alertmanager deliveries here")
def test_real_deliveries_stay_readable():
    """Real Alertmanager bodies lose nothing; only the header that proves the sender goes."""
    deliveries = [json.loads(path.read_text()) for path in LIVE.glob("deliveries/*.json")]
    assert deliveries
    for one in deliveries:
        assert redact(json.dumps(one["body"])).found == ()
        proof = ("secret",) if "Authorization" in one["headers"] else ()
        assert redact(json.dumps(one)).found == proof
