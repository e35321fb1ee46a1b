from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
import rattler
from manifests import Write

from appose_kernel.errors import ManifestInvalid
from appose_kernel.model import Composition
from appose_kernel.workspaces import formats
from appose_kernel.workspaces.conda import match_specs

MINIMAL = "dependencies: [python]\n"


def composed(root: Path, platform: str = "linux-64") -> Composition:
    (default,) = formats.environments(formats.open_workspace(root))
    assert default.name == "default"
    return formats.compose(default, platform)


def texts(root: Path, platform: str = "linux-64") -> list[str]:
    return [spec.requirement for spec in composed(root, platform).specs]


def refused(root: Path) -> ManifestInvalid:
    with pytest.raises(ManifestInvalid) as caught:
        formats.open_workspace(root)
    assert caught.value.remedy
    return caught.value


WHOLE = """
    name: imaging
    channels:
      - nvidia
      - conda-forge
      - nodefaults
    dependencies:
      - python=3.11.*=*_cpython
      - numpy>=1.26, <2   # not two yet
      - conda-forge::scikit-image
      - pip
      - pip:
          - tifffile
    variables:
      OMP_NUM_THREADS: 4
      GREETING: $HOME is not expanded
    prefix: /home/someone/miniconda3/envs/imaging
    category: main
"""


def test_a_whole_file_is_one_environment_of_a_workspace_called_by_its_name(write: Write, root: Path) -> None:
    manifest = write("environment.yml", WHOLE)
    workspace = formats.open_workspace(root)
    assert (workspace.name, workspace.format, workspace.lock) == ("imaging", "conda", None)
    assert workspace.inputs == (manifest,)
    found = composed(root)
    assert [(spec.kind, spec.name, spec.requirement, spec.origin) for spec in found.specs] == [
        ("conda", "python", "python 3.11.* *_cpython", ""),
        ("conda", "numpy", "numpy >=1.26,<2", ""),
        ("conda", "scikit-image", "conda-forge::scikit-image", ""),
        ("conda", "pip", "pip", ""),
        ("pypi", "tifffile", "tifffile", "pip"),
    ]
    assert found.channels == ("nvidia", "conda-forge")
    assert found.python == "3.11.*"
    assert found.variables == {"OMP_NUM_THREADS": "4", "GREETING": "$HOME is not expanded"}


@pytest.mark.parametrize("name", ["environment.yml", "environment.yaml"])
def test_without_a_name_the_folder_gives_it(write: Write, root: Path, name: str) -> None:
    write(f"my thesis/{name}", MINIMAL)
    assert formats.open_workspace(root / "my thesis").name == "my thesis"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("numpy", "numpy"),
        ("NumPy", "numpy"),
        ("numpy=1.26", "numpy 1.26.*"),
        ("numpy =1.26", "numpy 1.26.*"),
        ("numpy = 1.26", "numpy 1.26.*"),
        ("numpy=1.26.*", "numpy 1.26.*"),
        ("numpy==1.26", "numpy ==1.26"),
        ("numpy==1.26.*", "numpy 1.26.*"),
        ("numpy 1.26", "numpy ==1.26"),
        ("numpy 1.26.*", "numpy 1.26.*"),
        ("numpy 1.26*", "numpy 1.26.*"),
        ("numpy>=1.2,<2", "numpy >=1.2,<2"),
        ("numpy >= 1.2 , < 2", "numpy >=1.2,<2"),
        ("numpy>=1.2.*", "numpy >=1.2"),
        ("numpy!=1.2.*,>1", "numpy !=1.2.*,>1"),
        ("numpy~=1.26", "numpy ~=1.26"),
        ("numpy=1.11|1.12.*", "numpy 1.11.*|1.12.*"),
        ("python=3.11.*=*_cpython", "python 3.11.* *_cpython"),
        ("numpy=1.26.4=py311h64a7726_0", "numpy ==1.26.4 py311h64a7726_0"),
        ("numpy==1.26.4=py311h64a7726_0", "numpy ==1.26.4 py311h64a7726_0"),
        ("numpy 1.26.4 py311h64a7726_0", "numpy ==1.26.4 py311h64a7726_0"),
        ("blas=*=openblas", "blas * openblas"),
        ("_libgcc_mutex=0.1=conda_forge", "_libgcc_mutex ==0.1 conda_forge"),
        ("pytorch[version='>=2', build='*cuda*']", "pytorch[version='>=2', build='*cuda*']"),
        ("pytorch>=2[build=*cuda*]", "pytorch >=2[build=*cuda*]"),
        ("conda-forge::numpy=1", "conda-forge::numpy 1.*"),
        ("conda-forge/linux-64::numpy", "conda-forge/linux-64::numpy"),
        ("https://example.org/conda::numpy >1", "https://example.org/conda::numpy >1"),
        (
            "https://example.org/conda/linux-64/numpy-1.26.4-h0.conda",
            "https://example.org/conda/linux-64/numpy-1.26.4-h0.conda",
        ),
    ],
)
def test_condas_ways_to_write_a_package_mean_one_thing_to_a_strict_parser(written: str, text: str) -> None:
    found = match_specs.parse(written)
    assert found is not None
    assert found.text == text
    strict = rattler.MatchSpec(found.text, strict=True)
    assert str(rattler.MatchSpec(written, strict=False)) == str(strict)
    assert strict.name is not None
    assert found.name == strict.name.normalized


