"""What the routes answer, to whom, and about which files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, ClassVar

import pytest
from browsing import Call
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from appose_kernel import errors
from appose_kernel.environments import stamp, store
from appose_kernel.model import Environment, OwnKernel, Stamp, StampState
from appose_kernel.server import answers
from appose_kernel.workspaces import formats
from appose_kernel.workspaces.editors import EDITORS

BUILD = "20260101T000000-01234567"

#: Every method of every route, and what its user must be allowed to do.
ROUTES = [
    ("GET", ("workspaces",), "read"),
    ("POST", ("workspaces",), "write"),
    ("GET", ("environments",), "read"),
    ("GET", ("builds",), "read"),
    ("POST", ("builds",), "execute"),
    ("GET", ("builds", BUILD), "read"),
    ("DELETE", ("builds", BUILD), "execute"),
    ("GET", ("builds", BUILD, "log"), "read"),
    ("GET", ("manifest",), "read"),
    ("PUT", ("manifest",), "write"),
    ("POST", ("manifest", "preview"), "read"),
    ("POST", ("manifest", "restore"), "write"),
    ("POST", ("plans",), "execute"),
    ("GET", ("plans", "x"), "read"),
    ("DELETE", ("plans", "x"), "execute"),
    ("GET", ("suggestion",), "read"),
    ("GET", ("specs",), "read"),
    ("GET", ("prefix",), "read"),
    ("DELETE", ("prefix",), "execute"),
    ("POST", ("terminals",), "execute"),
]


async def test_workspaces_are_listed_by_their_contents_paths(project: Path, call: Call) -> None:
    assert await call("GET", "workspaces") == (
        200,
        {
            "version": 1,
            "workspaces": [
                {
                    "name": "proj",
                    "format": "uv",
                    "path": "work/proj",
                    "manifest": "work/proj/pyproject.toml",
                    "root": str(project),
                    "lock": "none",
                    "lock_file": None,
                    "editable": "uv" in EDITORS,
                }
            ],
            "problems": [],
        },
    )


async def test_a_broken_manifest_is_listed_as_a_problem(project: Path, call: Call) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = \n")
    _, answer = await call("GET", "workspaces")
    assert answer["workspaces"] == []
    [problem] = answer["problems"]
    assert problem["code"] == "manifest-invalid"
    assert problem["message"].startswith("work/proj/pyproject.toml line 2: ")
    assert problem["manifest"] == "work/proj/pyproject.toml"


async def test_environments_have_their_state_and_kernelspec(project: Path, call: Call) -> None:
    _, answer = await call("GET", "environments")
    assert [(env["title"], env["kernelspec"]) for env in answer["environments"]] == [
        ("proj · default", "appose.proj.default"),
        ("proj · cuda", "appose.proj.cuda"),
    ]
    cuda = answer["environments"][1]
    assert cuda["features"] == [{"name": "cuda", "kind": "extra"}]
    assert (cuda["manifest"], cuda["state"]) == ("work/proj/pyproject.toml", "not built")
    assert cuda["kernels"] == []


async def test_what_is_for_another_platform_is_told_of_and_not_offered(
    jp_root_dir: Path, call: Call, jp_fetch: Any
) -> None:
    host = formats.host_platform()
    other = "win-64" if host == "linux-64" else "linux-64"
    (jp_root_dir / "pixi.toml").write_text(
        f'[workspace]\nname = "two"\nchannels = []\nplatforms = ["{other}", "{host}"]\n'
        f'[feature.away]\nplatforms = ["{other}"]\n[environments]\naway = ["away"]\n'
    )
    _, answer = await call("GET", "environments")
    _, away = answer["environments"]
    assert (away["name"], away["state"], away["kernelspec"]) == ("away", "not built", None)
    assert away["reason"].startswith("not for ")
    specs = json.loads((await jp_fetch("api", "kernelspecs")).body)["kernelspecs"]
    assert "appose.two.default" in specs
    assert "appose.two.away" not in specs


async def test_environments_of_one_workspace_also_where_it_is_too_deep_to_be_listed(
    project: Path, jp_root_dir: Path, call: Call
) -> None:
    deep = jp_root_dir / "1/2/3/4/5/6"
    deep.mkdir(parents=True)
    (deep / "requirements.txt").write_text("")
    _, answer = await call("GET", "environments", params={"workspace": "1/2/3/4/5/6"})
    [found] = answer["environments"]
    assert (found["manifest"], found["kernelspec"]) == ("1/2/3/4/5/6/requirements.txt", None)
    _, answer = await call("GET", "environments", params={"workspace": "work/proj/pyproject.toml"})
    assert [env["name"] for env in answer["environments"]] == ["default", "cuda"]


async def test_each_workspace_of_a_folder_goes_by_its_manifest(project: Path, call: Call) -> None:
    (project / "environment.yml").write_text("name: other\ndependencies:\n- python\n")
    _, answer = await call("GET", "workspaces")
    assert [(found["name"], found["manifest"]) for found in answer["workspaces"]] == [
        ("proj", "work/proj/pyproject.toml"),
        ("other", "work/proj/environment.yml"),
    ]
    for name, count in (("work/proj", 2), ("work/proj/pyproject.toml", 2), ("work/proj/environment.yml", 1)):
        _, answer = await call("GET", "environments", params={"workspace": name})
        assert len(answer["environments"]) == count
    assert answer["environments"][0]["kernelspec"] == "appose.other.default"


def bring_r(env: Environment) -> None:
    """What the server sees of ``env`` after a build that brought a kernel for R."""
    prefix = store.place(env)
    store.prepare(prefix)
    kernels = {"ir": OwnKernel(("R", "{connection_file}"), "R", "R")}
    stamp.write(prefix, Stamp(StampState.BUILDING, "", "uv", "", 0.0, kernels=kernels))


async def test_a_notebooks_own_environment_is_the_generic_kernels(project: Path, call: Call) -> None:
    source = "# /// script\n# dependencies = []\n# ///"
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    (project / "own.ipynb").write_text(text)
    _, answer = await call("GET", "environments", params={"workspace": "work/proj/own.ipynb"})
    [found] = answer["environments"]
    assert (found["manifest"], found["kernelspec"]) == ("work/proj/own.ipynb", "appose")
    bring_r(formats.environment(formats.open_workspace(project / "own.ipynb"), "default"))
    _, answer = await call("GET", "environments", params={"workspace": "work/proj/own.ipynb"})
    [own] = answer["environments"][0]["own_kernels"]
    assert own == {"kernelspec": None, "display_name": "R", "language": "R"}
    (project.parents[2] / "outside.ipynb").write_text(text)
    (project / "link.ipynb").symlink_to(project.parents[2] / "outside.ipynb")
    for name in ("work/proj/link.ipynb", "../outside.ipynb"):
        status, answer = await call("GET", "environments", params={"workspace": name})
        assert (status, answer["code"]) == (404, "manifest-not-found")


async def test_the_kernels_that_an_environment_brings_are_told(project: Path, call: Call) -> None:
    bring_r(formats.environment(formats.open_workspace(project), "cuda"))
    _, answer = await call("GET", "environments")
    assert [env["own_kernels"] for env in answer["environments"]] == [
        [],
        [{"kernelspec": "appose.proj.cuda.ir", "display_name": "R", "language": "R"}],
    ]


@pytest.mark.parametrize(("method", "path", "action"), ROUTES)
async def test_every_route_wants_a_login(
    jp_serverapp: Any, call: Call, method: str, path: tuple[str, ...], action: str
) -> None:
    body = {} if method in ("POST", "PUT") else None
    status, answer = await call(method, *path, body=body, headers={"Authorization": "token wrong"})
    assert (status, answer["version"]) == (403, 1)


class ReadersOnly(Authorizer):
    """Lets users look at everything, and run nothing."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        self.asked.append((action, resource))
        return action == "read"


