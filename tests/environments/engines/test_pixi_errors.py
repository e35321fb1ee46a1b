"""What pixi's own texts come to: each is from pixi's issues or sources, shortened."""

from __future__ import annotations

from pathlib import Path

import pytest

from appose_kernel.environments.engines.pixi import errors
from appose_kernel.errors import (
    ApposeKernelError,
    EngineUnsupported,
    InstallError,
    LockOutdated,
    ManifestInvalid,
    SolveError,
    ToolError,
    ToolFailed,
)

MANIFEST = Path("/home/ada/demo/pixi.toml")
PIXI = Path("/home/ada/.pixi/bin/pixi")

#: https://github.com/prefix-dev/pixi/issues/2757
CERTIFICATE = """\
Error:   × failed to solve requirements of environment 'default' for platform 'win-64'
  ├─▶   × Request failed after 3 retries
  │
  ├─▶ error sending request for url (https://conda.anaconda.org/conda-forge/noarch/repodata_shards.msgpack.zst)
  ├─▶ client error (Connect)
  ╰─▶ invalid peer certificate: UnknownIssuer
"""
#: https://github.com/prefix-dev/pixi/issues/3773
DNS = """\
Error:   × Couldn't install git
  ├─▶ Request failed after 3 retries
  ├─▶ error sending request for url (https://ada:secret@conda.example.org/t/token/noarch/repodata.json)
  ├─▶ client error (Connect)
  ├─▶ dns error: failed to lookup address information: Try again
  ╰─▶ failed to lookup address information: Try again
"""
#: https://github.com/tuna/issues/issues/2267
FORBIDDEN = """\
Error:   × Couldn't install global
  ├─▶ failed to fetch libstdcxx-ng-15.1.0-h4852527_3.conda
  ╰─▶ HTTP status client error (403 Forbidden) for url (https://mirrors.example.org/libstdcxx-ng-15.1.0.conda)
"""
#: https://github.com/prefix-dev/pixi/issues/4213
HASH = """\
Error:   × failed to fetch openmp-8.0.1-0.tar.bz2
  ╰─▶ hash mismatch: expected b35241079152e5cc891c99368395b2c6, got b11d98a89cb4480d3b22e4c9a4cdadae
"""
#: https://github.com/rerun-io/examples-monorepo/issues/34
PYPI = """\
Error:   × failed to solve the pypi requirements of environment 'sam3d' for platform 'linux-64'
  ├─▶ failed to resolve pypi dependencies
  ╰─▶ Because only the following versions of datasets are available:
          datasets<=2.20.0
      we can conclude that your requirements are unsatisfiable.
"""
#: https://github.com/prefix-dev/pixi/issues/3280
VIRTUAL = """\
Error:   × Cannot install environment 'default'
  ╰─▶ Virtual package '__cuda >=12' does not match any of the available virtual packages on your machine:
      [__unix=0=0, __glibc=2.35=0, __linux=6.8.0=0, __archspec=1=skylake]
"""
#: https://github.com/pydata/xarray/issues/11136
PLATFORM = """\
Error: unsupported-platform

  × The workspace does not support 'osx-64'.
  │ Add it with 'pixi workspace platform add osx-64'.
  help: supported platforms are win-64, linux-64, osx-arm64
"""
#: https://github.com/prefix-dev/pixi/issues/5293, from before 0.63
OLD_REQUIRES = "Error:   × workspace requires pixi '==0.62.2', but I am 0.62.1\n"
#: https://github.com/prefix-dev/pixi/issues/5256, from before 0.71
OLD_OUTDATED = "Error:   × lock-file not up-to-date with the workspace\n"
#: as miette draws a snippet where the terminal has no Unicode
ASCII = """\
Error:   x Expected a string
   ,-[/home/ada/demo/pixi.toml:7:18]
 6 | platforms = ["linux-64"]
 7 | channels = 3
   :            ^
   `----
"""
#: crates/pixi_core/src/lock_file/mod.rs
NEWER_LOCK = """\
Error:   × Failed to load lock file from `/home/ada/demo/pixi.lock`
  ╰─▶ The lock file version is 9, but only up to including version 7 is supported by the current version.
  help: Please update pixi to the latest version and try again.
"""
MERGED_LOCK = """\
Error:   × Failed to load lock file from `/home/ada/demo/pixi.lock`
  ╰─▶ could not find expected ':' at line 125 column 14
"""
#: crates/pixi_core/src/activation.rs
ACTIVATION = (
    'Error:   × Failed to run activation script for Named("cuda"). Status: exit status: 1. Stdout: . '
    "Stderr: setup.sh: no such device. Script: …\n"
)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (CERTIFICATE, InstallError, "certificate of conda.anaconda.org is not trusted (UnknownIssuer)"),
        (DNS, InstallError, "the name conda.example.org cannot be looked up (DNS)"),
        (FORBIDDEN, InstallError, "the server answered “403 Forbidden” for https://mirrors.example.org/"),
        (HASH, InstallError, "downloaded for openmp-8.0.1-0.tar.bz2 has another hash"),
        (PYPI, SolveError, "no set of packages satisfies the requirements"),
        (VIRTUAL, InstallError, "it needs __cuda >=12, which this machine does not have"),
        (PLATFORM, EngineUnsupported, "The workspace is not made for this machine (osx-64)"),
        (OLD_REQUIRES, ToolError, f"it asks for pixi ==0.62.2, and {PIXI} is 0.62.1"),
        (OLD_OUTDATED, LockOutdated, "pixi.lock is older than pixi.toml"),
        (ASCII, ManifestInvalid, "/home/ada/demo/pixi.toml line 7: pixi cannot read it"),
        (ACTIVATION, InstallError, "one of its activation scripts failed"),
        ("Error:   × unknown environment 'gpu'\n", ManifestInvalid, "no environment “gpu”"),
        (
            "Error:   × failed to link six-1.0-0\n  ╰─▶ No space left on device (os error 28)\n",
            InstallError,
            "the disk is full",
        ),
        (
            "Error:   × failed to create directory `/x`\n  ╰─▶ Permission denied (os error 13)\n",
            InstallError,
            "may not write",
        ),
        (
            "Error:   × failed to extract six-1.0-0.conda\n  ╰─▶ invalid Zip archive\n",
            InstallError,
            "its packages cannot be installed",
        ),
        (
            "Error:   × found newer lockfile format version 9, but only up to version 7 is supported\n",
            ToolError,
            f"its lock is of the format 9, which {PIXI} is too old for",
        ),
        (NEWER_LOCK, ToolError, f"its lock is of the format 9, which {PIXI} is too old for"),
        (MERGED_LOCK, LockOutdated, "pixi.lock cannot be read"),
        ("Error:   × something that nobody knows\n", ToolFailed, "`pixi install` ended with exit code 1"),
    ],
)
def test_a_text_comes_to_an_error_of_ours(text: str, error: type[ApposeKernelError], message: str) -> None:
    said = [" WARN an earlier word", *text.splitlines()]
    found = errors.classify(MANIFEST, PIXI, ["pixi", "install"], 1, said)
    assert type(found) is error
    assert message in found.message
    assert error is ToolFailed or str(MANIFEST) in found.message
    assert error is ToolFailed or found.remedy
    assert "an earlier word" not in found.detail
    assert "secret" not in str(found.to_dict())


