"""A small HTTP client over one socket, so that it costs next to nothing beside the server."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_HOST: Final = "127.0.0.1"
_CHUNK: Final = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by lower-case name (the last of each), and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Client:
    """One client of a server on the loopback; it keeps its connection where the server does.

    gunicorn's sync workers close each connection after its answer, so most requests connect anew.
    """

    def __init__(self, port: int, headers: Mapping[str, str], *, timeout: float = 30) -> None:
        self._port = port
        self._timeout = timeout
        self._head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._socket: socket.socket | None = None

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request and read its whole answer.

        Raises:
            OSError: when the connection is refused, lost or too slow; the outcome is unknown then.
        """
        extra = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {_HOST}:{self._port}\r\n{self._head}{extra}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            self._open().sendall(head.encode("latin-1") + body)
            return self._read()
        except (OSError, ValueError) as error:
            self.close()
            raise ConnectionError(f"{method} {path}: {error}") from error

    def post(self, path: str, content: Mapping[str, Any], key: str | None = None) -> Answer:
        """Send JSON, with an idempotency key where one is given."""
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.request("POST", path, json.dumps(content).encode(), headers)

    def get(self, path: str) -> Answer:
        """Ask for a page or document."""
        return self.request("GET", path)

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection((_HOST, self._port), self._timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _read(self) -> Answer:
        content = bytearray()
        while (end := content.find(b"\r\n\r\n")) < 0:
            content += self._receive()
        first, *lines = content[:end].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if "content-length" not in headers:
            raise ValueError("an answer without length")
        length = int(headers["content-length"])
        body = content[end + 4 :]
        while len(body) < length:
            body += self._receive()
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(first.split(" ", 2)[1]), headers, bytes(body))

    def _receive(self) -> bytes:
        assert self._socket is not None
        received = self._socket.recv(_CHUNK)
        if not received:
            raise ConnectionResetError("closed before the answer was complete")
        return received
