"""The embedded engine with the real py-rattler, over a channel served from here: what is solved, what is
installed, and what is used again."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import conda_channel
import pytest
from conda_bench import ENGINE, HOST, CondaBench, said, sha256
from conda_channel import PLACEHOLDER, SITE_PACKAGES, VERSION

from appose_kernel.environments import generations, private_lock
from appose_kernel.errors import InstallError, LockOutdated, PlatformUnsupported, SolveError
from appose_kernel.model import Phase, Step

PYTHON = f"python-{VERSION}-0"
GROUP = """
[feature.cuda.system-requirements]
cuda = "12"
[feature.cuda.dependencies]
gpu = "*"
[feature.old.dependencies]
alpha = "<2"
[environments]
default = { solve-group = "all" }
cuda = { features = ["cuda"], solve-group = "all" }
old = { features = ["old"], solve-group = "all" }
"""


def test_an_environment_without_a_lock_is_solved_and_installed(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nbeta = "*"')
    conda.build()
    assert conda.conda() == {"python": f"{VERSION} 0", "beta": "1.0 0", "alpha": "2.0 0"}
    assert conda.run("python", "-c", "import beta, alpha; print(alpha.__version__)") == "2.0"
    assert not (conda.root / "pixi.lock").exists()
    assert not (conda.root / ".pixi").exists()


def test_what_the_packages_bring_works(conda: CondaBench) -> None:
    conda.manifest('python = "*"\ntool = "*"\nact = "*"')
    conda.build()
    assert conda.run("run-tool") == "a tool at work"
    assert conda.run("where") == str(conda.prefix().path)
    assert conda.run("sh", "-c", "echo $ACT $ACT_FILE") == f"{conda.prefix().path} from a file"


def test_the_manifest_s_own_activation_reaches_what_runs(conda: CondaBench) -> None:
    more = (
        '[activation]\nscripts = ["setup.sh"]\n[activation.env]\nHERE = "$PIXI_PROJECT_ROOT/$FROM_SCRIPT"\n'
    )
    conda.manifest('act = "*"', more)
    (conda.root / "setup.sh").write_text('export FROM_SCRIPT="$ACT_FILE, then this"\n')
    conda.build()
    assert conda.run("sh", "-c", "echo $HERE") == f"{conda.root}/from a file, then this"


def test_the_better_variant_is_chosen_only_with_the_virtual_package_that_the_manifest_declares(
    conda: CondaBench,
) -> None:
    conda.manifest(
        'gpu = "*"', '[feature.cuda.system-requirements]\ncuda = "12"\n[environments]\ncuda = ["cuda"]'
    )
    conda.build()
    steps = conda.build("cuda")
    assert conda.conda() == {"gpu": "1.0 cpu"}
    assert conda.conda("cuda") == {"gpu": "1.0 cuda"}
    [note] = [step.message for step in steps if step.note]
    assert note == "gpu 1.0 needs an NVIDIA driver for CUDA 12 or newer, and this machine has none."


def test_what_this_machine_has_is_told_by_conda_s_own_variables(conda: CondaBench) -> None:
    conda.manifest('gpu = "*"', '[system-requirements]\ncuda = "12"')
    conda.environ["CONDA_OVERRIDE_CUDA"] = "12.4"
    assert not [step for step in conda.build() if step.note]
    conda.environ["CONDA_OVERRIDE_CUDA"] = "11.8"
    assert "CUDA 12 or newer, and this machine has one for CUDA 11.8." in said(conda.install())


def test_of_two_platforms_of_one_kind_the_first_that_the_machine_can_run_counts(conda: CondaBench) -> None:
    platforms = f'{{ name = "with-gpu", platform = "{HOST}", cuda = "12" }}, "{HOST}"'
    conda.manifest('gpu = "*"', platforms=platforms)
    conda.build()
    assert conda.conda() == {"gpu": "1.0 cpu"}
    conda.environ["CONDA_OVERRIDE_CUDA"] = "12.4"
    conda.lock(locked=False)
    conda.install()
    assert conda.conda() == {"gpu": "1.0 cuda"}


def test_a_solve_group_agrees_on_all_that_its_environments_share(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nbeta = "*"', GROUP)
    for name in ("default", "cuda", "old"):
        conda.build(name)
    shared = {"python": f"{VERSION} 0", "beta": "1.0 0", "alpha": "1.0 0"}
    assert conda.conda() == conda.conda("old") == shared
    assert conda.conda("cuda") == shared | {"gpu": "1.0 cuda"}
    assert private_lock.path(conda.environment()) == private_lock.path(conda.environment("cuda"))


@pytest.mark.parametrize("versions", [("11", "12"), ("12", "11")])
def test_a_solve_group_is_solved_with_the_most_that_one_of_its_environments_declares(
    conda: CondaBench, versions: tuple[str, str]
) -> None:
    features = "".join(
        f'[feature.{name}.system-requirements]\ncuda = "{version}"\n'
        for name, version in zip(("one", "two"), versions, strict=True)
    )
    groups = "".join(
        f'{name} = {{ features = ["{name}"], solve-group = "all" }}\n' for name in ("one", "two")
    )
    conda.manifest('gpu = "*"', f"{features}[environments]\n{groups}")
    conda.build("one")
    assert conda.conda("one") == {"gpu": "1.0 cuda"}


def test_a_private_lock_is_used_until_the_manifest_changes_and_then_keeps_its_versions(
    conda: CondaBench,
) -> None:
    conda.manifest('python = "*"\nalpha = "<2"')
    conda.build()
    lock = private_lock.path(conda.environment())
    before = lock.read_bytes()
    assert "Using the lock made for this manifest." in said(conda.lock())
    conda.manifest('python = "*"\nalpha = "*"\nbeta = "*"')
    conda.build()
    assert private_lock.path(conda.environment()) != lock
    assert lock.read_bytes() == before
    assert conda.conda() == {"python": f"{VERSION} 0", "alpha": "1.0 0", "beta": "1.0 0"}


def told_meanwhile(steps: AsyncGenerator[Step, None], act: Callable[[], object]) -> list[Step]:
    """Do something when solving is about to begin."""

    async def run() -> list[Step]:
        found = []
        async for step in steps:
            found.append(step)
            if step.message == "Solving conda packages":
                act()
        return found

    return asyncio.run(run())


@pytest.mark.parametrize("locked", [True, False])
def test_what_was_solved_for_a_manifest_that_changed_meanwhile_is_no_lock_of_it(
    conda: CondaBench, locked: bool
) -> None:
    conda.manifest('alpha = "*"\npython = "*"')
    steps = ENGINE.lock(conda.job(locked=locked))
    with pytest.raises(LockOutdated, match="were changed meanwhile"):
        told_meanwhile(steps, lambda: conda.manifest('beta = "*"\npython = "*"'))
    assert not private_lock.path(conda.environment()).exists()
    conda.build()
    assert "beta" in conda.conda()


def test_environments_of_a_group_that_are_built_at_the_same_time_have_one_lock(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nbeta = "*"', GROUP)

    async def both() -> list[list[Step]]:
        async def lock(name: str) -> list[Step]:
            return [step async for step in ENGINE.lock(conda.job(name))]

        return await asyncio.gather(lock("default"), lock("cuda"))

    messages = [said(steps) for steps in asyncio.run(both())]
    assert sorted("Solving conda packages" in text for text in messages) == [False, True]
    assert sorted("another build has just made" in text for text in messages) == [False, True]


def test_to_lock_again_is_to_ask_for_newer_versions(conda: CondaBench) -> None:
    conda.manifest('alpha = "*"\npython = "*"')
    conda.lock()
    before = private_lock.path(conda.environment())
    assert "Nothing newer is there." in said(conda.lock(locked=False))
    assert private_lock.path(conda.environment()) == before
    conda.channel.noarch("alpha", "3.0")
    conda.channel.index()
    conda.lock(locked=False)
    conda.build()
    assert private_lock.path(conda.environment()) != before
    assert conda.conda()["alpha"] == "3.0 0"


def test_to_lock_a_workspace_is_to_lock_all_that_is_for_this_machine(conda: CondaBench) -> None:
    conda.manifest(
        'alpha = "*"',
        '[feature.far]\nplatforms = ["win-64"]\n[feature.tool.dependencies]\ntool = "*"\n'
        '[environments]\ndefault = { solve-group = "one" }\n'
        'tool = { features = ["tool"], solve-group = "one" }\nfar = ["far"]\nlone = ["tool"]',
        platforms=f'"{HOST}", "win-64"',
    )
    told = said(conda.lock(locked=False)).splitlines()
    assert told[-1] == "Locked demo · default, demo · lone"
    assert "far: not for this machine, or without packages" in told
    assert generations.current(conda.environment().workspace) == ""  # the first locks move no prefix
    before = {name: private_lock.path(conda.environment(name)) for name in ("default", "tool", "lone")}
    assert before["default"] == before["tool"] != before["lone"]
    assert all(lock.exists() for lock in before.values())
    conda.channel.noarch("tool", "2.0")
    conda.channel.index()
    assert said(conda.lock("lone", locked=False)).splitlines()[-1] == "Locked demo · default, demo · lone"
    for name, lock in before.items():
        assert private_lock.path(conda.environment(name)) != lock
    conda.build("tool")
    conda.build("lone")
    assert conda.conda("tool")["tool"] == conda.conda("lone")["tool"] == "2.0 0"


def test_what_pixis_lock_does_already_is_not_locked_again(conda: CondaBench) -> None:
    conda.manifest('alpha = "*"', '[feature.tool.dependencies]\ntool = "*"\n[environments]\ntool = ["tool"]')
    python = f"python-{VERSION}-0"
    conda.write_lock({"default": [python, "alpha-1.0-0"], "tool": [python, "alpha-1.0-0"]})
    told = said(conda.lock(locked=False)).splitlines()
    assert "pixi.lock does what pixi.toml asks for" in told
    assert told[-1] == "Locked demo · tool"
    assert not private_lock.path(conda.environment()).exists()
    conda.build("tool")
    assert conda.conda("tool")["alpha"] == "1.0 0"


@pytest.mark.parametrize("version", [4, 5, 6, 7])
def test_a_lock_of_pixi_s_is_installed_exactly(conda: CondaBench, version: int) -> None:
    conda.manifest('python = "*"\nalpha = "*"\ngpu = "*"')
    conda.write_lock({"default": [PYTHON, "alpha-1.0-0", "gpu-1.0-cpu"]}, version=version)
    before = (conda.root / "pixi.lock").read_bytes()
    conda.build()
    assert conda.conda() == {"python": f"{VERSION} 0", "alpha": "1.0 0", "gpu": "1.0 cpu"}
    files = {path.name: sha256(path) for path in conda.channel.folder.glob("*/*.tar.bz2")}
    for record in conda.records().values():
        assert record["sha256"] == files[record["fn"]]
        assert record["url"].startswith(conda.server.url)
    assert (conda.root / "pixi.lock").read_bytes() == before
    assert not private_lock.path(conda.environment()).exists()
    assert not any(name.startswith("repodata") for name in conda.server.requests)


def test_the_lock_of_a_frozen_build_is_used_without_a_look_at_the_manifest(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nalpha = ">=2"')
    conda.write_lock({"default": [PYTHON, "alpha-1.0-0"]})
    with pytest.raises(LockOutdated, match=r"alpha: 1\.0 is locked, >=2 is wanted"):
        conda.lock()
    conda.build(frozen=True)
    assert conda.conda()["alpha"] == "1.0 0"


def test_a_frozen_build_without_a_lock_says_so(conda: CondaBench) -> None:
    conda.manifest('alpha = "*"')
    with pytest.raises(LockOutdated) as caught:
        conda.lock(frozen=True)
    assert caught.value.message == f"{conda.root}/pixi.toml: there is no lock, and a frozen build needs one."
    assert "jupyter appose lock" in caught.value.remedy


def test_after_locking_on_one_s_own_a_stale_lock_of_pixi_s_is_no_hindrance(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nalpha = "*"\nbeta = "*"')
    conda.write_lock({"default": [PYTHON, "alpha-1.0-0"]})
    before = (conda.root / "pixi.lock").read_bytes()
    steps = conda.lock(locked=False)
    assert "beta: it is not locked, any version is wanted" in said(steps)
    conda.build()
    assert conda.conda() == {"python": f"{VERSION} 0", "alpha": "1.0 0", "beta": "1.0 0"}
    assert (conda.root / "pixi.lock").read_bytes() == before


def test_a_prefix_follows_its_lock_in_both_directions(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nalpha = "*"')
    conda.write_lock({"default": [PYTHON, "alpha-1.0-0", "tool-1.0-0"]})
    conda.install()
    (conda.prefix().path / "share").mkdir()
    prefix = conda.prefix().path
    conda.write_lock({"default": [PYTHON, "alpha-2.0-0"]})
    conda.prefix().path.symlink_to(prefix)  # the store names a prefix after its lock; this one is another's
    conda.install()
    assert conda.conda() == {"python": f"{VERSION} 0", "alpha": "2.0 0"}
    assert not (prefix / "bin" / "run-tool").exists()


def test_for_another_python_a_prefix_is_made_from_scratch(conda: CondaBench) -> None:
    conda.channel.python("3.9.1")
    conda.channel.index()
    conda.manifest('python = "*"')
    conda.write_lock({"default": ["python-3.9.1-0"]})
    conda.install()
    before = conda.prefix().path
    (before / "left").touch()
    conda.write_lock({"default": [PYTHON]})
    before.rename(conda.prefix().path)
    conda.install()
    assert conda.conda() == {"python": f"{VERSION} 0"}
    assert not (conda.prefix().path / "left").exists()


def test_what_was_cut_short_is_made_from_scratch(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nalpha = "*"')
    conda.build()
    module = conda.prefix().path / SITE_PACKAGES / "alpha.py"
    module.unlink()
    (conda.prefix().path / "left-over").touch()
    conda.install(rebuild=True)
    assert module.exists()
    assert not (conda.prefix().path / "left-over").exists()


def test_files_of_a_prefix_are_copies_so_that_a_change_stays_in_it(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nalpha = "*"')
    conda.build()
    module = conda.prefix().path / SITE_PACKAGES / "alpha.py"
    assert module.stat().st_nlink == 1
    module.write_text("changed")
    conda.install(rebuild=True)
    assert module.read_text() != "changed"


def test_hard_links_are_made_where_the_configuration_asks_for_them(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nalpha = "*"')
    (conda.root / ".pixi").mkdir()
    (conda.root / ".pixi" / "config.toml").write_text("allow-hard-links = true\nallow-ref-links = false\n")
    conda.build()
    assert (conda.prefix().path / SITE_PACKAGES / "alpha.py").stat().st_nlink > 1


def test_progress_has_counts_and_bytes(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nbeta = "*"')
    conda.lock()
    steps = conda.install()
    loads = [step for step in steps if step.phase is Phase.DOWNLOADING]
    archives = [f"{PYTHON}.tar.bz2", "alpha-2.0-0.tar.bz2", "beta-1.0-0.tar.bz2"]
    size = sum(next(conda.channel.folder.glob(f"*/{name}")).stat().st_size for name in archives)
    assert (loads[-1].done, loads[-1].total) == (3, 3)
    assert (loads[-1].bytes_done, loads[-1].bytes_total) == (size, size)
    links = [step for step in steps if step.phase is Phase.INSTALLING and not step.output]
    assert (links[-1].done, links[-1].total) == (3, 3)


def test_nothing_is_downloaded_twice(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nalpha = "*"')
    conda.build()
    before = conda.server.requests["alpha-2.0-0.tar.bz2"]
    steps = conda.install(rebuild=True)
    assert conda.server.requests["alpha-2.0-0.tar.bz2"] == before
    assert all(step.phase is not Phase.DOWNLOADING for step in steps)


def test_the_channels_of_the_workspace_count_in_their_order(conda: CondaBench, tmp_path: Path) -> None:
    other = conda_channel.Channel(tmp_path / "other")
    other.noarch("alpha", "1.5")
    other.index()
    with conda_channel.serve(other.folder) as url:
        conda.manifest('python = "*"\nalpha = "*"', channels=[url, conda.server.url])
        conda.build()
    assert conda.conda()["alpha"] == "1.5 0"
    assert conda.records()["alpha"]["url"].startswith(url)


def test_a_constraint_holds_without_installing_anything(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nbeta = "*"', '[constraints]\nalpha = "<2"\ntool = "*"')
    conda.build()
    assert conda.conda() == {"python": f"{VERSION} 0", "beta": "1.0 0", "alpha": "1.0 0"}


def test_a_strategy_and_a_date_count(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nalpha = "*"', workspace='solve-strategy = "lowest"')
    conda.build()
    assert conda.conda()["alpha"] == "1.0 0"
    conda.manifest('gpu = "*"', workspace='exclude-newer = "2020-01-01"')
    with pytest.raises(SolveError):
        conda.lock()
    conda.manifest('gpu = "*"', workspace='exclude-newer = "2023-11-14"')  # the packages' own day
    conda.lock()


def test_an_environment_file_is_built_with_what_the_machine_has(conda: CondaBench) -> None:
    lines = ["name: demo", f"channels: [{conda.server.url}]", "dependencies: [python, beta, gpu]"]
    (conda.root / "environment.yml").write_text("\n".join([*lines, "variables: {X: a b}"]))
    conda.build()
    assert conda.conda()["gpu"] == "1.0 cpu"
    assert conda.run("sh", "-c", "echo $X") == "a b"
    conda.environ["CONDA_OVERRIDE_CUDA"] = "12.4"
    conda.lock(locked=False)
    conda.install()
    assert conda.conda()["gpu"] == "1.0 cuda"


def test_an_environment_for_other_platforms_is_not_built(conda: CondaBench) -> None:
    conda.manifest('gpu = "*"', platforms='"zos-z"')
    with pytest.raises(PlatformUnsupported, match="it is for zos-z"):
        conda.lock()


def test_a_tampered_package_is_refused(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nalpha = "*"')
    conda.lock()
    archive = conda.channel.folder / "noarch" / "alpha-2.0-0.tar.bz2"
    expected = sha256(archive)
    conda.channel.noarch("alpha", "2.0", code="evil = True")
    found = sha256(archive)
    with pytest.raises(InstallError) as caught:
        conda.install()
    assert caught.value.message == (
        f"{conda.root}/pixi.toml: what {conda.server.url}/noarch/alpha-2.0-0.tar.bz2 gave for "
        "alpha-2.0-0.tar.bz2 has another hash than the lock says."
    )
    assert expected in caught.value.detail
    assert found in caught.value.detail


def test_a_tampered_package_of_a_channel_on_the_disk_is_refused(conda: CondaBench) -> None:
    folder = conda.channel.folder
    conda.manifest('python = "*"\nalpha = "*"', channels=[folder.as_uri()])
    conda.build()
    archive = folder / "noarch" / "alpha-2.0-0.tar.bz2"
    archive.write_bytes(archive.read_bytes() + b"more")
    with pytest.raises(InstallError) as caught:
        conda.install(rebuild=True)
    assert caught.value.message == (f"{conda.root}/pixi.toml: {archive} has another hash than the lock says.")
    assert hashlib.sha256(archive.read_bytes()).hexdigest() in caught.value.detail
    archive.unlink()
    with pytest.raises(InstallError, match=f"alpha-2.0-0.tar.bz2 is no longer in its channel: .* {archive}"):
        conda.install(rebuild=True)


def test_placeholders_are_the_prefix_s_path(conda: CondaBench) -> None:
    conda.manifest('odd = "*"')
    conda.build()
    spec = conda.prefix().path / "share" / "jupyter" / "kernels" / "odd" / "kernel.json"
    assert PLACEHOLDER not in spec.read_text()
    assert f"{conda.prefix().path}/bin/odd-kernel" in spec.read_text()
    assert conda.activation().python == ""
