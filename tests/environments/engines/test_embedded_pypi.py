"""PyPI packages in conda environments: resolved by the real uv under what conda brings, and installed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import wheels
from conda_bench import ENGINE, CondaBench, said, sha256, told
from conda_channel import SITE_PACKAGES, VERSION
from index_server import Index, serve

from appose_kernel.environments import private_lock
from appose_kernel.errors import EngineUnsupported, InstallError, ManifestInvalid, SolveError

PYTHON = f"python-{VERSION}-0"

#: A build backend without a dependency.
BACKEND = f"""
import pathlib, sys
sys.path.insert(0, {str(Path(wheels.__file__).parent)!r})
import wheels

def build_wheel(directory, config_settings=None, metadata_directory=None):
    files = {{"local_package.py": pathlib.Path("local_package.py").read_text()}}
    return wheels.write(pathlib.Path(directory), "local-package", "0.5", files=files).name

def build_editable(directory, config_settings=None, metadata_directory=None):
    files = {{"local_package.pth": str(pathlib.Path.cwd()) + chr(10)}}
    return wheels.write(pathlib.Path(directory), "local-package", "0.5", files=files).name
"""
PROJECT = """[project]
name = "local-package"
version = "0.5"
dependencies = ["delta"]
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


@pytest.fixture
def pypi(tmp_path: Path) -> Iterator[Index]:
    """An index on which `alpha`, which conda has too, is newer."""
    folder = tmp_path / "index"
    folder.mkdir()
    wheels.write(folder, "alpha", "9.0")
    wheels.write(folder, "gamma", "1.0", requires=["alpha>=1"])
    wheels.write(folder, "gamma", "2.0", requires=["alpha>=3"])
    wheels.write(folder, "delta", "1.0")
    with serve(folder) as index:
        yield index


def local_package(root: Path) -> Path:
    folder = root / "local"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "local_package.py").write_text("VALUE = 1\n")
    return folder


def repository(folder: Path) -> list[str]:
    """Make one of ``folder``, and return how git is called there."""
    git = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@y"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    return git


def write(conda: CondaBench, index: Index, pypi: str, dependencies: str = "", more: str = "") -> None:
    options = f'[pypi-options]\nindex-url = "{index.url}"\n'
    conda.manifest(f'python = "*"\n{dependencies}', f"[pypi-dependencies]\n{pypi}\n{options}{more}")


def test_what_conda_brings_counts_and_is_not_installed_again(conda: CondaBench, pypi: Index) -> None:
    write(conda, pypi, 'gamma = "*"\ndelta = "*"', 'alpha = "*"')
    conda.build()
    assert conda.pypi() == {"gamma": "1.0", "delta": "1.0"}
    assert private_lock.path(conda.environment()).read_text().count("- pypi:") == 4
    assert conda.run("python", "-c", "import alpha, gamma; print(alpha.__version__)") == "2.0"
    assert (conda.prefix().path / SITE_PACKAGES / "gamma.py").stat().st_nlink == 1


def test_without_conda_s_the_index_brings_it(conda: CondaBench, pypi: Index) -> None:
    write(conda, pypi, 'gamma = "*"')
    conda.build()
    assert conda.pypi() == {"gamma": "2.0", "alpha": "9.0"}


def test_what_cannot_go_together_with_conda_s_packages_is_explained(conda: CondaBench, pypi: Index) -> None:
    write(conda, pypi, 'gamma = ">=2"', 'alpha = "*"')
    with pytest.raises(SolveError) as caught:
        conda.lock()
    assert caught.value.message == f"{conda.root}/pixi.toml: no set of packages satisfies the requirements."
    assert "gamma>=2.0 depends on alpha>=3" in caught.value.detail


def test_a_conda_package_is_known_by_the_distribution_in_it(conda: CondaBench, pypi: Index) -> None:
    info = f"{SITE_PACKAGES}/alpha-4.0.dist-info"
    files = {f"{SITE_PACKAGES}/alpha.py": "", f"{info}/METADATA": "Name: alpha\n"}
    files |= {f"{info}/INSTALLER": "conda"}
    conda.channel.package("py-of-alpha", "4.0.1", files, depends=["python"])
    conda.channel.index()
    write(conda, pypi, 'gamma = "*"', 'py-of-alpha = "*"')
    conda.build()
    assert conda.pypi() == {"gamma": "2.0"}


