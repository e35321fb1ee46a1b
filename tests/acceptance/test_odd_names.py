"""Folders and environments may be called anything; the name is refused before a build, or it works."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter import JupyterServer

if TYPE_CHECKING:
    from conftest import ProjectFactory

NAMES = [
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
    for folder in NAMES:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "requirements.txt").write_text("")

    async def scenario() -> set[str]:
        specs = (await server.get("/api/kernelspecs"))["kernelspecs"]
        kernels = [name for name in specs if name.startswith("appose.")]
        return set(await asyncio.gather(*(prefix_of(server, kernel) for kernel in kernels)))

    assert asyncio.run(scenario()) == {str(tmp_path / folder / ".venv") for folder in NAMES}


def test_an_environment_may_be_called_anything(server: JupyterServer, uv_project: ProjectFactory) -> None:
    table = "\n".join(f"{json.dumps(name, ensure_ascii=False)} = {{}}" for name in NAMES)
    folder = uv_project(more=f"[tool.appose-kernel.environments]\n{table}\n")

    async def scenario() -> dict[str, str]:
        answer = await server.get("/appose-kernel/api/environments")
        kernels = {entry["name"]: entry["kernelspec"] for entry in answer["environments"]}
        prefixes = await asyncio.gather(*map(partial(prefix_of, server), kernels.values()))
        return dict(zip(kernels, prefixes, strict=True))

    prefixes = asyncio.run(scenario())
    assert set(prefixes) == {"default", *NAMES}
    assert prefixes.pop("default") == str(folder / ".venv")
    assert {Path(prefix).parent for prefix in prefixes.values()} == {folder / ".venvs"}
    assert len(set(prefixes.values())) == len(NAMES)
