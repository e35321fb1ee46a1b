"""Where packages come from: credentials, mirrors, proxies and caches of pixi's configuration; and what is
said when a channel does not answer as it should."""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import conda_channel
import pytest
from conda_bench import HOST, CondaBench, said
from conda_channel import VERSION
from index_server import serve

from appose_kernel.environments import failures, generations
from appose_kernel.errors import ApposeKernelError, InstallError, ManifestInvalid, SolveError

TOKEN = "not-for-everybody"
BASIC = base64.b64encode(f"me:{TOKEN}".encode()).decode()


def configure(conda: CondaBench, text: str) -> None:
    (conda.root / ".pixi").mkdir(exist_ok=True)
    (conda.root / ".pixi" / "config.toml").write_text(text)


def credentials(folder: Path, entry: dict[str, object]) -> Path:
    file = folder / "credentials.json"
    file.write_text(json.dumps({"127.0.0.1": entry}))
    return file


@pytest.mark.parametrize(
    ("demanded", "entry"),
    [
        (f"Bearer {TOKEN}", {"BearerToken": TOKEN}),
        (f"Basic {BASIC}", {"BasicHTTP": {"username": "me", "password": TOKEN}}),
    ],
)
def test_a_channel_that_demands_credentials_gets_them(
    conda: CondaBench, tmp_path: Path, demanded: str, entry: dict[str, object]
) -> None:
    conda.server.authorization = demanded
    conda.manifest('gpu = "*"')
    with pytest.raises(InstallError) as caught:
        conda.lock()
    assert "the channel answered “401 Unauthorized”" in caught.value.message
    assert "pixi auth login" in caught.value.remedy
    conda.environ["RATTLER_AUTH_FILE"] = str(credentials(tmp_path, entry))
    steps = conda.build()
    assert conda.conda() == {"gpu": "1.0 cpu"}
    assert TOKEN not in said(steps)


def test_credentials_of_pixi_s_configuration_count(conda: CondaBench, tmp_path: Path) -> None:
    conda.server.authorization = f"Bearer {TOKEN}"
    file = credentials(tmp_path, {"BearerToken": TOKEN})
    configure(conda, f'authentication-override-file = "{file}"')
    conda.manifest('gpu = "*"')
    conda.build()
    assert conda.conda() == {"gpu": "1.0 cpu"}


def test_a_token_in_a_channel_s_address_is_in_no_message(conda: CondaBench) -> None:
    address = conda.server.url.replace("//", f"//me:{TOKEN}@")
    conda.server.authorization = f"Basic {BASIC}"
    conda.manifest('gpu = "*"', channels=[address])
    steps = conda.build()
    assert TOKEN not in said(steps)
    conda.server.authorization = "Basic another"
    conda.environ["RATTLER_CACHE_DIR"] += "-2"
    with pytest.raises(InstallError) as caught:
        conda.install(rebuild=True)
    assert TOKEN not in json.dumps(caught.value.to_dict())


def test_a_mirror_stands_in_for_a_channel(conda: CondaBench) -> None:
    configure(conda, f'[mirrors]\n"https://conda.invalid/main" = ["{conda.server.url}"]\n')
    conda.manifest('gpu = "*"', channels=["https://conda.invalid/main"])
    conda.build()
    assert conda.records()["gpu"]["url"] == f"https://conda.invalid/main/{HOST}/gpu-1.0-cpu.tar.bz2"


def test_a_proxy_is_asked(conda: CondaBench) -> None:
    configure(conda, f'[proxy-config]\nhttp = "{conda.server.url}"\n')
    conda.manifest('gpu = "*"', channels=["http://conda.invalid/main"])
    with pytest.raises(InstallError, match=r"there is no channel at http://conda\.invalid/main/"):
        conda.lock()
    assert conda.server.requests["repodata.json"] > 0


@pytest.mark.parametrize("how", ["variable", "configuration"])
def test_caches_are_where_pixi_is_told_to_have_them(conda: CondaBench, tmp_path: Path, how: str) -> None:
    folder = tmp_path / "chosen"
    del conda.environ["RATTLER_CACHE_DIR"]
    if how == "variable":
        conda.environ["PIXI_CACHE_DIR"] = str(folder)
    else:
        configure(conda, f'[cache]\nroot = "{folder}"\n')
    conda.manifest('gpu = "*"')
    conda.build()
    assert {path.name for path in folder.iterdir()} >= {"pkgs", "repodata"}
    assert (folder / "pkgs" / "gpu-1.0-cpu").is_dir()


def test_what_a_channel_has_no_more_is_not_kept(conda: CondaBench, tmp_path: Path) -> None:
    conda.manifest('python = "*"\nalpha = "*"')
    conda.lock()
    other = conda_channel.Channel(tmp_path / "other")
    other.python()
    other.noarch("alpha", "1.0")
    other.index()
    with conda_channel.serve(other.folder) as url:
        conda.manifest('python = "*"\nalpha = "*"', channels=[url])
        conda.build()
    assert conda.conda() == {"python": f"{VERSION} 0", "alpha": "1.0 0"}


