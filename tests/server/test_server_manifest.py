"""Manifests through the server: shown, edited under a digest check, given back; and what is refused."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from browsing import Call

from appose_kernel.server import manifest_work

MANIFEST = """\
# a workspace
[workspace]
name = "worker"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
python = "3.11.*"  # as everywhere
"""

BASE = {"kind": "base", "name": ""}
ADD = {"op": "set-dependency", "feature": BASE, "kind": "conda", "name": "numpy", "spec": ">=2", "target": ""}
WORKER = "work/größe/worker"


@pytest.fixture
def worker(jp_root_dir: Path) -> Path:
    """The folder of a pixi workspace below the server's root."""
    folder = jp_root_dir / WORKER
    folder.mkdir(parents=True)
    (folder / "pixi.toml").write_bytes(MANIFEST.encode())
    return folder


def edit(digest: str, *edits: Any, workspace: str = WORKER) -> dict[str, Any]:
    return {"workspace": workspace, "digest": digest, "edits": edits or [ADD]}


async def shown(call: Call, workspace: str = WORKER) -> Any:
    status, answer = await call("GET", "manifest", params={"workspace": workspace})
    assert status == 200
    return answer


async def test_a_manifest_is_shown_with_its_digest_and_outline(worker: Path, call: Call) -> None:
    answer = await shown(call)
    assert answer["manifest"] == f"{WORKER}/pixi.toml"
    assert answer["text"] == MANIFEST
    assert answer["digest"] == hashlib.sha256(MANIFEST.encode()).hexdigest()
    [base] = answer["outline"]["features"]
    assert [(found["name"], found["spec"], found["line"]) for found in base["dependencies"]] == [
        ("python", "3.11.*", 8)
    ]
    assert await shown(call, f"{WORKER}/pixi.toml") == answer


async def test_a_preview_is_the_diff_and_writes_nothing(worker: Path, call: Call) -> None:
    before = await shown(call)
    status, answer = await call("POST", "manifest", "preview", body=edit(before["digest"]))
    assert status == 200
    assert [line["text"] for line in answer["diff"] if line["kind"] == "add"] == ['numpy = ">=2"']
    assert [line for line in answer["diff"] if line["kind"] == "remove"] == []
    assert len(answer["outline"]["features"][0]["dependencies"]) == 2
    assert answer["digest"] == before["digest"]
    assert (worker / "pixi.toml").read_bytes() == MANIFEST.encode()


async def test_an_edit_is_written_and_taken_back_to_the_byte(worker: Path, call: Call) -> None:
    raw = b"\xef\xbb\xbf" + MANIFEST.replace("\n", "\r\n").encode()
    (worker / "pixi.toml").write_bytes(raw)
    before = await shown(call)
    status, written = await call("PUT", "manifest", body=edit(before["digest"]))
    assert (status, written["before"]) == (200, before["digest"])
    changed = (worker / "pixi.toml").read_bytes()
    assert changed == raw + b'numpy = ">=2"\r\n'
    assert (await shown(call))["digest"] == written["digest"]
    back = {"workspace": WORKER, "digest": written["digest"], "to": written["before"]}
    status, restored = await call("POST", "manifest", "restore", body=back)
    assert (status, restored["digest"], restored["before"]) == (200, before["digest"], written["digest"])
    assert (worker / "pixi.toml").read_bytes() == raw


async def test_what_changed_meanwhile_is_left_alone(worker: Path, call: Call) -> None:
    digest = (await shown(call))["digest"]
    theirs = MANIFEST + '# theirs\nscipy = "*"\n'
    (worker / "pixi.toml").write_text(theirs)
    restore = {"workspace": WORKER, "digest": digest, "to": digest}
    for method, path, body in (
        ("POST", ("manifest", "preview"), edit(digest)),
        ("PUT", ("manifest",), edit(digest)),
        ("POST", ("manifest", "restore"), restore),
        ("POST", ("plans",), {**edit(digest), "environments": None}),
    ):
        status, answer = await call(method, *path, body=body)
        assert (status, answer["code"]) == (412, "manifest-conflict"), path
    assert (worker / "pixi.toml").read_text() == theirs


async def test_of_two_edits_with_one_digest_one_wins(worker: Path, call: Call) -> None:
    digest = (await shown(call))["digest"]
    answers = await asyncio.gather(
        *(call("PUT", "manifest", body=edit(digest, {**ADD, "name": f"package-{n}"})) for n in range(8))
    )
    assert sorted(status for status, _ in answers) == [200] + [412] * 7
    [won] = [answer for status, answer in answers if status == 200]
    text = (worker / "pixi.toml").read_text()
    assert text.count("package-") == 1
    assert won["digest"] == hashlib.sha256(text.encode()).hexdigest()