@pytest.mark.parametrize("written", ["numpy=", "numpy>", "a b c d", "-e .", "numpy,<2", "./lib", "a=1=2=3"])
def test_what_conda_would_refuse_is_refused_with_its_line(write: Write, root: Path, written: str) -> None:
    write("environment.yml", f"dependencies:\n  - python\n  - '{written}'\n")
    error = refused(root)
    assert error.line == 3
    assert f"`{written}` is no package of conda's" in error.message


def test_channels_of_single_packages_follow_those_of_the_file(write: Write, root: Path) -> None:
    write(
        "environment.yml",
        """
        channels: [conda-forge, ./channel, "file:///opt/channel"]
        dependencies: [bioconda::samtools, conda-forge/noarch::six, https://example.org/c::x]
        """,
    )
    local = (root / "channel").as_uri()
    channels = ("conda-forge", local, "file:///opt/channel", "bioconda", "https://example.org/c")
    assert composed(root).channels == channels


def test_defaults_are_anacondas_three_channels(write: Write, root: Path) -> None:
    write("environment.yml", "channels: [defaults]\ndependencies: [defaults::numpy]\n")
    main, r, msys2 = (f"https://repo.anaconda.com/pkgs/{name}" for name in ("main", "r", "msys2"))
    assert composed(root).channels == (main, r)
    assert composed(root, "win-64").channels == (main, r, msys2)
    assert texts(root) == [f"{main}::numpy"]


@pytest.mark.parametrize("channels", ["", "channels:\n", "channels: []\n", "channels: [nodefaults]\n"])
def test_without_channels_it_is_conda_forge(write: Write, root: Path, channels: str) -> None:
    write("environment.yml", channels + MINIMAL)
    assert composed(root).channels == ("conda-forge",)


def test_selectors_of_mamba_are_judged_for_the_platform_asked_about(write: Write, root: Path) -> None:
    write(
        "environment.yml",
        """
        dependencies:
          - python
          - sel(linux): [gcc, make]
          - sel(unix): bash
          - sel(win): pywin32
          - sel(osx-arm64): metal
        """,
    )
    assert texts(root) == ["python", "gcc", "make", "bash"]
    assert texts(root, "osx-arm64") == ["python", "bash", "metal"]
    assert texts(root, "win-64") == ["python", "pywin32"]


PIP = """
    dependencies:
      - python
      - pip:
          - numpy >=1.26
          - pywin32 ; sys_platform == "win32"
          - -e ./mine[all]
          - --editable=other
          - git+https://example.org/x/thing.git@main#egg=Some_Thing
          - git+https://example.org/x/nameless.git
          - https://example.org/w/wheely-1.0-py3-none-any.whl
          - ./wheels/local_one-2.0-py3-none-any.whl
          - lib @ https://example.org/lib.zip
          - -r more/requirements.txt
          - -c limits.txt
          - --index-url https://example.org/simple
          - --extra-index-url=https://download.pytorch.org/whl/cu126
          - -f ./wheels
          - --find-links https://example.org/links
          - --pre
          - --no-binary scipy, numba
          - "--only-binary :all:"
          - "scipy  # why"
"""


