from __future__ import annotations

import pytest
import rattler
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from appose_kernel.workspaces.specs import check


@pytest.mark.parametrize(
    ("text", "name", "spec"),
    [
        ("numpy", "numpy", ""),
        (" numpy ", "numpy", ""),
        ("Torch_Vision>=0.2", "Torch_Vision", ">=0.2"),
        ("numpy >=2, <3", "numpy", ">=2, <3"),
        ("numpy==2.*", "numpy", "==2.*"),
        ("numpy (>=2)", "numpy", ">=2"),
        ("torch==2.5.1+cu124", "torch", "==2.5.1+cu124"),
        ("requests[socks,use_chardet]>=2", "requests", "[socks,use_chardet]>=2"),
        ("tomli ; python_version < '3.11'", "tomli", "; python_version < '3.11'"),
        ("a[b] (>=1) ; extra == 'c'", "a", "[b] >=1 ; extra == 'c'"),
    ],
)
def test_a_requirement_is_split_into_name_and_spec(text: str, name: str, spec: str) -> None:
    found = check("pypi", text)
    assert (found.name, found.spec, found.message) == (name, spec, "")
    assert str(Requirement(f"{found.name}{found.spec}")) == str(Requirement(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Type the name of a package, such as `numpy`."),
        ("numpy>=2..1", "`>=2..1` is no version: write it like `>=2,<3`."),
        ("numpy>=1 <2", "`>=1 <2` is no version: write it like `>=2,<3`."),
        ("numpy=2.1", "Write `==2.1` for exactly this version, or `>=2.1` for this one or newer."),
        ("numpy 2.1", "Write `==2.1` for exactly this version, or `>=2.1` for this one or newer."),
        ("numpy^2", "`^` is not known to Python packages: write `>=2` and, after a comma, an upper bound."),
        ("numpy>=2.*", "`.*` goes with `==` and `!=` alone: write `>=2`."),
        ("numpy~=2", "`~=2` needs a second number: write `~=2.0`, or `>=2`."),
        ("numpy>=", "A version is missing after `>=`."),
        ("numpy>=2,", "A version is missing at the comma."),
        ("numpy[a b]", "`a b` is no name of an extra."),
        ("numpy[a", "The bracket `[` is never closed."),
        ("numpy;", "A marker is missing after `;`, such as `sys_platform == 'linux'`."),
        ("numpy; linux", "`linux` is no marker: write it like `sys_platform == 'linux'`."),
    ],
)
def test_what_is_no_requirement_is_explained_at_the_field(text: str, message: str) -> None:
    found = check("pypi", text)
    assert not found.ok
    assert found.message == message


@pytest.mark.parametrize("text", ["-numpy", "numpy-", "é", "!", "@ https://example.org/a.whl"])
def test_what_is_no_name_is_said_to_be_none(text: str) -> None:
    assert "is no name of a package" in check("pypi", text).message


@pytest.mark.parametrize(
    "text",
    [
        "numpy @ https://example.org/numpy.whl",
        "numpy@git+https://example.org/numpy",
        "https://example.org/numpy.whl",
        "git+ssh://git@example.org/numpy",
        "./numpy",
        "../numpy",
        "/numpy",
        "~/numpy",
        "file:numpy",
        "C:\\numpy",
    ],
)
@pytest.mark.parametrize("kind", ["conda", "pypi"])
def test_places_are_edited_in_the_file(kind: str, text: str) -> None:
    if kind == "pypi" or "@" not in text:
        assert "edit it in the file" in check(kind, text).message


@pytest.mark.parametrize(
    ("text", "name", "spec"),
    [
        ("numpy", "numpy", ""),
        ("NumPy", "numpy", ""),
        ("numpy *", "numpy", "*"),
        ("numpy >=2,<3", "numpy", ">=2,<3"),
        ("numpy>= 2 , <3", "numpy", ">=2,<3"),
        ("numpy=2.*", "numpy", "2.*"),
        ("numpy==2.1", "numpy", "==2.1"),
        ("numpy 2.*", "numpy", "2.*"),
        ("numpy 2.1", "numpy", "==2.1"),
        ("python=3.12", "python", "3.12.*"),
        ("tzdata >=2024a", "tzdata", ">=2024a"),
        ("numpy 1.26|1.27", "numpy", "==1.26|==1.27"),
        ("_libgcc_mutex", "_libgcc_mutex", ""),
    ],
)
def test_a_conda_package_is_split_into_name_and_version(text: str, name: str, spec: str) -> None:
    found = check("conda", text)
    assert (found.name, found.spec, found.message) == (name, spec, "")
    rattler.MatchSpec(f"{name} {spec}", strict=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Type the name of a package, such as `numpy`."),
        ("numpy >=2..1", "`>=2..1` is no version: write it like `>=2,<3`."),
        ("numpy 2..1", "`2..1` is no version: write it like `>=2,<3`."),
        ("scikit learn", "`learn` is no version: write it like `>=2,<3`."),
        ("numpy ^2", "`^2` is no version: write it like `>=2,<3`."),
        ("numpy>=", "A version is missing after `>=`."),
        ("é", "`é` is no name of a package: it has letters, digits, `-`, `_` and `.`."),
        ("pytorch=2.5=*cuda*", "A package with a build of its own: edit it in the file."),
        ("numpy[version=2]", "A package with more than a version: edit it in the file."),
    ],
)
def test_what_is_no_conda_package_is_explained_at_the_field(text: str, message: str) -> None:
    found = check("conda", text)
    assert not found.ok
    assert found.message == message


def test_a_channel_of_its_own_is_explained() -> None:
    message = check("conda", "conda-forge::numpy >=2").message
    assert "add the channel `conda-forge` and type `numpy >=2`" in message


@given(st.sampled_from(["pypi", "conda"]), st.text(st.sampled_from("ab1._-*<>=!~[]();,|@:/ '^"), max_size=20))
def test_what_is_let_through_is_what_tools_take(kind: str, text: str) -> None:
    found = check(kind, text)
    if found.ok and kind == "pypi":
        Requirement(f"{found.name}{found.spec}")
    elif found.ok:
        rattler.MatchSpec(f"{found.name} {found.spec}".strip(), strict=True)
