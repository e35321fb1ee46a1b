"""Folders and projects may be called anything; the name is refused before a build, or it works."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from jupyter import JupyterServer

FOLDERS = [
    "with space",
    'it\'s "quoted"',
    "$HOME",
    "{connection_file} {prefix}",
    "снег 🎉",
    "-leading",
    "n" * 200,
    "100%",
]


async def prefix_of(server: JupyterServer, kernel: str) -> str:
    async with server.connected(await server.start_session(kernel, f"{kernel}.ipynb")) as connection:
        result = await connection.execute("import json, sys; print(json.dumps(sys.prefix))")
    assert result.status == "ok", result.content
    return str(json.loads(result.text))


def test_a_folder_may_be_called_anything(tmp_path: Path, server: JupyterServer) -> None:
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "requirements.txt").write_text("")

    async def scenario() -> set[str]:
        specs = (await server.get("/api/kernelspecs"))["kernelspecs"]
        kernels = [name for name in specs if name.startswith("appose.")]
        return set(await asyncio.gather(*(prefix_of(server, kernel) for kernel in kernels)))

    assert asyncio.run(scenario()) == {str(tmp_path / folder / ".venv") for folder in FOLDERS}
