"""What building a pixi workspace comes to, whichever engine does it: the cases are written once.

The engine pixi needs the real binary, on PATH or where its installer puts it; where there is none, the same
cases run on the embedded engine alone, and the report says so.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest
from conda_bench import HOST, CondaBench, told
from conda_channel import VERSION

from appose_kernel.environments.engines import Engine
from appose_kernel.environments.engines.embedded import EmbeddedEngine
from appose_kernel.environments.engines.pixi import PixiEngine
from appose_kernel.environments.settings import Settings
from appose_kernel.errors import LockOutdated, SolveError
from appose_kernel.model import Activation, Step

#: Looked for before a test's own home folder hides it.
PIXI = shutil.which("pixi", path=os.pathsep.join([os.environ["PATH"], str(Path.home() / ".pixi" / "bin")]))
PYTHON = f"python-{VERSION}-0"


class Case(CondaBench):
    """The bench of the embedded engine, with whichever engine the case is for."""

    engine: Engine

    def lock(self, name: str = "default", **options: bool) -> list[Step]:
        return told(self.engine.lock(self.job(name, **options)))

    def install(self, name: str = "default", **options: bool) -> list[Step]:
        return told(self.engine.install(self.job(name, **options)))

    def activation(self, name: str = "default") -> Activation:
        return asyncio.run(self.engine.activation(self.job(name)))


@pytest.fixture(
    params=[
        pytest.param(
            "pixi",
            marks=pytest.mark.skipif(
                PIXI is None, reason="no pixi binary was found: the same cases run on the embedded engine"
            ),
        ),
        "embedded",
    ]
)
def case(
    request: pytest.FixtureRequest, conda: CondaBench, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> Case:
    engines: dict[str, Engine] = {"pixi": PixiEngine(), "embedded": EmbeddedEngine()}
    configured = {"engine": request.param, "pixi": PIXI or ""}
    folder = isolated / "jupyter" / "config"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "jupyter_appose_config.json").write_text(json.dumps({"Settings": configured}))
    for name in ("PIXI_CACHE_DIR", "RATTLER_CACHE_DIR"):
        monkeypatch.setenv(name, str(conda.root.parent / "rattler-cache"))
    environ = conda.environ | {"PIXI_CACHE_DIR": str(conda.root.parent / "rattler-cache")}
    made = Case(conda.root, conda.server, conda.channel, environ, Settings(**configured))
    made.engine = engines[request.param]
    return made


def test_environments_of_a_solve_group_agree_and_only_the_cuda_one_has_cuda(case: Case) -> None:
    case.environ["CONDA_OVERRIDE_CUDA"] = "12.4"
    case.manifest(
        'beta = "*"\ngpu = "*"',
        '[feature.old.dependencies]\nalpha = "<2"\n'
        '[feature.cuda.system-requirements]\ncuda = "12"\n'
        "[environments]\n"
        'default = { solve-group = "g" }\nold = { features = ["old"], solve-group = "g" }\n'
        'cuda = ["cuda"]\n',
    )
    for name in ("default", "old", "cuda"):
        case.build(name)
    assert case.conda() == {"alpha": "1.0 0", "beta": "1.0 0", "gpu": "1.0 cpu", "python": f"{VERSION} 0"}
    assert case.conda("old") == case.conda()
    assert case.conda("cuda") == case.conda() | {"alpha": "2.0 0", "gpu": "1.0 cuda"}


def test_activation_reaches_a_process(case: Case) -> None:
    (case.root / "setup.sh").write_text('export SCRIPT="$ACT and $PIXI_ENVIRONMENT_NAME" LATER=script\n')
    case.manifest(
        'act = "*"\n',
        '[feature.cuda.activation]\nscripts = ["setup.sh"]\n'
        "[feature.cuda.activation.env]\n"
        'LD_LIBRARY_PATH = "$CONDA_PREFIX/lib:${LD_LIBRARY_PATH:-}"\nLATER = "manifest"\n'
        '[environments]\ncuda = ["cuda"]\n',
    )
    case.environ["LD_LIBRARY_PATH"] = "/before"
    case.build("cuda")
    prefix = case.prefix("cuda").path
    tell = 'echo "$LD_LIBRARY_PATH|$SCRIPT|$LATER|$ACT_FILE|$PIXI_PROJECT_ROOT|$(command -v where)"'
    assert case.run("sh", "-c", tell, name="cuda") == "|".join(
        [
            f"{prefix}/lib:/before",
            f"{prefix} and cuda",
            "manifest",
            "from a file",
            str(case.root),
            f"{prefix}/bin/where",
        ]
    )
    del case.environ["LD_LIBRARY_PATH"]
    assert case.run("sh", "-c", "echo $LD_LIBRARY_PATH", name="cuda") == f"{prefix}/lib:"


def test_a_lock_is_installed_exactly_and_stays_as_it_is(case: Case) -> None:
    case.manifest('python = "*"\nalpha = "*"')
    case.write_lock({"default": [PYTHON, "alpha-1.0-0"]})
    lock = (case.root / "pixi.lock").read_bytes()
    case.build()
    assert case.conda() == {"alpha": "1.0 0", "python": f"{VERSION} 0"}
    assert case.records()["alpha"]["sha256"] in lock.decode()
    assert (case.root / "pixi.lock").read_bytes() == lock


def test_an_outdated_lock_is_refused_before_anything_is_touched(case: Case) -> None:
    case.manifest('python = "*"\nalpha = ">=2"')
    case.write_lock({"default": [PYTHON, "alpha-1.0-0"]})
    lock = (case.root / "pixi.lock").read_bytes()
    with pytest.raises(LockOutdated, match=r"pixi\.lock is older than pixi\.toml") as caught:
        case.lock()
    assert "alpha" in caught.value.detail
    assert caught.value.remedy
    assert (case.root / "pixi.lock").read_bytes() == lock
    assert not (case.root / ".pixi" / "envs").exists()


def test_a_frozen_build_installs_the_lock_whatever_the_manifest_says(case: Case) -> None:
    case.manifest('python = "*"\nalpha = ">=2"')
    case.write_lock({"default": [PYTHON, "alpha-1.0-0"]})
    case.build(frozen=True)
    assert case.conda()["alpha"] == "1.0 0"


def test_a_frozen_build_without_a_lock_is_refused(case: Case) -> None:
    case.manifest('alpha = "*"')
    with pytest.raises(LockOutdated, match="a frozen build needs one"):
        case.build(frozen=True)


def test_lock_on_request_takes_up_what_the_manifest_says_now(case: Case) -> None:
    case.manifest('python = "*"\nalpha = ">=2"')
    case.write_lock({"default": [PYTHON, "alpha-1.0-0"]})
    case.lock(locked=False)
    case.build()
    assert case.conda()["alpha"] == "2.0 0"


def test_a_build_from_scratch_restores_what_was_broken(case: Case) -> None:
    case.manifest('alpha = "*"')
    case.build()
    [module] = case.prefix().path.glob("lib/python*/site-packages/alpha.py")
    module.unlink()
    case.install(rebuild=True)
    assert module.exists()


def test_a_manifest_that_nothing_satisfies(case: Case) -> None:
    case.manifest('alpha = ">=3"')
    with pytest.raises(SolveError) as caught:
        case.build()
    assert "alpha" in caught.value.detail
    assert caught.value.remedy


def test_the_platform_is_the_machines_own(case: Case) -> None:
    other = "osx-arm64" if HOST != "osx-arm64" else "linux-64"
    case.manifest(
        'python = "*"', f'[target.{HOST}.dependencies]\nalpha = "1.0"', platforms=f'"{HOST}", "{other}"'
    )
    case.write_lock({"default": [PYTHON, "alpha-1.0-0"]})
    case.build(frozen=True)
    assert case.conda()["alpha"] == "1.0 0"