def test_the_pip_section_becomes_requirements_and_pypi_options(write: Write, root: Path) -> None:
    manifest = write("environment.yml", PIP)
    project = write("mine/pyproject.toml", '[project]\nname = "My.Project"\n')
    (root / "other").mkdir()
    included = write("more/requirements.txt", "requests\n-r deep.txt\n")
    deep = write("more/deep.txt", "idna\n")
    limits = write("limits.txt", "urllib3 <2\n")
    found = composed(root)
    pypi = [(spec.name, spec.requirement, spec.editable) for spec in found.specs if spec.kind == "pypi"]
    assert pypi == [
        ("numpy", "numpy >=1.26", False),
        ("my-project", f"my-project[all] @ {(root / 'mine').as_uri()}", True),
        ("other", (root / "other").as_uri(), True),
        ("some-thing", "some-thing @ git+https://example.org/x/thing.git@main", False),
        ("nameless", "git+https://example.org/x/nameless.git", False),
        ("wheely", "wheely @ https://example.org/w/wheely-1.0-py3-none-any.whl", False),
        ("local-one", f"local-one @ {(root / 'wheels').as_uri()}/local_one-2.0-py3-none-any.whl", False),
        ("lib", "lib @ https://example.org/lib.zip", False),
        ("requests", "requests", False),
        ("idna", "idna", False),
        ("scipy", "scipy", False),
    ]
    assert {spec.origin for spec in found.specs if spec.kind == "pypi"} == {"pip"}
    assert found.options.pypi == {
        "constraints": ["urllib3 <2"],
        "index-url": "https://example.org/simple",
        "extra-index-urls": ["https://download.pytorch.org/whl/cu126"],
        "find-links": [{"path": str(root / "wheels")}, {"url": "https://example.org/links"}],
        "prerelease-mode": "allow",
        "no-binary": ["scipy", "numba"],
        "no-build": [":all:"],
    }
    inputs = formats.open_workspace(root).inputs
    assert {manifest, project, included, deep, limits, root / "other/setup.py"} <= set(inputs)
    assert root / "wheels/local_one-2.0-py3-none-any.whl" in inputs


def test_markers_of_the_pip_section_are_judged_for_the_platform(write: Write, root: Path) -> None:
    write("environment.yml", PIP.replace("-r more/requirements.txt", "a").replace("-c limits.txt", "b"))
    assert 'pywin32 ; sys_platform == "win32"' in texts(root, "win-64")


def test_errors_in_the_pip_section_name_the_line_of_the_file_that_has_it(write: Write, root: Path) -> None:
    write("environment.yml", "dependencies:\n  - pip:\n      - fine\n      - 'not a requirement!'\n")
    assert refused(root).line == 4
    write("environment.yml", "dependencies:\n  - pip:\n      - -r more.txt\n")
    assert "`more.txt`, which does not exist" in refused(root).message
    included = write("more.txt", "fine\n\n!\n")
    error = refused(root)
    assert (error.file, error.line) == (included, 3)