async def test_an_edit_that_cannot_be_made_is_refused(worker: Path, call: Call) -> None:
    digest = (await shown(call))["digest"]
    absent = {"op": "remove-feature", "feature": {"kind": "feature", "name": "nonesuch"}}
    for method, path in (("POST", ("manifest", "preview")), ("PUT", ("manifest",))):
        status, answer = await call(method, *path, body=edit(digest, absent))
        assert (status, answer["code"]) == (422, "edit-refused")
        assert "nonesuch" in answer["message"]
    assert (worker / "pixi.toml").read_text() == MANIFEST


async def test_bytes_that_are_not_kept_cannot_be_given_back(worker: Path, call: Call) -> None:
    digest = (await shown(call))["digest"]
    body = {"workspace": WORKER, "digest": digest, "to": "0" * 64}
    status, answer = await call("POST", "manifest", "restore", body=body)
    assert (status, answer["code"]) == (404, "manifest-not-found")


async def test_a_broken_manifest_is_named_with_its_line(worker: Path, call: Call) -> None:
    digest = (await shown(call))["digest"]
    (worker / "pixi.toml").write_text(MANIFEST + "numpy = \n")
    for answer in (
        await call("GET", "manifest", params={"workspace": WORKER}),
        await call("PUT", "manifest", body=edit(digest)),
    ):
        assert (answer[0], answer[1]["code"]) == (422, "manifest-invalid")
        assert "line 9" in answer[1]["message"]
    _, listed = await call("GET", "workspaces")
    [problem] = listed["problems"]
    assert problem["manifest"] == f"{WORKER}/pixi.toml"
    assert "line 9" in problem["message"]
    assert problem["remedy"]


async def test_a_workspace_that_is_gone_is_not_found(worker: Path, call: Call) -> None:
    digest = (await shown(call))["digest"]
    (worker / "pixi.toml").unlink()
    status, answer = await call("PUT", "manifest", body=edit(digest))
    assert (status, answer["code"]) == (404, "manifest-not-found")
    assert list(worker.iterdir()) == []


async def test_a_format_without_an_editor_is_edited_as_a_file(jp_root_dir: Path, call: Call) -> None:
    (jp_root_dir / "requirements.txt").write_text("six\n")
    _, listed = await call("GET", "workspaces")
    assert [found["editable"] for found in listed["workspaces"]] == [False]
    status, answer = await call("GET", "manifest", params={"workspace": "requirements.txt"})
    assert (status, answer["code"]) == (422, "edit-refused")
    assert "Open the file" in answer["remedy"]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write everything")
async def test_a_file_that_cannot_be_written_stays(worker: Path, call: Call) -> None:
    digest = (await shown(call))["digest"]
    (worker / "pixi.toml").chmod(0o444)
    _, listed = await call("GET", "workspaces")
    assert [found["editable"] for found in listed["workspaces"]] == [False]
    status, answer = await call("PUT", "manifest", body=edit(digest))
    assert (status, answer["code"]) == (422, "edit-refused")
    assert (worker / "pixi.toml").read_text() == MANIFEST


async def test_a_link_that_leads_out_of_the_root_is_not_edited(
    jp_root_dir: Path, tmp_path: Path, call: Call
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "pixi.toml").write_text(MANIFEST)
    inside = jp_root_dir / "inside"
    inside.mkdir()
    (inside / "pixi.toml").symlink_to(outside / "pixi.toml")
    digest = hashlib.sha256(MANIFEST.encode()).hexdigest()
    _, listed = await call("GET", "workspaces")
    assert [found["editable"] for found in listed["workspaces"]] == [False]
    for workspace in ("inside", "inside/pixi.toml", str(outside), str(outside / "pixi.toml"), "../outside"):
        status, answer = await call("PUT", "manifest", body=edit(digest, workspace=workspace))
        assert status in (404, 422), workspace
        status, answer = await call("GET", "manifest", params={"workspace": workspace})
        assert status in (404, 422), workspace
        assert "text" not in answer
    assert (outside / "pixi.toml").read_text() == MANIFEST


async def test_a_manifest_that_is_too_large_is_refused(worker: Path, call: Call) -> None:
    (worker / "pixi.toml").write_text(MANIFEST + "#" * 2**20)
    status, answer = await call("GET", "manifest", params={"workspace": WORKER})
    assert (status, answer["code"]) == (422, "manifest-invalid")
    assert "1 MiB" in answer["message"]
    body = edit("0" * 64, {**ADD, "spec": "x" * 2**20})
    for method, path in (("PUT", ("manifest",)), ("POST", ("manifest", "preview"))):
        status, answer = await call(method, *path, body=body)
        assert (status, answer["message"]) == (413, "The body is larger than 1 MiB.")


