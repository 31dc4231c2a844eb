"""A web server for pages of tests: the built front end, the demonstration page, recorded posts."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

WEB = Path(__file__).resolve().parents[3] / "web"
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src-attr 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'"
)
PAGE = """<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>试验</title>
<link rel="icon" href="/static/dist/icon.svg">
<meta name="csrf-token" content="the-token">
<link rel="stylesheet" href="/static/dist/style.css">
<script type="module" src="/static/dist/app.js"></script></head>
<body><main>{body}</main></body></html>"""


@dataclass(frozen=True)
class Post:
    """What a browser sent."""

    path: str
    fields: dict[str, list[str]]
    csrf: str | None


@dataclass
class Site:
    """`pages` are bodies by path; `answers` are status and body for posts by path."""

    address: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)


class _Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *arguments: object, site: Site, **named: object) -> None:
        self.site = site
        super().__init__(*arguments, directory=str(WEB), **named)  # type: ignore[arg-type]  # the server's

    def do_GET(self) -> None:
        body = self.site.pages.get(self.path)
        if body is None:
            super().do_GET()
        else:
            self._send(200, PAGE.format(body=body))

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        self.site.posts.append(Post(self.path, parse_qs(content), self.headers.get("X-CSRFToken")))
        self._send(*self.site.answers.get(self.path, (200, "ok")))

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _send(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())


@contextmanager
def served() -> Iterator[Site]:
    """A site on a free port of this machine."""
    site = Site()
    handler = functools.partial(_Handler, site=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        site.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
