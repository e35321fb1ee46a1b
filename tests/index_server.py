"""A package index over a folder of wheels, served by http from this process, which fails as it is told.

``faults`` maps a project's or a file's name to what goes wrong when it is asked for: ``reset`` (the
connection is cut in the middle), ``truncate`` (the body ends early), ``503``, ``hash`` (the index names
another digest), ``crawl`` (one byte a second). ``requests`` counts what was asked for.
"""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
import struct
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Index(ThreadingHTTPServer):
    """Serves ``/simple/`` (PEP 503) and ``/files/`` from ``folder``; use :func:`serve`."""

    daemon_threads = True

    def __init__(self, folder: Path, tls: ssl.SSLContext | None) -> None:
        self.folder = folder
        self.faults: dict[str, str] = {}
        self.requests: Counter[str] = Counter()
        self.closing = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_address[1]}"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        """What goes into ``[[tool.uv.index]]``."""
        return f"{self.base}/simple/"

    @property
    def flat_url(self) -> str:
        """The same as one page of links, for ``--find-links``."""
        return f"{self.base}/flat/"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away, or a connection that we cut, is no error of the server's."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def links(self, project: str | None) -> str:
        """The links to the files of ``project``, or of all projects."""
        return "\n".join(
            f'<a href="{self.base}/files/{path.name}#sha256={self._digest(path)}">{path.name}</a><br/>'
            for path in sorted(self.folder.iterdir())
            if project is None or _project_of(path.name) == project
        )

    def _digest(self, path: Path) -> str:
        if self.faults.get(path.name) == "hash":
            return hashlib.sha256(b"something else").hexdigest()
        return hashlib.sha256(path.read_bytes()).hexdigest()


def _project_of(file: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"-\d", file, maxsplit=1)[0]).lower()


class _Handler(BaseHTTPRequestHandler):
    server: Index
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.path.rstrip("/").rpartition("/")[2]
        self.server.requests[name] += 1
        fault = self.server.faults.get(name)
        if fault == "503":
            self._answer(503, "text/plain", b"try later")
        elif self.path.startswith("/files/"):
            self._file(self.server.folder / name, fault)
        else:
            links = self.server.links(None if self.path.startswith("/flat/") else name)
            status = 200 if links else 404
            self._answer(status, "text/html", f"<!DOCTYPE html><html><body>{links}</body></html>".encode())

    def do_HEAD(self) -> None:
        self.do_GET()

    def _file(self, path: Path, fault: str | None) -> None:
        if not path.is_file():
            self._answer(404, "text/plain", b"no such file")
            return
        body = path.read_bytes()
        half = body[: len(body) // 2]
        if fault == "reset":
            self._answer(200, "application/octet-stream", half, length=len(body))
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            socket.close(self.connection.detach())
            self.close_connection = True
        elif fault == "truncate":
            self._answer(200, "application/octet-stream", half)
        elif fault == "crawl":
            self._answer(200, "application/octet-stream", b"", length=len(body))
            self._crawl(body)
        else:
            self._answer(200, "application/octet-stream", body)

    def _crawl(self, body: bytes) -> None:
        for byte in body:
            if self.server.closing.wait(1):
                return
            try:
                self.wfile.write(bytes([byte]))
            except OSError:
                return

    def _answer(self, status: int, kind: str, body: bytes, *, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the tests read ``requests``."""


@contextmanager
def serve(folder: Path, tls: ssl.SSLContext | None = None) -> Iterator[Index]:
    with Index(folder, tls) as index:
        thread = threading.Thread(target=partial(index.serve_forever, poll_interval=0.05))
        thread.start()
        try:
            yield index
        finally:
            index.closing.set()
            index.shutdown()
            thread.join()
