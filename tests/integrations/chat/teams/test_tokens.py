"""The app's token from a login server with TLS, as Microsoft's own library asks for it."""

import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from domain.errors import Permanent, Retry
from integrations.chat.teams.check import of_tokens
from integrations.chat.teams.tokens import SCOPE, AppTokens
from tests.fakes.bot_framework import key

TENANT, APP, PASSWORD = "11111111-2222-3333-4444-555555555555", "the-app", "the-password"


@dataclass
class Login:
    """Gives one token after the other to whoever knows the password."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    broken: bool = False

    async def described(self, _request: web.Request) -> web.Response:
        """Where what is."""
        base = f"{self.url}/{TENANT}"
        told = {"issuer": f"{base}/v2.0", "token_endpoint": f"{base}/oauth2/v2.0/token"}
        return web.json_response(told | {"authorization_endpoint": f"{base}/oauth2/v2.0/authorize"})

    async def token(self, request: web.Request) -> web.Response:
        """A token, or why not."""
        if self.broken:
            return web.Response(status=503, text="down for a while")
        asked = dict(await request.post())
        self.asked.append(asked)
        if asked["client_secret"] != PASSWORD:
            wrong = {"error": "invalid_client", "error_description": "AADSTS7000215"}
            return web.json_response(wrong, status=401)
        given = {"access_token": f"token-{len(self.asked)}", "expires_in": 3600}
        return web.json_response(given | {"token_type": "Bearer"})

    def tokens(self, password: str = PASSWORD) -> AbstractContextManager[AppTokens]:
        """Ours, with that password."""
        return closing(AppTokens(APP, SecretStr(password), TENANT, self.url))


@pytest.fixture
async def login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Login]:
    """The server, with a certificate that only this test trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "login.pem"))
    async with served(Login(), tmp_path) as made:
        yield made


@asynccontextmanager
async def served(login: Login, home: Path) -> AsyncIterator[Login]:
    """Serve it on a free port."""
    certificate, private = signed(home)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, private)
    app = web.Application()
    app.router.add_get(f"/{TENANT}/v2.0/.well-known/openid-configuration", login.described)
    app.router.add_post(f"/{TENANT}/oauth2/v2.0/token", login.token)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    login.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield login
    finally:
        await runner.cleanup()


def signed(home: Path) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself, and its key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "login")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now, private = datetime.now(UTC), key("login")
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(private.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    certificate = made.add_extension(here, critical=False).sign(private, hashes.SHA256())
    pem = serialization.Encoding.PEM
    written = private.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (home / "login.pem").write_bytes(certificate.public_bytes(pem))
    (home / "login.key").write_bytes(written)
    return home / "login.pem", home / "login.key"


async def test_the_app_proves_itself_by_its_password_and_keeps_the_token(login: Login) -> None:
    """One request, whoever asks how often."""
    with login.tokens() as tokens:
        assert [await tokens(), await tokens()] == ["token-1", "token-1"]
    (asked,) = login.asked
    assert asked["client_id"] == APP
    assert asked["grant_type"] == "client_credentials"
    assert SCOPE in asked["scope"]


async def test_a_wrong_password_is_a_no(login: Login) -> None:
    """The doctor says what to do; the password is not in it."""
    with login.tokens("another") as tokens:
        with pytest.raises(Permanent, match="invalid_client"):
            await tokens()
        (found,) = await of_tokens(tokens)
    assert found.level == "failure"
    assert "another" not in f"{found}"
    assert "tocsin connect teams" in found.fix


async def test_a_login_that_is_away_is_tried_again(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it answers nonsense, is not there at all, or is not trusted."""
    login.broken = True
    with login.tokens() as tokens, pytest.raises(Retry):
        await tokens()
    login.broken = False
    monkeypatch.delenv("SSL_CERT_FILE")
    with login.tokens() as stranger, pytest.raises(Retry, match="ConnectError"):
        await stranger()
    login.url = "https://127.0.0.1:1"
    with login.tokens() as nowhere, pytest.raises(Retry, match="ConnectError"):
        await nowhere()
