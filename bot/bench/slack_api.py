"""A stand-in for Slack's Web API that takes everything at once: nothing of it is measured."""

import json
import sys
from itertools import count
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TEAM, TOKEN, SECRET = "T0BENCH", "xoxb-bench", "the-signing-secret-of-the-bench"
PEOPLE = ("alice", "bob", "carol", "dave")
INCIDENTS = "C0INCIDENTS"
NUMBERS = count(1)


def account_of(person: str) -> str:
    """The id of somebody's account."""
    return f"U0{person.upper()}"


async def answer(request: Request) -> Response:
    """Say yes, with what the method's caller reads."""
    method = request.path_params["method"]
    body = await request.body()
    told = _arguments(request, body)
    made: dict[str, dict[str, Any]] = {
        "auth.test": {"team_id": TEAM, "user_id": "U0BOT", "bot_id": "B0BOT"},
        "users.info": {"user": _user(str(told.get("user", "")))},
        "users.list": {"members": [_user(account_of(one)) for one in PEOPLE]},
        "conversations.open": {"channel": {"id": f"D{told.get('users', '')}"}},
        "conversations.list": {"channels": [{"id": INCIDENTS, "name": "incidents"}]},
        "conversations.create": {"channel": {"id": f"C0ROOM{next(NUMBERS)}"}},
        "chat.postMessage": {
            "channel": told.get("channel"),
            "ts": f"1795262400.{next(NUMBERS):06}",
        },
    }
    return JSONResponse({"ok": True, **made.get(method, {})})


def _arguments(request: Request, body: bytes) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("application/json"):
        found: dict[str, Any] = json.loads(body)
        return found
    return dict(request.query_params) | _form(body)


def _form(body: bytes) -> dict[str, str]:
    pairs = (one.partition("=") for one in body.decode().split("&"))
    return {name: value for name, _, value in pairs}


def _user(account: str) -> dict[str, Any]:
    name = account.removeprefix("U0").lower()
    return {
        "id": account,
        "name": name,
        "team_id": TEAM,
        "is_email_confirmed": True,
        "profile": {"real_name": name.title(), "email": f"{name}@example.com"},
    }


def main() -> None:
    """Serve on 127.0.0.1: ``python -m bot.bench.slack_api PORT``."""
    app = Starlette(routes=[Route("/api/{method}", answer, methods=["GET", "POST"])])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")


if __name__ == "__main__":
    main()