@pytest.mark.parametrize(
    "jp_server_config",
    [{"ServerApp": {"jpserver_extensions": {"appose_kernel": True}, "authorizer_class": ReadersOnly}}],
)
@pytest.mark.parametrize(("method", "path", "action"), ROUTES)
async def test_who_may_only_read_can_neither_write_nor_build(
    jp_serverapp: Any, call: Call, method: str, path: tuple[str, ...], action: str
) -> None:
    ReadersOnly.asked.clear()
    status, answer = await call(method, *path, body={} if method in ("POST", "PUT") else None)
    assert ReadersOnly.asked == [(action, "appose-kernel")]
    assert (status == 403) == (action != "read")
    assert (answer.get("code") == "forbidden") == (action != "read")


async def test_no_workspace_outside_of_the_servers_root_can_be_named(
    project: Path, tmp_path: Path, jp_root_dir: Path, call: Call
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "requirements.txt").write_text("")
    (jp_root_dir / "link").symlink_to(outside)
    (jp_root_dir / "file").symlink_to(outside / "requirements.txt")
    for name in (
        *("../outside", "work/../../outside", "/../outside", "link", "file", "link/requirements.txt"),
        *(str(outside), str(outside / "requirements.txt"), "a\0b", "nonesuch", "work", "x" * 5000),
    ):
        for answer in (
            await call("POST", "builds", body={"workspace": name, "environment": "default"}),
            await call("GET", "environments", params={"workspace": name}),
        ):
            assert (answer[0], answer[1]["code"]) == (404, "manifest-not-found"), name
            assert str(tmp_path) not in answer[1]["message"].replace(name, "")


