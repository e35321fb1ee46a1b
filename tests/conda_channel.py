"""A conda channel of tiny packages, written in milliseconds and served by http from this process.

Its ``python`` is a ``pyvenv.cfg`` and a link to the running interpreter: enough for uv, for kernels and for
everything that conda does to a prefix, in a few hundred bytes. Packages are laid out as
https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html says.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import sys
import tarfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

#: Stands in packages' files where the prefix's path goes.
PLACEHOLDER = "/opt/anaconda1anaconda2anaconda3"
VERSION = "{}.{}.{}".format(*sys.version_info[:3])
MINOR = "{}.{}".format(*sys.version_info[:2])
SITE_PACKAGES = f"lib/python{MINOR}/site-packages"


def host() -> str:
    """conda's name of this machine's platform."""
    system = {"linux": "linux", "darwin": "osx", "win32": "win"}[sys.platform]
    machine = platform.machine().lower()
    kinds = {"x86_64": "64", "amd64": "64", "arm64": "arm64" if system == "osx" else "aarch64"}
    return f"{system}-{kinds.get(machine, machine)}"


@dataclass(frozen=True)
class Link:
    """A symbolic link in a package."""

    target: str


@dataclass(frozen=True)
class Script:
    """An executable file in a package."""

    text: str


@dataclass(frozen=True)
class Program:
    """An executable file in a package, whatever its bytes are."""

    data: bytes


File = str | bytes | Link | Script | Program


class Channel:
    """Writes packages into ``folder``; after the last one, call :meth:`index`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for subdir in ("noarch", host()):
            (folder / subdir).mkdir(parents=True, exist_ok=True)

    def package(
        self,
        name: str,
        version: str = "1.0",
        files: Mapping[str, File] | None = None,
        *,
        build: str = "0",
        number: int = 0,
        subdir: str = "",
        depends: Sequence[str] = (),
        entry_points: Sequence[str] = (),
        **index: Any,
    ) -> Path:
        """Write a package; ``index`` are further keys of its ``index.json`` (``noarch``, ``constrains``)."""
        contents = {path: _content(file) for path, file in sorted((files or {}).items())}
        record = {
            "name": name,
            "version": version,
            "build": build,
            "build_number": number,
            "depends": list(depends),
            "subdir": subdir or host(),
            "timestamp": 1_700_000_000_000,
            **index,
        }
        info = {
            "info/index.json": record,
            "info/paths.json": {"paths": [_listed(p, *c) for p, c in contents.items()], "paths_version": 1},
            "info/about.json": {},
        }
        if index.get("noarch") == "python":
            points = {"type": "python", "entry_points": list(entry_points)}
            info["info/link.json"] = {"noarch": points, "package_metadata_version": 1}
        path = self.folder / record["subdir"] / f"{name}-{version}-{build}.tar.bz2"
        path.parent.mkdir(exist_ok=True)
        with tarfile.open(path, "w:bz2") as archive:
            for member, value in info.items():
                _add(archive, tarfile.TarInfo(member), json.dumps(value).encode())
            for member, (entry, data) in contents.items():
                entry.name = member
                _add(archive, entry, data)
        return path

    def python(self, version: str = VERSION) -> Path:
        """The running interpreter as a package, of this version or of one that it pretends to be."""
        base, minor = Path(sys.base_prefix, "bin"), ".".join(version.split(".")[:2])
        files = {
            "pyvenv.cfg": f"home = {base}\ninclude-system-site-packages = false\nversion = {VERSION}\n",
            f"bin/python{MINOR}": Link(str(base / f"python{MINOR}")),
            "bin/python3": Link(f"python{MINOR}"),
            "bin/python": Link(f"python{MINOR}"),
            f"{SITE_PACKAGES}/README.txt": "",
        }
        if minor != MINOR:
            files[f"bin/python{minor}"] = Link(f"python{MINOR}")
        return self.package("python", version, files, python_site_packages_path=SITE_PACKAGES)

    def noarch(
        self,
        name: str,
        version: str = "1.0",
        *,
        depends: Sequence[str] = ("python",),
        code: str = "",
        entry_points: Sequence[str] = (),
        **index: Any,
    ) -> Path:
        """A Python package for every platform: one module, and metadata as conda writes it."""
        module = name.replace("-", "_")
        info = f"site-packages/{module}-{version}.dist-info"
        return self.package(
            name,
            version,
            {
                f"site-packages/{module}.py": code or f'__version__ = "{version}"\n',
                f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
                f"{info}/INSTALLER": "conda\n",
                f"{info}/RECORD": f"{module}.py,,\n",
            },
            subdir="noarch",
            depends=depends,
            noarch="python",
            entry_points=entry_points,
            **index,
        )

    def index(self) -> Channel:
        """Write each folder's ``repodata.json``."""
        for folder in self.folder.iterdir():
            if folder.is_dir():
                packages = {path.name: _indexed(path) for path in sorted(folder.glob("*.tar.bz2"))}
                data = {"info": {"subdir": folder.name}, "packages": packages, "packages.conda": {}}
                (folder / "repodata.json").write_text(json.dumps({**data, "repodata_version": 1}))
        return self