def test_names_that_a_record_claims_count_without_a_look_into_the_package(
    conda: CondaBench, pypi: Index
) -> None:
    conda.channel.noarch("claims", "4.0", purls=["pkg:pypi/alpha?source=hash-mapping"])
    conda.channel.index()
    write(conda, pypi, 'gamma = "*"', 'claims = "*"')
    conda.lock()
    assert "claims-4.0-0.tar.bz2" not in conda.server.requests
    conda.install()
    assert conda.pypi() == {"gamma": "2.0"}


def test_a_version_that_only_conda_understands_is_no_hindrance(conda: CondaBench, pypi: Index) -> None:
    conda.channel.package("odd", "5.0_x", depends=["python"], purls=["pkg:pypi/odd"])
    conda.channel.index()
    write(conda, pypi, 'delta = "*"', 'odd = "*"')
    conda.build()
    assert conda.pypi() == {"delta": "1.0"}


def test_environments_of_a_group_agree_on_python_packages_and_share_conda_s(
    conda: CondaBench, pypi: Index
) -> None:
    groups = 'default = { solve-group = "g" }\nplus = { features = ["plus"], solve-group = "g" }\n'
    more = f'[feature.plus.dependencies]\nalpha = "*"\n[environments]\n{groups}'
    write(conda, pypi, 'gamma = "*"', more=more)
    for name in ("default", "plus"):
        conda.build(name)
        assert conda.pypi(name) == {"gamma": "1.0"}
        assert conda.conda(name) == {"python": f"{VERSION} 0", "alpha": "2.0 0"}


def test_environments_of_a_group_agree_on_versions_that_only_one_of_them_limits(
    conda: CondaBench, pypi: Index
) -> None:
    groups = 'default = { solve-group = "g" }\nplus = { features = ["plus"], solve-group = "g" }\n'
    more = f'[feature.plus.pypi-dependencies]\ngamma = "<2"\n[environments]\n{groups}'
    write(conda, pypi, 'gamma = "*"', more=more)
    conda.build()
    assert conda.pypi() == {"gamma": "1.0", "alpha": "9.0"}


def test_a_new_lock_keeps_the_versions_of_the_last_one(conda: CondaBench, pypi: Index) -> None:
    write(conda, pypi, 'delta = "*"')
    conda.lock()
    wheels.write(pypi.folder, "delta", "2.0")
    write(conda, pypi, 'delta = "*"\nalpha = "*"')
    conda.build()
    assert conda.pypi() == {"delta": "1.0", "alpha": "9.0"}
    conda.lock(locked=False)
    conda.install()
    assert conda.pypi() == {"delta": "2.0", "alpha": "9.0"}


def test_a_folder_is_installed_editable_with_what_it_needs(conda: CondaBench, pypi: Index) -> None:
    folder = local_package(conda.root)
    write(conda, pypi, 'local-package = { path = "local", editable = true }')
    conda.build()
    assert conda.pypi() == {"local_package": "0.5", "delta": "1.0"}
    (folder / "local_package.py").write_text("VALUE = 2\n")
    assert conda.run("python", "-c", "import local_package; print(local_package.VALUE)") == "2"


def test_a_folder_of_a_workspace_that_is_not_ours_to_write_is_built_from_a_copy(
    conda: CondaBench, pypi: Index, frozen: Callable[[Path], None]
) -> None:
    folder = local_package(conda.root)
    (folder / "backend.py").write_text(f"{BACKEND}\npathlib.Path('litter').touch()\n")
    write(conda, pypi, 'local-package = { path = "local" }')
    frozen(conda.root)
    conda.build()
    assert conda.run("python", "-c", "import local_package; print(local_package.VALUE)") == "1"


def test_a_package_from_a_repository_is_locked_by_its_commit(
    conda: CondaBench, pypi: Index, tmp_path: Path
) -> None:
    folder = local_package(tmp_path)
    git = repository(folder)
    write(conda, pypi, f'local-package = {{ git = "{folder.as_uri()}" }}')
    conda.lock()
    (folder / "local_package.py").write_text("VALUE = 2\n")
    subprocess.run([*git, "commit", "-qam", "two"], check=True)
    conda.build()
    assert conda.run("python", "-c", "import local_package; print(local_package.VALUE)") == "1"