def test_nothing_is_left_of_the_frame_and_all_of_the_words() -> None:
    found = list(errors.explanation(CERTIFICATE.splitlines()))
    assert found == [
        "failed to solve requirements of environment 'default' for platform 'win-64'",
        "Request failed after 3 retries",
        "error sending request for url (https://conda.anaconda.org/conda-forge/noarch/repodata_shards.msgpack.zst)",
        "client error (Connect)",
        "invalid peer certificate: UnknownIssuer",
    ]


def test_the_solvers_own_tree_stays_a_tree() -> None:
    text = """\
Error:   × failed to solve the environment
  ╰─▶ Cannot solve the request because of: The following packages are incompatible
      ├─ alpha * can be installed with any of the following options:
      │  └─ alpha 1.0
      └─ beta * cannot be installed
"""
    assert list(errors.explanation(text.splitlines()))[2:] == [
        "      ├─ alpha * can be installed with any of the following options:",
        "      │  └─ alpha 1.0",
        "      └─ beta * cannot be installed",
    ]


def test_of_a_long_text_the_middle_goes() -> None:
    text = "Error:   × Cannot solve the request because of:\n" + "".join(
        f"      line {n}\n" for n in range(99)
    )
    detail = errors.classify(MANIFEST, PIXI, ["pixi", "lock"], 1, text.splitlines()).detail
    assert detail.startswith("Cannot solve")
    assert detail.endswith("line 98")
    assert "…" in detail.splitlines()
    assert len(detail.splitlines()) < 50


def test_a_pixi_that_takes_too_long_or_is_killed_has_a_remedy() -> None:
    assert errors.classify(MANIFEST, PIXI, ["pixi", "list"], None, []).remedy
    assert "SIGKILL" in errors.classify(MANIFEST, PIXI, ["pixi", "list"], -9, []).remedy
