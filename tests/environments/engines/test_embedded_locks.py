"""Where a lock of pixi's does not do what its manifest asks for; and what only pixi itself can do."""

from __future__ import annotations

import pytest
from conda_bench import HOST, CondaBench
from conda_channel import VERSION

from appose_kernel.errors import EngineUnsupported, LockOutdated

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


def test_a_stale_lock_is_refused_with_what_is_stale(conda: CondaBench) -> None:
    conda.manifest('python = "*"\nalpha = ">=2"\ngpu = "*"')
    conda.write_lock({"default": [PYTHON, "alpha-1.0-0"]})
    with pytest.raises(LockOutdated) as caught:
        conda.lock()
    assert caught.value.message == (
        f"{conda.root}/pixi.lock is older than pixi.toml: alpha: 1.0 is locked, >=2 is wanted."
    )
    assert caught.value.remedy == (
        "Run `pixi lock`; or `jupyter appose lock`, for a lock that only appose-kernel uses."
    )
    assert caught.value.detail.splitlines() == [
        "alpha: 1.0 is locked, >=2 is wanted",
        "gpu: it is not locked, any version is wanted",
    ]


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