def test_a_package_from_a_repository_can_be_in_a_solve_group(
    conda: CondaBench, pypi: Index, tmp_path: Path
) -> None:
    folder = local_package(tmp_path)
    dynamic = PROJECT.replace('version = "0.5"', 'dynamic = ["version"]')
    (folder / "pyproject.toml").write_text(dynamic.replace('["delta"]', "[]"))
    repository(folder)
    groups = 'default = { solve-group = "g" }\nplus = { features = ["plus"], solve-group = "g" }\n'
    more = f'[feature.plus.dependencies]\nalpha = "*"\n[environments]\n{groups}'
    write(conda, pypi, f'local-package = {{ git = "{folder.as_uri()}" }}', more=more)
    for name in ("default", "plus"):
        conda.build(name)
        assert conda.pypi(name) == {"local_package": "0.5"}


def test_an_index_of_its_own_is_asked_for_one_package_alone(
    conda: CondaBench, pypi: Index, tmp_path: Path
) -> None:
    folder = tmp_path / "private"
    folder.mkdir()
    wheels.write(folder, "delta", "0.1")
    wheels.write(folder, "gamma", "99.0")
    with serve(folder) as private:
        write(conda, pypi, f'delta = {{ version = "*", index = "{private.url}" }}\ngamma = "*"')
        conda.build()
    assert conda.pypi() == {"delta": "0.1", "gamma": "2.0", "alpha": "9.0"}


def test_a_file_that_was_replaced_on_the_index_is_refused(conda: CondaBench, pypi: Index) -> None:
    write(conda, pypi, 'delta = "*"')
    conda.lock()
    wheels.write(pypi.folder, "delta", "1.0", files={"delta.py": "evil = True\n"})
    conda.environ["UV_CACHE_DIR"] += "-2"
    with pytest.raises(InstallError) as caught:
        conda.install()
    assert "delta" in caught.value.message
    assert "has another hash than the lock or the index says" in caught.value.message


def test_a_wheel_with_another_hash_is_had_after_locking_on_one_s_own(conda: CondaBench, pypi: Index) -> None:
    write(conda, pypi, 'delta = "*"')
    url = f"{pypi.base}/files/delta-1.0-py3-none-any.whl"
    wrong = {"name": "delta", "version": "1.0", "url": url, "sha256": "0" * 64}
    conda.write_lock({"default": [PYTHON]}, pypi=[wrong])
    with pytest.raises(InstallError) as caught:
        conda.build()
    assert "If you trust it, run `jupyter appose lock --own`." in caught.value.remedy
    told(ENGINE.lock(replace(conda.job(locked=False), own=True)))
    conda.build()
    assert conda.pypi() == {"delta": "1.0"}


def test_pixi_s_lock_is_installed_exactly(conda: CondaBench, pypi: Index) -> None:
    local_package(conda.root)
    packages = [
        {"name": "delta", "version": "1.0", "url": f"{pypi.base}/files/delta-1.0-py3-none-any.whl"},
        {"name": "alpha", "version": "9.0", "url": f"{pypi.base}/files/alpha-9.0-py3-none-any.whl"},
    ]
    for package in packages:
        package["sha256"] = sha256(pypi.folder / package["url"].rpartition("/")[2])
    folder = {"name": "local-package", "version": "0.5", "url": "./local"}
    write(conda, pypi, 'delta = "*"\nlocal-package = { path = "./local", editable = true }', 'alpha = "*"')
    conda.write_lock({"default": [PYTHON, "alpha-2.0-0"]}, pypi=[*packages, folder])
    steps = conda.install()
    assert conda.pypi() == {"delta": "1.0", "local_package": "0.5"}
    assert "alpha: conda has brought it, and so it stays" in said(steps)
    assert conda.run("python", "-c", "import alpha; print(alpha.__version__)") == "2.0"


