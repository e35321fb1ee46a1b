"""The environments among the kernelspecs of a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.gateway.gateway_client import GatewayClient
from moon import MoonManager
from tornado.httpclient import HTTPClientError


async def listed(jp_fetch: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((await jp_fetch("api", "kernelspecs")).body)["kernelspecs"]
    return found


async def test_environments_are_listed_with_their_logos(project: Path, jp_fetch: Any) -> None:
    specs = await listed(jp_fetch)
    assert {"appose", "appose.proj.default", "appose.proj.cuda", "python3"} <= set(specs)
    assert specs["appose.proj.cuda"]["spec"]["display_name"] == "proj · cuda"
    for logo in specs["appose.proj.cuda"]["resources"].values():
        name = logo.rpartition("/")[2]
        assert (await jp_fetch("kernelspecs", "appose.proj.cuda", name)).code == 200


async def test_a_new_workspace_is_in_the_next_list(project: Path, jp_fetch: Any) -> None:
    await listed(jp_fetch)
    other = project.parent / "other"
    other.mkdir()
    (other / "requirements.txt").write_text("six\n")
    assert "appose.other.default" in await listed(jp_fetch)


@pytest.mark.parametrize(
    "jp_server_config",
    [
        {
            "ServerApp": {
                "jpserver_extensions": {"appose_kernel": True},
                "kernel_spec_manager_class": MoonManager,
            }
        }
    ],
)
async def test_the_manager_that_the_server_uses_keeps_its_kernels(project: Path, jp_fetch: Any) -> None:
    assert set(await listed(jp_fetch)) == {"appose", "appose.proj.default", "appose.proj.cuda", "moon"}


@pytest.fixture
def gateway() -> Iterator[dict[str, Any]]:
    GatewayClient.clear_instance()
    yield {"url": "http://127.0.0.1:9"}
    GatewayClient.clear_instance()


@pytest.fixture
def gateway_config(gateway: dict[str, Any], jp_server_config: dict[str, Any]) -> None:
    jp_server_config["GatewayClient"] = gateway


async def test_a_server_with_a_gateway_is_left_alone(
    gateway_config: None, jp_serverapp: Any, jp_fetch: Any
) -> None:
    assert type(jp_serverapp.kernel_spec_manager).__name__ == "GatewayKernelSpecManager"
    with pytest.raises(HTTPClientError, match="404"):
        await jp_fetch("appose-kernel", "api", "workspaces")
