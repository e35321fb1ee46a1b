from __future__ import annotations

import os
from pathlib import Path

import pytest

from appose_kernel.environ import clean


def test_clean_drops_what_belongs_to_another_environment() -> None:
    dirty = {
        "PATH": "/bin",
        "VIRTUAL_ENV": "/v",
        "UV_PYTHON": "3.9",
        "PYTHONPATH": "/x",
        "CONDA_PREFIX": "/c",
        "PIXI_PROJECT_ROOT": "/p",
        "SSL_CERT_FILE": "/ca.pem",
        "UV_CACHE_DIR": "/cache",
    }
    assert clean(dirty, keep=["UV_CACHE_DIR"]) == {
        "PATH": "/bin",
        "SSL_CERT_FILE": "/ca.pem",
        "UV_CACHE_DIR": "/cache",
    }


def test_clean_takes_the_commands_of_virtual_environments_off_path(tmp_path: Path) -> None:
    """As ``deactivate`` does: a ``pip`` that the kernel's environment lacks is not the server's."""
    bins = [str(tmp_path / name / ("Scripts" if os.name == "nt" else "bin")) for name in ("own", "active")]
    path = os.pathsep.join([bins[0] + os.sep, "/usr/bin", bins[1], "", "/bin"])
    dirty = {"PATH": path, "VIRTUAL_ENV": str(tmp_path / "active")}
    own = str(tmp_path / "own")
    assert clean(dirty, own=own) == {"PATH": os.pathsep.join(["/usr/bin", "", "/bin"])}
    assert clean(dirty, keep=["PATH"], own=own)["PATH"] == path


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_clean_knows_a_virtual_environment_by_another_path(tmp_path: Path) -> None:
    (tmp_path / "own" / "bin").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "own")
    assert clean({"PATH": f"{tmp_path}/link/bin:/bin"}, own=str(tmp_path / "own")) == {"PATH": "/bin"}


CONDA = str(Path(os.sep, "opt", "conda"))


def joined(*paths: str) -> str:
    return os.pathsep.join(path.replace("/opt/conda", CONDA) for path in paths)


def test_what_activation_of_the_servers_conda_environment_set_is_not_the_kernels() -> None:
    dirty = {
        "PATH": joined("/opt/conda/bin", "/opt/conda/condabin", "/usr/bin"),
        "LD_LIBRARY_PATH": joined("/opt/conda/lib", "/usr/local/nvidia/lib64"),
        "GDAL_DATA": joined("/opt/conda/share/gdal"),
        "JUPYTER_CONFIG_DIR": joined("/opt/conda/etc/jupyter"),
        "TOOLS": joined("/opt/conda-tools/lib"),
        "NOTE": "conda lives in /opt/conda/lib",
    }
    expected = {
        "PATH": joined("/opt/conda/condabin", "/usr/bin"),
        "LD_LIBRARY_PATH": joined("/usr/local/nvidia/lib64"),
        "JUPYTER_CONFIG_DIR": dirty["JUPYTER_CONFIG_DIR"],
        "TOOLS": dirty["TOOLS"],
        "NOTE": dirty["NOTE"],
    }
    assert clean(dirty, own=CONDA) == expected
    assert clean({**dirty, "CONDA_PREFIX": CONDA}, own="") == expected


def test_what_configuration_lets_through_stays_even_if_it_lies_in_the_servers_environment() -> None:
    certificates = joined("/opt/conda/ssl/cacert.pem")
    assert clean({"SSL_CERT_FILE": certificates}, own=CONDA) == {}
    assert clean({"SSL_CERT_FILE": certificates}, ["SSL_CERT_FILE"], own=CONDA) == {
        "SSL_CERT_FILE": certificates
    }