def test_a_file_without_a_hash_is_refused(conda: CondaBench, pypi: Index) -> None:
    url = f"{pypi.base}/files/delta-1.0-py3-none-any.whl"
    write(conda, pypi, 'delta = "*"')
    conda.write_lock({"default": [PYTHON]}, pypi=[{"name": "delta", "version": "1.0", "url": url}])
    with pytest.raises(InstallError) as caught:
        conda.install()
    assert caught.value.message == f"{conda.root}/pixi.lock: there is no hash for delta ({url})."


def test_only_what_uv_has_installed_is_taken_out(conda: CondaBench, pypi: Index) -> None:
    package = {"name": "delta", "version": "1.0", "url": f"{pypi.base}/files/delta-1.0-py3-none-any.whl"}
    package["sha256"] = sha256(pypi.folder / "delta-1.0-py3-none-any.whl")
    write(conda, pypi, 'delta = "*"', 'alpha = "*"')
    conda.write_lock({"default": [PYTHON, "alpha-2.0-0"]}, pypi=[package])
    conda.install()
    prefix = conda.prefix().path
    by_hand = prefix / SITE_PACKAGES / "by_hand-1.0.dist-info"
    by_hand.mkdir()
    (by_hand / "INSTALLER").write_text("pip\n")
    conda.write_lock({"default": [PYTHON, "alpha-2.0-0"]})
    conda.prefix().path.symlink_to(prefix)  # the store names a prefix after its lock; this one is another's
    conda.install()
    assert conda.pypi() == {}
    assert not (prefix / SITE_PACKAGES / "delta.py").exists()
    assert (prefix / SITE_PACKAGES / "alpha.py").exists()
    assert by_hand.exists()


def test_what_somebody_else_has_put_in_the_place_of_a_locked_package_goes(
    conda: CondaBench, pypi: Index
) -> None:
    write(conda, pypi, 'delta = "*"')
    conda.build()
    info = conda.prefix().path / SITE_PACKAGES / "delta-1.0.dist-info"
    other = info.rename(info.with_name("delta-7.0.dist-info"))
    (other / "INSTALLER").write_text("pip\n")
    for name in ("METADATA", "RECORD"):
        (other / name).write_text((other / name).read_text().replace("1.0", "7.0"))
    conda.install()
    assert conda.pypi() == {"delta": "1.0"}
    assert not other.exists()


def test_options_of_the_manifest_reach_uv(conda: CondaBench, pypi: Index, tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    wheels.write(links, "epsilon", "1.0", requires=["alpha<1"])
    wheels.write(links, "epsilon", "2.0a1")
    overrides = '[pypi-options.dependency-overrides]\nalpha = "*"\n'
    more = f'find-links = [{{ path = "{links}" }}]\nno-build = true\n{overrides}'
    write(conda, pypi, 'epsilon = "*"', more=more)
    conda.build()
    assert conda.pypi() == {"epsilon": "1.0", "alpha": "9.0"}
    write(conda, pypi, 'epsilon = "*"', more='prerelease-mode = "allow"\n' + more)
    conda.lock(locked=False)
    wanted = conda.root / "pixi.toml"
    wanted.write_text(wanted.read_text().replace('alpha = "*"', 'alpha = { git = "https://x.invalid/y" }'))
    with pytest.raises(EngineUnsupported, match=r"`pypi-options\.dependency-overrides\.alpha` is more than"):
        conda.lock()


def test_python_packages_need_a_python(conda: CondaBench, pypi: Index) -> None:
    options = f'[pypi-options]\nindex-url = "{pypi.url}"\n'
    conda.manifest('gpu = "*"', f'[pypi-dependencies]\ndelta = "*"\n{options}')
    with pytest.raises(ManifestInvalid) as caught:
        conda.lock()
    assert caught.value.message == (
        f"{conda.root}/pixi.toml: there are Python packages, and no Python to install them for."
    )
    assert caught.value.remedy == "Add `python` to conda's dependencies."


def test_the_pip_section_of_an_environment_file_is_installed(conda: CondaBench, pypi: Index) -> None:
    lines = [f"channels: [{conda.server.url}]", "dependencies:", "- python", "- alpha", "- pip:"]
    lines += [f"  - --index-url {pypi.url}", "  - gamma"]
    (conda.root / "environment.yml").write_text("\n".join(lines))
    conda.build()
    assert conda.pypi() == {"gamma": "1.0"}