async def test_a_large_manifest_is_worked_on_in_a_process_of_its_own(
    worker: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = MANIFEST + "".join(f'package-{number} = "*"\n' for number in range(4000))
    (worker / "pixi.toml").write_text(text)
    monkeypatch.setattr(manifest_work, "do", None)  # whoever asks in this process fails
    digest = (await shown(call))["digest"]
    assert digest == hashlib.sha256(text.encode()).hexdigest()
    status, answer = await call("POST", "manifest", "preview", body=edit(digest))
    assert [line["text"] for line in answer["diff"] if line["kind"] == "add"] == ['numpy = ">=2"']
    assert (await call("PUT", "manifest", body=edit("0" * 64)))[0] == 412
    status, written = await call("PUT", "manifest", body=edit(digest))
    assert status == 200
    assert (worker / "pixi.toml").read_text() == text + 'numpy = ">=2"\n'
    back = {"workspace": WORKER, "digest": written["digest"], "to": digest}
    assert (await call("POST", "manifest", "restore", body=back))[0] == 200
    assert (worker / "pixi.toml").read_text() == text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "The body is not an object."),
        ({"digest": "", "edits": []}, "The body has no field “workspace”."),
        ({"workspace": 1, "digest": "", "edits": []}, "“workspace” is not a text."),
        ({"workspace": "", "digest": "", "edits": {}}, "“edits” is not a list."),
        (edit("", 5), "“edits[0]” is not an edit that this version knows."),
        (edit("", {"op": "nonesuch"}), "“edits[0]” is not an edit that this version knows."),
        (edit("", ADD, {**ADD, "name": 5}), "“edits[1].name” is not a text."),
        (edit("", {**ADD, "kind": "npm"}), '“edits[0].kind” is not one of "conda", "pypi".'),
        (edit("", {**ADD, "feature": {"kind": "base"}}), "“edits[0].feature” has no field “name”."),
        (edit("", {**ADD, "more": 1}), "“edits[0]” has a field “more”, which is not known."),
        (
            edit("", {"op": "set-channels", "feature": BASE, "channels": "x"}),
            "“edits[0].channels” is not a list or null.",
        ),
    ],
)
async def test_a_body_that_is_not_understood_names_the_field(
    jp_serverapp: Any, call: Call, body: Any, message: str
) -> None:
    for method, path in (("PUT", ("manifest",)), ("POST", ("manifest", "preview"))):
        status, answer = await call(method, *path, body=body)
        assert (status, answer["code"], answer["message"]) == (400, "bad-request", message)


@pytest.mark.parametrize("raw", ["", "{", "[" * 100_000, "\udcff", '{"workspace": "\\ud800"}'])
async def test_a_body_that_is_not_json_is_refused(jp_fetch: Any, raw: str) -> None:
    answer = await jp_fetch(
        *("appose-kernel", "api", "manifest"),
        method="PUT",
        body=raw.encode("utf-8", "surrogateescape"),
        raise_error=False,
    )
    assert answer.code == 400
    assert b"not JSON" in answer.body


async def test_a_package_is_checked_as_typed(jp_serverapp: Any, call: Call) -> None:
    _, answer = await call("GET", "specs", params={"kind": "pypi", "text": "requests[socks]>=2"})
    assert (answer["ok"], answer["name"], answer["spec"]) == (True, "requests", "[socks]>=2")
    _, answer = await call("GET", "specs", params={"kind": "conda", "text": "numpy=2.*"})
    assert (answer["ok"], answer["name"]) == (True, "numpy")
    _, answer = await call("GET", "specs", params={"kind": "pypi", "text": "numpy >>2"})
    assert (answer["ok"], bool(answer["message"])) == (False, True)
    for params in ({"kind": "npm", "text": "x"}, {"kind": "pypi"}, {"text": "x"}):
        status, answer = await call("GET", "specs", params=params)
        assert (status, answer["code"]) == (400, "bad-request")


async def test_an_answer_that_has_not_changed_is_not_sent_again(worker: Path, jp_fetch: Any) -> None:
    for path in (("workspaces",), ("environments",), ("builds",)):
        first = await jp_fetch("appose-kernel", "api", *path)
        again = await jp_fetch(
            "appose-kernel", "api", *path, headers={"If-None-Match": first.headers["Etag"]}, raise_error=False
        )
        assert (again.code, again.body) == (304, b"")
    (worker / "pixi.toml").unlink()
    changed = await jp_fetch("appose-kernel", "api", "workspaces")
    assert changed.code == 200