def failure(conda: CondaBench, act: Callable[[], object]) -> ApposeKernelError:
    with pytest.raises(ApposeKernelError) as caught:
        act()
    assert caught.value.message.startswith(f"{conda.root}/pixi.toml: ")
    assert caught.value.remedy
    assert caught.value.detail
    return caught.value


def test_what_cannot_be_solved_is_explained(conda: CondaBench) -> None:
    conda.manifest('alpha = ">=3"\npython = "*"')
    error = failure(conda, conda.lock)
    assert isinstance(error, SolveError)
    assert error.message.endswith(": no set of conda packages satisfies the requirements.")
    assert "No candidates were found for alpha >=3" in error.detail


def test_a_package_that_no_channel_has_is_named(conda: CondaBench) -> None:
    conda.manifest('alphaa = "*"\npython = "*"')
    error = failure(conda, conda.lock)
    assert isinstance(error, SolveError)
    assert error.message.endswith(f": there is no package `alphaa` for {HOST} in {conda.server.url}.")
    assert "Check how it is spelt" in error.remedy


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("http://127.0.0.1:1/main", "http://127.0.0.1:1/main/"),
        pytest.param("https://conda.invalid/main", "https://conda.invalid/main/", marks=pytest.mark.nightly),
    ],
)
def test_a_channel_that_cannot_be_reached_is_named(conda: CondaBench, channel: str, words: str) -> None:
    conda.manifest('gpu = "*"', channels=[channel])
    error = failure(conda, conda.lock)
    assert words in error.message
    assert error.message.endswith(" cannot be reached.")


def test_a_channel_that_is_not_there_is_named(conda: CondaBench) -> None:
    conda.manifest('gpu = "*"', channels=[f"{conda.server.url}/none"])
    assert failure(conda, conda.lock).message.endswith(f": there is no channel at {conda.server.url}/none/.")


def test_what_a_channel_answers_is_told(conda: CondaBench) -> None:
    conda.manifest('gpu = "*"')
    conda.server.faults["repodata.json"] = 503
    assert "the channel answered “503 Service Unavailable” for http" in failure(conda, conda.lock).message


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (404, "gpu-1.0-cpu.tar.bz2 is no longer in its channel: “404 Not Found” for http"),
        (b"no archive", "the download of gpu-1.0-cpu.tar.bz2 was cut off or damaged."),
    ],
)
def test_a_package_that_cannot_be_had_is_named(conda: CondaBench, fault: int | bytes, message: str) -> None:
    conda.manifest('gpu = "*"')
    conda.lock()
    conda.server.faults["gpu-1.0-cpu.tar.bz2"] = fault
    error = failure(conda, conda.install)
    assert isinstance(error, InstallError)
    assert message in error.message


@pytest.mark.nightly  # py-rattler tries again for seconds
def test_a_certificate_that_nobody_knows_is_named(conda: CondaBench, tmp_path: Path) -> None:
    certificate = tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", certificate]
    command += [
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-out",
        f"{certificate}.crt",
    ]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{certificate}.crt", certificate)
    with serve(tmp_path, context) as server:
        conda.manifest('gpu = "*"', channels=[f"{server.base}/main"])
        error = failure(conda, conda.lock)
    assert "the TLS certificate of https://127.0.0.1" in error.message


@pytest.mark.nightly  # py-rattler tries again for seconds
def test_a_full_disk_is_told(conda: CondaBench, tmp_path: Path, small: Callable[[Path], None]) -> None:
    conda.channel.package("big", files={"share/big": bytes(2**22)})
    conda.channel.index()
    conda.manifest('big = "*"')
    conda.lock()
    cache = Path(conda.environ["RATTLER_CACHE_DIR"])
    small(cache)
    error = failure(conda, conda.install)
    assert error.message.endswith(": the disk is full.")
    assert f"disk full: {cache} has" in failures.readable(error, [cache]).message


def test_a_folder_that_may_not_be_written_is_told(
    conda: CondaBench, frozen: Callable[[Path], None], isolated: Path
) -> None:
    conda.manifest('gpu = "*"')
    conda.lock()
    store = conda.prefix().path.parent
    store.mkdir(exist_ok=True)
    frozen(store)
    error = failure(conda, conda.install)
    assert error.message.endswith(": a file or folder may not be written.")
    assert str(conda.prefix().path) in error.detail


def test_a_broken_configuration_is_named(conda: CondaBench) -> None:
    configure(conda, "offline = false\ntls-no-verify = 7\n")
    conda.manifest('gpu = "*"')
    with pytest.raises(ManifestInvalid) as caught:
        conda.lock()
    file = conda.root / ".pixi" / "config.toml"
    assert caught.value.message == f"{file} line 2: this is no configuration that pixi could use."
    assert "expected a boolean" in caught.value.detail


def test_locks_of_a_generation_that_is_over_are_not_used(conda: CondaBench) -> None:
    conda.manifest('gpu = "*"')
    conda.lock()
    generations.renew(conda.environment().workspace)
    assert "Solving conda packages" in said(conda.lock())