@pytest.mark.parametrize("option", ["--trusted-host example.org", "--no-index", "--require-hashes"])
def test_options_of_pip_that_would_change_nothing_are_refused(write: Write, root: Path, option: str) -> None:
    write("environment.yml", f"dependencies:\n- pip:\n  - {option}\n")
    error = refused(root)
    assert error.line == 3
    assert f"`{option.split(maxsplit=1)[0]}` is not supported" in error.message


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "there are no `dependencies`"),
        ("name: x\n", 1, "there are no `dependencies`"),
        ("- numpy\n", 1, "the file must be a mapping, not a list"),
        ("just words\n", 1, "the file must be a mapping, not text"),
        ("dependencies: numpy\n", 1, "`dependencies` must be a list, not text"),
        ("name: x\nchannels: conda-forge\ndependencies: []\n", 2, "`channels` must be a list, not text"),
        ("dependencies:\n  - numpy\n  -\n", 3, "a dependency must be text, not empty"),
        ("dependencies:\n  - [numpy]\n", 2, "a dependency must be text, not a list"),
        ("dependencies:\n  - numpy: 1\n", 2, "`numpy` is no list of dependencies"),
        ("dependencies:\n  - npm: [left-pad]\n", 2, "`npm` is no list of dependencies"),
        ("dependencies:\n  - pip: requests\n", 2, "`pip` must be a list, not text"),
        ("name: [x]\ndependencies: []\n", 1, "`name` must be text, not a list"),
        ("variables: [A=1]\ndependencies: []\n", 1, "`variables` must be a mapping, not a list"),
        ("dependencies:\n  - a\nname: x\ndependencies:\n  - b\n", 4, "the first is in line 1"),
        ("dependencies:\n\t- numpy\n", 2, "cannot start any token"),
        ("dependencies: [a\nname: x\n", 2, "this is not valid YAML"),
        ("dependencies: []\n---\ndependencies: []\n", 2, "single document"),
        ("dependencies: [*nowhere]\n", 1, "undefined alias"),
        ("? {a: 1}\n: b\n", 1, "a key must be text, not a mapping"),
        # what an editor saves while somebody types
        ("name: y\ndependencies:\n  - [", 3, "this is not valid YAML"),
        ("name: {", 1, "this is not valid YAML"),
        ("? {", 1, "this is not valid YAML"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_line(
    write: Write, root: Path, text: str, line: int, said: str
) -> None:
    (root / "environment.yml").write_text(text)
    error = refused(root)
    assert said in error.message
    assert error.line == line


def test_a_tab_and_a_second_document_have_remedies_of_their_own(write: Write, root: Path) -> None:
    (root / "environment.yml").write_text("dependencies:\n\t- numpy\n")
    assert "use spaces" in refused(root).remedy
    (root / "environment.yml").write_text("dependencies: []\n---\nname: x\n")
    assert "`---`" in refused(root).remedy


def test_bytes_that_yaml_does_not_have_are_an_error(root: Path) -> None:
    (root / "environment.yml").write_text("dependencies: [a\x00b]\n")
    assert "this is not valid YAML" in refused(root).message


def test_aliases_are_read_and_a_bomb_of_them_costs_nothing(write: Write, root: Path) -> None:
    write("environment.yml", "name: &n one\nvariables: {A: *n}\ndependencies: [*n]\n")
    assert texts(root) == ["one"]
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (root / "environment.yml").write_text("\n".join([*lines, "dependencies: [*a11]"]))
    assert "must be text, not a list" in refused(root).message


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 100_000])
def test_deep_nesting_is_an_error_and_ends_no_process(root: Path, text: str) -> None:
    manifest = root / "environment.yml"
    manifest.write_text(text)
    code = (
        "import sys, pathlib\n"
        "from appose_kernel.workspaces import conda\n"
        "conda.detect(pathlib.Path(sys.argv[1]))"
    )
    argv = [sys.executable, "-c", code, str(manifest)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done
    assert "nested too deeply" in done.stderr


def test_numbers_keep_their_spelling(write: Write, root: Path) -> None:
    write("environment.yml", f"name: 1.10\nvariables: {{PYTHON: 3.10, ON: yes, NONE: }}\n{MINIMAL}")
    assert formats.open_workspace(root).name == "1.10"
    assert composed(root).variables == {"PYTHON": "3.10", "ON": "yes", "NONE": ""}


OTHERS = {
    *("yaml", "packaging", "appose_kernel.workspaces.plugins"),
    *("appose_kernel.workspaces.script.block", "appose_kernel.workspaces.pixi.manifest"),
}


def test_whoever_has_no_such_file_is_spared_yaml(write: Write, root: Path) -> None:
    assert all(map(importlib.util.find_spec, OTHERS))
    write("pyproject.toml", '[project]\nname = "x"\n')
    code = (
        "import sys, pathlib\n"
        "from appose_kernel.workspaces import formats\n"
        "formats.environments(formats.open_workspace(pathlib.Path(sys.argv[1])))\n"
        "print(*sys.modules)"
    )
    argv = [sys.executable, "-c", code, str(root)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert not OTHERS & set(done.stdout.split())
