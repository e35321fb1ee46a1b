"""Where a lock of pixi's does not do what its manifest asks for; and what only pixi itself can do."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from conda_bench import ENGINE, HOST, CondaBench, said, told
from conda_channel import VERSION

from appose_kernel.environments import private_lock
from appose_kernel.errors import EngineUnsupported, InstallError, KernelMissing, LockOutdated

PYTHON = f"python-{VERSION}-0"
SIX = {
    "name": "six",
    "version": "1.16.0",
    "url": "https://pypi.invalid/six-1.16.0-py2.py3-none-any.whl",
    "sha256": "8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254",
}
REMEDY = (
    "Install pixi (https://pixi.prefix.dev, or `jupyter appose doctor --install-pixi`), then build again."
)


def test_a_lock_that_does_what_is_asked_has_no_drift(conda: CondaBench) -> None:
    more = '[pypi-dependencies]\nsix = ">=1.16"\n[constraints]\ngpu = ">=2"\n'
    conda.manifest('python = "*"\nbeta = ">=1"', more)
    conda.write_lock({"default": [PYTHON, "beta-1.0-0", "alpha-2.0-0"]}, pypi=[SIX])
    assert conda.drift() == []


@pytest.mark.parametrize(
    ("dependencies", "more", "locked", "drift"),
    [
        ('alpha = ">=2"', "", "alpha-1.0-0", ["alpha: 1.0 is locked, >=2 is wanted"]),
        ('alpha = "*"\ngpu = "*"', "", "alpha-1.0-0", ["gpu: it is not locked, any version is wanted"]),
        ('beta = "*"', "", "beta-1.0-0", ["alpha: it is not locked, >=1.0 is wanted by beta"]),
        ("", "", "alpha-1.0-0", ["alpha: it is locked (conda), and nothing wants it any more"]),
        (
            'alpha = "*"',
            '[constraints]\nalpha = "<1"\n',
            "alpha-1.0-0",
            ["alpha: 1.0 is locked, <1 is allowed"],
        ),
        (
            'gpu = { version = "*", build = "cuda" }',
            "",
            "gpu-1.0-cpu",
            ["gpu: 1.0 cpu is locked, * cuda is wanted"],
        ),
    ],
)
def test_drift_of_conda_packages_is_told_in_words(
    conda: CondaBench, dependencies: str, more: str, locked: str, drift: list[str]
) -> None:
    conda.manifest(f'python = "*"\n{dependencies}', more)
    conda.write_lock({"default": [PYTHON, locked]})
    assert conda.drift() == drift


@pytest.mark.parametrize(
    ("wanted", "needs", "drift"),
    [
        ('six = ">=2"', [], ["six: 1.16.0 is locked, >=2 is wanted"]),
        ('other = "*"\nsix = "*"', [], ["other: it is not locked, any version is wanted"]),
        ("", [], ["six: it is locked (PyPI), and nothing wants it any more"]),
        ('six = "*"', ["more>=1 ; extra == 'all'"], []),
        (
            'six = { version = "*", extras = ["all"] }',
            ["more>=1 ; extra == 'all'"],
            ["more: it is not locked, >=1 is wanted by six"],
        ),
        ('six = "*"', ["more ; python_version < '3'"], []),
        ('six = "*"', ["alpha>=2"], ["alpha: 1.0 is locked, >=2 is wanted by six"]),
        ('six = "*"', ["alpha>=1"], []),
    ],
)
def test_drift_of_pypi_packages_is_told_in_words(
    conda: CondaBench, wanted: str, needs: list[str], drift: list[str]
) -> None:
    conda.manifest('python = "*"\nalpha = "*"', f"[pypi-dependencies]\n{wanted}\n")
    conda.write_lock({"default": [PYTHON, "alpha-1.0-0"]}, pypi=[{**SIX, "requires_dist": needs}])  # type: ignore[dict-item]
    assert conda.drift() == drift


def test_other_channels_are_drift(conda: CondaBench) -> None:
    conda.manifest('python = "*"', channels=["https://conda.invalid/main", conda.server.url])
    conda.write_lock({"default": [PYTHON]})
    url = conda.server.url
    assert conda.drift() == [
        f"channels: {url} are locked, https://conda.invalid/main, {url} are wanted",
    ]


def test_drift_keeps_the_token_of_a_channel_to_itself(conda: CondaBench) -> None:
    conda.manifest('python = "*"', channels=["https://conda.invalid/t/geheim/main"])
    conda.write_lock({"default": [PYTHON]})
    url = conda.server.url
    assert conda.drift() == [
        f"channels: {url} are locked, https://conda.invalid/t/****/main are wanted",
    ]


def test_an_environment_or_platform_that_is_not_locked_is_drift(conda: CondaBench) -> None:
    conda.manifest('python = "*"', "[feature.cuda]\n[environments]\ncuda = ['cuda']")
    conda.write_lock({"default": [PYTHON]}, platform="zos-z")
    assert conda.drift() == [f"the environment “default” on {HOST} is not locked"]
    assert conda.drift("cuda") == ["the environment “cuda” is not locked"]
    with pytest.raises(LockOutdated) as caught:
        conda.lock()
    assert caught.value.message == (
        f"{conda.root}/pixi.lock is older than pixi.toml: the environment “default” on {HOST} is not locked."
    )


def test_without_a_lock_of_pixi_s_there_is_no_drift(conda: CondaBench) -> None:
    conda.manifest('python = "*"')
    assert conda.drift() == []


def test_a_stale_lock_is_refused_with_what_is_stale(
    conda: CondaBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    conda.manifest('python = "*"\nalpha = ">=2"\ngpu = "*"')
    conda.write_lock({"default": [PYTHON, "alpha-1.0-0"]})
    with pytest.raises(LockOutdated) as caught:
        conda.lock()
    assert caught.value.message == (
        f"{conda.root}/pixi.lock is older than pixi.toml: alpha: 1.0 is locked, >=2 is wanted."
    )
    assert caught.value.remedy.startswith("Run `jupyter appose lock`")
    assert caught.value.detail.splitlines() == [
        "alpha: 1.0 is locked, >=2 is wanted",
        "gpu: it is not locked, any version is wanted",
    ]
    (tmp_path / "pixi").write_text("")
    (tmp_path / "pixi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}")  # another one, so that it is looked at again
    with pytest.raises(LockOutdated) as caught:
        conda.lock()
    assert caught.value.remedy.startswith("Run `pixi lock`")


def test_a_pixi_that_is_asked_for_and_not_needed_is_told_of(conda: CondaBench) -> None:
    conda.manifest('alpha = "*"', workspace='requires-pixi = ">=99"')
    lines = [step.message for step in conda.lock() if step.output]
    assert "pixi.toml asks for pixi >=99; appose-kernel builds it without pixi" in lines


def test_platforms_of_a_lock_have_names_of_their_own(conda: CondaBench) -> None:
    platforms = f'{{ name = "with-gpu", platform = "{HOST}", cuda = "12" }}, "{HOST}"'
    conda.manifest('gpu = "*"', platforms=platforms)
    conda.write_lock({"default": ["gpu-1.0-cpu"]}, version=7)
    lock = conda.root / "pixi.lock"
    text, cuda = lock.read_text(), f"{conda.server.url}/{HOST}/gpu-1.0-cuda.tar.bz2"
    text = text.replace(f"- name: {HOST}\n", f"- name: {HOST}\n- name: with-gpu\n  subdir: {HOST}\n")
    text = text.replace(f"      {HOST}:\n", f"      with-gpu:\n      - conda: {cuda}\n      {HOST}:\n")
    entry = conda.record("gpu-1.0-cuda")
    lock.write_text(f"{text}- conda: {cuda}\n  sha256: {entry['sha256']}\n  depends: ['__cuda >=12']\n")
    conda.build()
    assert conda.conda() == {"gpu": "1.0 cpu"}
    conda.environ["CONDA_OVERRIDE_CUDA"] = "12.4"
    conda.build()
    assert conda.conda() == {"gpu": "1.0 cuda"}


def test_a_lock_of_a_newer_version_is_refused(conda: CondaBench) -> None:
    conda.manifest('python = "*"')
    lock = conda.root / "pixi.lock"
    lock.write_text("version: 8\nenvironments: {}\npackages: []\n")
    with pytest.raises(EngineUnsupported) as caught:
        conda.lock()
    assert caught.value.message == f"{lock}: its format has version 8, and this py-rattler reads up to 7."
    assert caught.value.remedy == (
        f"Run `pip install --upgrade py-rattler` and start the server again. Or: {REMEDY}"
    )


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\nversion: 6\n=======\n", "", "[]", "garbage"])
def test_a_lock_that_cannot_be_read_is_refused_until_there_is_one_of_our_own(
    conda: CondaBench, text: str
) -> None:
    conda.manifest('python = "*"')
    lock = conda.root / "pixi.lock"
    lock.write_text(text)
    for act in (conda.lock, conda.install, conda.drift):
        with pytest.raises(LockOutdated) as caught:
            act()
        assert caught.value.message == f"{lock} cannot be read: it is damaged, or no lock."
    assert caught.value.remedy == (
        "Restore it (a merge may have left its marks), or run `jupyter appose lock`, for a lock that only"
        " appose-kernel uses."
    )
    conda.lock(locked=False)
    conda.build()
    assert conda.conda() == {"python": f"{VERSION} 0"}


def test_a_package_that_is_locked_as_a_source_is_refused_by_name(conda: CondaBench) -> None:
    conda.manifest('gpu = "*"')
    conda.write_lock({"default": ["gpu-1.0-cpu"]}, more="- conda: ./mine\n  name: mine\n  version: 0.1.0")
    lock = conda.root / "pixi.lock"
    text = lock.read_text().replace("      - conda: ", "      - conda: ./mine\n      - conda: ", 1)
    lock.write_text(f"{text}  build: h_0\n  subdir: {HOST}\n")
    for act in (conda.lock, conda.install):
        with pytest.raises(EngineUnsupported) as caught:
            act()
        assert caught.value.message == (
            f"{lock}: the environment “default” has `mine`, a conda package that is built from its sources"
            " (./mine)."
        )
        assert caught.value.remedy == f"Only pixi can build it. {REMEDY}"


def test_what_is_built_from_sources_is_refused_by_its_key(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nmine = { path = "mine" }', workspace='preview = ["pixi-build"]')
    (conda.root / "mine").mkdir()
    with pytest.raises(EngineUnsupported) as caught:
        conda.lock()
    lines = (conda.root / "pixi.toml").read_text().splitlines()
    number = 1 + next(n for n, line in enumerate(lines) if line.startswith("mine"))
    assert caught.value.message == (
        f"{conda.root}/pixi.toml line {number}: `dependencies.mine`: the conda package `mine` is built from"
        " its sources; only pixi can build that."
    )
    assert caught.value.remedy == REMEDY


def test_what_only_pixi_can_solve_is_no_hindrance_once_it_is_locked(conda: CondaBench) -> None:
    channel = f'{{ channel = "{conda.server.url}", exclude-newer = "2020-01-01" }}'
    text = f'[workspace]\nname = "demo"\nchannels = [{channel}]\nplatforms = ["{HOST}"]\n'
    (conda.root / "pixi.toml").write_text(text + '[dependencies]\ngpu = "*"\n')
    with pytest.raises(EngineUnsupported) as caught:
        conda.lock()
    assert caught.value.message == (
        f"{conda.root}/pixi.toml line 3: `workspace.channels`: a date for a single channel; only pixi can"
        " solve that."
    )
    assert caught.value.remedy == f"{REMEDY} Or commit a pixi.lock that was made with it."
    conda.write_lock({"default": ["gpu-1.0-cpu"]})
    conda.build()
    assert conda.conda() == {"gpu": "1.0 cpu"}


def test_a_lock_of_our_own_in_the_place_of_pixi_s_is_for_a_prefix_of_its_own(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nalpha = "<2"')
    conda.write_lock({"default": [PYTHON, "alpha-2.0-0"]})
    with pytest.raises(LockOutdated):
        conda.lock()
    conda.build(frozen=True)
    theirs = conda.prefix()
    assert conda.conda()["alpha"] == "2.0 0"
    conda.lock(locked=False)
    assert conda.prefix() != theirs
    for frozen in (True, False):
        conda.build(frozen=frozen)
        assert conda.conda()["alpha"] == "1.0 0"


def test_with_own_a_lock_is_made_although_pixi_s_fits_and_without_it_that_counts_again(
    conda: CondaBench,
) -> None:
    conda.manifest('python = "*"\nalpha = "*"')
    conda.write_lock({"default": [PYTHON, "alpha-1.0-0"]})
    conda.build()
    theirs = conda.prefix()
    told(ENGINE.lock(replace(conda.job(locked=False), own=True)))
    assert private_lock.path(conda.environment()).exists()
    assert conda.prefix() != theirs
    conda.build()
    assert conda.conda()["alpha"] == "1.0 0"  # pixi's versions are kept where they can be had
    conda.lock(locked=False)
    assert conda.prefix() == theirs


@pytest.mark.parametrize("more", ['[activation.env]\nA = "b"\n', '[activation]\nscripts = ["act.sh"]\n'])
def test_a_lock_of_our_own_goes_on_to_count_without_a_channel(conda: CondaBench, more: str) -> None:
    conda.manifest('python = "*"\nbeta = "*"')
    conda.build()
    before = private_lock.path(conda.environment())
    (conda.root / "act.sh").write_text("export A=b\n")
    conda.manifest('python = "*"\nbeta = ">=1"', more)
    conda.server.shutdown()
    conda.server.server_close()
    conda.build()
    assert private_lock.path(conda.environment()) != before
    assert conda.conda() == {"python": f"{VERSION} 0", "beta": "1.0 0", "alpha": "2.0 0"}


@pytest.mark.parametrize(
    ("dependencies", "more", "alpha"),
    [
        ('alpha = ">=1"', "", "1.0 0"),
        ('alpha = ">=2"', "", "2.0 0"),
        ('alpha = "*"\ngpu = "*"', "", "1.0 0"),
        ('alpha = "*"', 'solve-strategy = "highest"', "1.0 0"),
    ],
)
def test_a_lock_of_our_own_is_taken_over_only_if_it_does_what_is_asked_for_now(
    conda: CondaBench, dependencies: str, more: str, alpha: str
) -> None:
    conda.manifest('python = "*"\nalpha = "<2"')
    conda.build()
    conda.manifest(f'python = "*"\n{dependencies}', workspace=more)
    conda.build()
    assert conda.conda()["alpha"] == alpha
    assert ("gpu" in conda.conda()) == ("gpu" in dependencies)


def test_a_group_s_lock_is_taken_over_only_if_it_is_good_for_all_of_it(conda: CondaBench) -> None:
    group = (
        "[feature.new.dependencies]\nalpha = {}\n[environments]\n"
        'default = {{ solve-group = "g" }}\nnew = {{ features = ["new"], solve-group = "g" }}\n'
    )
    conda.manifest('python = "*"\nbeta = "*"', group.format('"<2"'))
    conda.build()
    conda.manifest('python = "*"\nbeta = "*"', group.format('">=2"'))
    conda.build()
    assert conda.conda()["alpha"] == "2.0 0"


def test_an_environment_without_packages_needs_a_python(conda: CondaBench) -> None:
    conda.manifest("", '[feature.dev.dependencies]\npython = "*"\n[environments]\ndev = ["dev"]')
    with pytest.raises(KernelMissing) as caught:
        conda.lock()
    assert caught.value.message == (
        "demo · default has no packages, and so no Python that a notebook could run in."
    )
    assert "Add `python`" in caught.value.remedy
    conda.lock(locked=False)
    conda.build("dev")
    assert conda.conda("dev") == {"python": f"{VERSION} 0"}
    conda.write_lock({"default": [], "dev": [PYTHON]})
    with pytest.raises(KernelMissing):
        conda.lock()


def lock_anew(conda: CondaBench, error: InstallError) -> None:
    """Do what a remedy says; without the option that it names, pixi.lock fits and stays."""
    assert "`jupyter appose lock --own`" in error.remedy
    assert "pixi.lock does what pixi.toml asks for" in said(conda.lock(locked=False))
    with pytest.raises(InstallError):
        conda.build()
    told(ENGINE.lock(replace(conda.job(locked=False), own=True)))
    conda.build()


def test_a_package_with_another_hash_is_had_after_locking_on_one_s_own(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nalpha = "*"')
    conda.write_lock({"default": [PYTHON, "alpha-1.0-0"]})
    lock = conda.root / "pixi.lock"
    lock.write_text(lock.read_text().replace(conda.record("alpha-1.0-0")["sha256"], "0" * 64))
    with pytest.raises(InstallError, match="has another hash than the lock says") as caught:
        conda.build()
    lock_anew(conda, caught.value)
    assert conda.conda()["alpha"] == "1.0 0"


def test_a_package_that_is_gone_is_done_without_after_locking_on_one_s_own(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nalpha = "*"')
    conda.write_lock({"default": [PYTHON, "alpha-1.0-0"]})
    [archive] = conda.channel.folder.glob("noarch/alpha-1.0-0.tar.bz2")
    archive.unlink()
    conda.channel.index()
    with pytest.raises(InstallError, match="is no longer in its channel") as caught:
        conda.build()
    lock_anew(conda, caught.value)
    assert conda.conda()["alpha"] == "2.0 0"
