"""Each failure of uv's that has a name is provoked in the real uv, and explained."""

from __future__ import annotations

import shlex
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from bench import Bench, manifest
from index_server import Index, serve

from appose_kernel.errors import ApposeKernelError, InstallError, LockOutdated, ManifestInvalid, SolveError

BETA = "beta-1.0-py3-none-any.whl"


def failure(bench: Bench, expected: type[ApposeKernelError], name: str = "default") -> ApposeKernelError:
    """The error of a build, which names the manifest, and has a remedy and uv's own words."""
    with pytest.raises(ApposeKernelError) as caught:
        bench.build(name)
    error = caught.value
    assert type(error) is expected, error
    assert error.message.startswith(str(bench.root))
    assert error.remedy
    assert error.detail.startswith("error: ")
    return error


def test_requirements_that_contradict_each_other(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"needs-old", "needs-new"'))
    error = failure(bench, SolveError)
    assert "needs-old" in error.detail
    assert "unsatisfiable" in error.detail


def test_a_package_that_the_index_does_not_have(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"no-such-package"'))
    error = failure(bench, SolveError)
    assert error.message.endswith(": the index has no package that is called `no-such-package`.")
    assert "no-such-package was not found in the package registry" in error.detail


def test_extras_that_exclude_each_other_but_are_not_declared_so(bench: Bench, index: Index) -> None:
    extras = '[project.optional-dependencies]\nnew = ["needs-new"]\nold = ["needs-old"]\n'
    bench.write(pyproject_toml=manifest(index, "", extras))
    assert "demo[new] and demo[old] are incompatible" in failure(bench, SolveError, "new").detail


@pytest.mark.parametrize("fault", ["reset", "truncate"])
def test_a_download_that_is_cut_off(bench: Bench, index: Index, fault: str) -> None:
    bench.write(pyproject_toml=manifest(index, '"alpha"'))
    bench.lock()
    index.faults[BETA] = fault
    error = failure(bench, InstallError)
    assert "the download of beta==1.0 was cut off or damaged" in error.message
    assert "`demo` (v1) depends on `alpha`" in error.detail
    index.faults.clear()
    bench.build()
    assert bench.installed() == {"alpha": "2.0", "beta": "1.0"}


def test_a_file_that_is_not_what_the_lock_says(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    index.faults[BETA] = "hash"
    error = failure(bench, InstallError)
    assert "what was downloaded for beta==1.0 has another hash" in error.message


@pytest.mark.parametrize("what", ["beta", BETA])
def test_an_index_that_answers_503(bench: Bench, index: Index, what: str) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    index.faults[what] = "503"
    error = failure(bench, InstallError)
    assert "answered “503 Service Unavailable” for http://127.0.0.1" in error.message


def test_a_file_that_the_index_lost(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.lock()
    lock = bench.root / "uv.lock"
    lock.write_text(lock.read_text().replace("/files/beta-1.0-py3", "/files/lost/beta-1.0-py2.py3"))
    assert "answered “404 Not Found”" in failure(bench, InstallError).message


def test_an_index_that_nobody_serves(bench: Bench, index: Index) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    bench.write(
        pyproject_toml=manifest(index, '"beta"').replace(index.url, f"http://127.0.0.1:{port}/simple")
    )
    assert f"127.0.0.1:{port} cannot be reached" in failure(bench, InstallError).message


def test_an_index_whose_name_nobody_knows(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"').replace(index.url, "http://index.invalid/simple"))
    assert "the name index.invalid cannot be looked up (DNS)" in failure(bench, InstallError).message


def test_credentials_in_an_address_are_not_shown(bench: Bench, index: Index) -> None:
    address = "http://user:hunter2@index.invalid/simple"
    bench.write(pyproject_toml=manifest(index, '"beta"').replace(index.url, address))
    assert "hunter2" not in str(failure(bench, InstallError).to_dict())


def test_a_package_for_another_platform(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"elsewhere"'))
    error = failure(bench, InstallError)
    assert "elsewhere==1.0 has neither a wheel for this platform nor a source" in error.message
    assert "win_amd64" in error.detail


def test_a_source_that_cannot_be_built_ends_with_its_own_output(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"broken"'))
    error = failure(bench, InstallError)
    assert "broken==1.0 is built from source, and its build failed" in error.message
    assert "looking for a compiler" in error.detail
    assert "gfortran is missing" in error.detail


def test_a_lock_with_the_marks_of_a_merge(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.lock()
    lock = bench.root / "uv.lock"
    lock.write_text("<<<<<<< HEAD\n" + lock.read_text())
    error = failure(bench, LockOutdated)
    assert "uv.lock cannot be read" in error.message


def test_a_frozen_build_without_a_lock(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.settings.frozen = True
    assert "there is no uv.lock" in failure(bench, LockOutdated).message


def test_a_frozen_build_with_a_lock_that_does_not_know_the_extra(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.lock()
    bench.write(
        pyproject_toml=manifest(index, '"beta"', '[project.optional-dependencies]\nnew = ["alpha"]\n')
    )
    bench.settings.frozen = True
    assert "Extra `new` is not defined" in failure(bench, ManifestInvalid, "new").message


def test_a_configuration_of_uv_that_cannot_be_read(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'), uv_toml="offline = [\n")
    assert "uv cannot read it" in failure(bench, ManifestInvalid).message


def test_a_local_package_that_is_not_there(bench: Bench, index: Index) -> None:
    bench.write(requirements_txt=f"--index-url {index.url}\nbeta @ ./gone\n")
    assert f"it names {bench.root / 'gone'}, which does not exist" in failure(bench, ManifestInvalid).message


def test_a_cache_that_cannot_be_written(bench: Bench, index: Index, tmp_path: Path) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    blocked = tmp_path / "file"
    blocked.touch()
    bench.environ["UV_CACHE_DIR"] = str(blocked / "cache")
    error = failure(bench, InstallError)
    assert f"uv's cache {blocked / 'cache'} cannot be written" in error.message


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_certificate_that_nobody_trusts(bench: Bench, packages: Path, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout {key} -out {certificate}"
    )
    subprocess.run(shlex.split(command), check=True, stderr=subprocess.DEVNULL, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serve(packages, context) as index:
        bench.write(pyproject_toml=manifest(index, '"beta"'))
        error = failure(bench, InstallError)
    assert f"certificate of 127.0.0.1:{index.server_address[1]} is not trusted" in error.message