async def test_a_link_within_the_root_is_followed(project: Path, jp_root_dir: Path, call: Call) -> None:
    (jp_root_dir / "link").symlink_to(project)
    status, answer = await call("GET", "environments", params={"workspace": "link"})
    assert (status, len(answer["environments"])) == (200, 2)


async def test_a_workspace_above_the_root_is_named_by_its_absolute_path(
    tmp_path: Path, project: Path, call: Call
) -> None:
    (tmp_path / "requirements.txt").write_text("")
    _, answer = await call("GET", "workspaces")
    assert answer["workspaces"][0]["path"] == str(tmp_path)
    status, _ = await call("GET", "environments", params={"workspace": str(tmp_path)})
    assert status == 200


async def test_an_unknown_environment_names_those_that_exist(project: Path, call: Call) -> None:
    wanted = {"workspace": "work/proj", "environment": "rocm"}
    status, answer = await call("POST", "builds", body=wanted)
    assert (status, answer["code"]) == (404, "environment-not-found")
    assert "default, cuda" in answer["remedy"]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"workspace": "work/proj"},
        {"workspace": 1, "environment": "default"},
        {"workspace": "work/proj", "environment": "default", "options": {"nonesuch": True}},
        {"workspace": "work/proj", "environment": "default", "options": {"exact": "yes"}},
        {"workspace": "work/proj", "environment": "default", "options": ["exact"]},
    ],
)
async def test_a_build_that_is_not_understood_is_refused(project: Path, call: Call, body: Any) -> None:
    status, answer = await call("POST", "builds", body=body)
    assert (status, answer["code"]) == (400, "bad-request")
    assert (await call("GET", "builds"))[1]["builds"] == []


@pytest.mark.parametrize("build", [BUILD, "..", "x"])
async def test_an_unknown_build_is_not_found(jp_serverapp: Any, call: Call, build: str) -> None:
    for method, path in (("GET", ()), ("DELETE", ()), ("GET", ("log",))):
        if build == ".." and not path:
            continue  # the client makes another path of it
        status, answer = await call(method, "builds", build, *path)
        assert (status, answer["version"]) == (404, 1)


async def test_an_offset_is_a_number(jp_serverapp: Any, call: Call) -> None:
    status, answer = await call("GET", "builds", BUILD, "log", params={"offset": "x"})
    assert (status, answer["code"]) == (400, "bad-request")


async def test_errors_of_the_server_itself_have_the_same_form(jp_fetch: Any) -> None:
    with pytest.raises(HTTPClientError, match="405"):
        await jp_fetch("appose-kernel", "api", "workspaces", method="DELETE")


def test_the_reference_has_the_status_of_every_error() -> None:
    text = (Path(__file__).parents[2] / "docs" / "server.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", text, re.MULTILINE)
    statuses = {code: int(status) for status, codes in rows for code in re.findall("`(.+?)`", codes)}
    for kind in family(errors.ApposeKernelError):
        error = errors.from_dict({"code": kind.code, "message": ""})
        assert answers.status(error) == statuses.get(kind.code, 500), kind.code


def family(kind: type[errors.ApposeKernelError]) -> list[type[errors.ApposeKernelError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in family(child))]