def write_standard(folder: Path) -> Channel:
    """A channel with one package for each thing that conda does.

    ``python``; ``alpha`` 1.0 and 2.0; ``beta``, which needs ``alpha``; ``gpu``, whose better variant needs
    ``__cuda >=12``; ``act``, with activation and a script that knows its prefix; ``tool``, with an entry
    point; ``odd``, a kernel of another language.
    """
    channel = Channel(folder)
    channel.python()
    for version in ("1.0", "2.0"):
        channel.noarch("alpha", version)
    channel.noarch("beta", depends=("python", "alpha >=1.0"))
    channel.package("gpu", files={"share/gpu.txt": "cpu"}, build="cpu")
    channel.package("gpu", files={"share/gpu.txt": "cuda"}, build="cuda", number=1, depends=["__cuda >=12"])
    channel.package(
        "act",
        files={
            "etc/conda/activate.d/act.sh": 'export ACT="$CONDA_PREFIX"\n',
            "etc/conda/env_vars.d/act.json": '{"ACT_FILE": "from a file"}',
            "bin/where": Script(f"#!/bin/sh\necho {PLACEHOLDER}\n"),
        },
    )
    channel.noarch(
        "tool", code="def main():\n    print('a tool at work')\n", entry_points=["run-tool = tool:main"]
    )
    channel.package(
        "odd",
        files={
            "bin/odd-kernel": Script(f'#!/bin/sh\nexec "{sys.executable}" -m ipykernel_launcher -f "$1"\n'),
            "share/jupyter/kernels/odd/kernel.json": json.dumps(
                {
                    "argv": [f"{PLACEHOLDER}/bin/odd-kernel", "{connection_file}"],
                    "display_name": "Odd",
                    "language": "odd",
                    "env": {"ODD": "1"},
                }
            ),
        },
    )
    return channel.index()


def _content(file: File) -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo()
    if isinstance(file, Link):
        entry.type, entry.linkname = tarfile.SYMTYPE, file.target
        return entry, b""
    if isinstance(file, Script):
        entry.mode = 0o755
        return entry, file.text.encode()
    if isinstance(file, Program):
        entry.mode = 0o755
        return entry, file.data
    return entry, file.encode() if isinstance(file, str) else file


def _listed(path: str, entry: tarfile.TarInfo, data: bytes) -> dict[str, Any]:
    """The file's entry in ``paths.json``."""
    kind = "softlink" if entry.issym() else "hardlink"
    listed = {"_path": path, "path_type": kind, "size_in_bytes": len(data), "sha256": _sha256(data)}
    if PLACEHOLDER.encode() in data:
        listed |= {"prefix_placeholder": PLACEHOLDER, "file_mode": "binary" if b"\0" in data else "text"}
    return listed


def _add(archive: tarfile.TarFile, entry: tarfile.TarInfo, data: bytes) -> None:
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


def _indexed(path: Path) -> dict[str, Any]:
    with tarfile.open(path) as archive:
        member = archive.extractfile("info/index.json")
        assert member is not None
        record: dict[str, Any] = json.load(member)
    data = path.read_bytes()
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {**record, "md5": md5, "sha256": _sha256(data), "size": len(data)}


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class ChannelServer(ThreadingHTTPServer):
    """Serves ``folder``. ``requests`` counts the files asked for; ``faults`` maps a file's name to the
    status that it gets instead, to other bytes, or to an event that it waits for; ``authorization`` is the
    header that it demands."""

    daemon_threads = True

    def __init__(self, folder: Path, authorization: str = "") -> None:
        self.authorization = authorization
        self.requests: Counter[str] = Counter()
        self.faults: dict[str, int | bytes | threading.Event] = {}
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no error of the server's."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(SimpleHTTPRequestHandler):
    server: ChannelServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        # a test changes a channel more than once in the second that such a time can tell
        del self.headers["If-Modified-Since"]
        if not self._refused():
            super().do_GET()

    def do_HEAD(self) -> None:
        if not self._refused():
            super().do_HEAD()

    def _refused(self) -> bool:
        name = self.path.rpartition("/")[2]
        self.server.requests[name] += 1
        fault = self.server.faults.get(name)
        if isinstance(fault, threading.Event):
            fault.wait()
            fault = None
        if self.server.authorization not in ("", self.headers.get("Authorization")):
            fault = 401
        if fault is None:
            return False
        status, body = (200, fault) if isinstance(fault, bytes) else (fault, b"no")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        return True

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the tests read ``requests``."""


@contextmanager
def server(folder: Path, authorization: str = "") -> Iterator[ChannelServer]:
    """Serve ``folder``; what is behind the channel's address can be asked and made to fail."""
    with ChannelServer(folder, authorization) as serving:
        thread = threading.Thread(target=partial(serving.serve_forever, poll_interval=0.05))
        thread.start()
        try:
            yield serving
        finally:
            serving.shutdown()
            thread.join()


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve ``folder``; gives its address."""
    with server(folder) as serving:
        yield serving.url
