"""Signing in as a browser does, for measuring pages."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

from scripts.benchmark.client import Answer, Client
from scripts.benchmark.deployment import Deployment
from scripts.benchmark.district import PASSWORD, Officer

#: The token in a form.
TOKEN: Final = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def browser_of(deployment: Deployment, officer: Officer) -> Client:
    """A client with the session cookie of an officer.

    Raises:
        RuntimeError: when signing in is refused.
    """
    visitor = deployment.client()
    page = visitor.get("/sign-in")
    found = TOKEN.search(page.body.decode())
    if found is None:
        raise RuntimeError("the sign-in page has no token")
    fields = {"csrf_token": found[1], "login": officer.login, "password": PASSWORD}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": _cookie(page)}
    answer = visitor.request("POST", "/sign-in", urlencode(fields).encode(), headers)
    visitor.close()
    if answer.status != 303:
        raise RuntimeError(f"signing in was answered by {answer.status}")
    return Client(deployment.port, {"Cookie": _cookie(answer), "Accept": "text/html"})


def _cookie(answer: Answer) -> str:
    return answer.headers["set-cookie"].partition(";")[0]
