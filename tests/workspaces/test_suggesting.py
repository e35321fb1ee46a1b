from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from manifests import STARTS, Write, audited
from notebook_files import block, cell, notebook

from appose_kernel.errors import EditRefused, ManifestInvalid, ManifestNotFound
from appose_kernel.workspaces import creating, formats
from appose_kernel.workspaces.creating import Draft
from appose_kernel.workspaces.suggesting import suggest


@pytest.fixture(autouse=True)
def on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appose_kernel.workspaces.suggesting.package_lists.host_platform", lambda: "linux-64")


def test_a_requirements_file_becomes_a_draft_for_uv(write: Write) -> None:
    file = write(
        "requirements.txt",
        """
        # tools
        numpy>=2,<3
        requests[socks] >= 2  # for the proxy
        tomli; python_version < "3.11"
        numpy>=2,<3
        """,
    )
    found = suggest(file)
    packages = ("numpy>=2,<3", "requests[socks] >= 2", 'tomli; python_version < "3.11"')
    assert found.draft == Draft("uv", "root", packages=packages)
    assert found.notes == ()


def test_what_a_draft_has_no_room_for_is_noted(write: Write) -> None:
    write("constraints.txt", "six<2\n")
    file = write(
        "requirements.txt",
        """
        -c constraints.txt
        --extra-index-url https://me:secret@example.org/simple
        -e ./lib
        https://example.org/a.whl
        b @ https://example.org/b.zip
        numpy
        numpy>=2
        """,
    )
    found = suggest(file)
    assert found.draft.packages == ("numpy",)
    assert found.notes == (
        "Constraints are left out: a lock holds the versions that were found to fit.",
        "`--extra-index-url https://****@example.org/simple` is left out: it can be set in the new file.",
        "`./lib` is left out: where it comes from can be written into the new file.",
        "`https://example.org/a.whl` is left out: where it comes from can be written into the new file.",
        "`b @ https://example.org/b.zip` is left out: where it comes from can be written into the new file.",
        "`numpy>=2` is left out: `numpy` is there already.",
    )


def test_an_environment_file_becomes_a_draft_for_pixi(write: Write) -> None:
    file = write(
        "environment.yml",
        """
        name: tides
        channels: [nvidia, defaults, conda-forge]
        dependencies:
          - python=3.12
          - numpy>=2,<3
          - scipy 1.14
          - pandas=2.2=py312_0
          - bioconda::samtools
          - sel(osx): pyobjc
          - sel(linux): patchelf
          - pip
          - pip:
              - humanize>=4.10
              - -e .
        variables:
          OMP_NUM_THREADS: 2
        """,
    )
    found = suggest(file)
    assert found.draft == Draft(
        "pixi",
        "tides",
        "3.12",
        ("numpy >=2,<3", "scipy ==1.14", "pandas ==2.2", "samtools", "patchelf"),
        ("humanize>=4.10",),
        ("nvidia", "conda-forge", "bioconda"),
    )
    assert found.notes == (
        "The channel `defaults` has become `conda-forge`.",
        "Of `pandas ==2.2 py312_0` the name and version are taken over alone.",
        "`bioconda::samtools` may come from any of the channels now.",
        "`pyobjc` is left out: it is for osx.",
        "`.` is left out: where it comes from can be written into the new file.",
        "The variables are left out: `OMP_NUM_THREADS`. They can be set in the new manifest.",
    )


def test_a_notebook_with_a_block_says_itself_what_it_needs(write: Write) -> None:
    own = block('requires-python = ">=3.11"', 'dependencies = ["numpy>=2", "rich"]')
    found = suggest(write("tides.ipynb", notebook(own, "import torch")))
    assert found.draft == Draft("uv", "tides", ">=3.11", ("numpy>=2", "rich"))
    assert found.notes == ()


def test_a_notebooks_sources_and_indexes_are_noted(write: Write) -> None:
    own = block(
        'dependencies = ["torch"]',
        "[tool.uv.sources]",
        'torch = { index = "cpu" }',
        "[[tool.uv.index]]",
        'name = "cpu"',
        'url = "https://example.org/cpu"',
    )
    found = suggest(write("tides.ipynb", notebook(own)))
    assert found.notes == (
        "Where `torch` comes from is left out: write it into the new file.",
        "`https://example.org/cpu` is left out: an index is written into the new file.",
    )


def test_a_notebooks_imports_are_guessed(write: Write) -> None:
    write("helpers.py", "")
    write("inner/__init__.py", "")
    file = write(
        "tide gauge.ipynb",
        notebook(
            cell("import fish", "markdown"),
            "import os, json\nimport numpy as np\nfrom sklearn.svm import SVC\nimport cv2",
            "%matplotlib inline\nimport matplotlib.pyplot as plt",
            "from . import beside\nfrom helpers import x",
            "%%bash\nimport nothing",
            "%%time\nimport pandas",
            "files = !ls\nnumpy.array?\nimport PIL.Image, inner.deep\nfrom IPython.display import display",
            "import yaml; def broken(:",
            "from google.cloud import storage\nimport google.something\nfrom google.colab import drive",
            "try:\n    import tomllib\nexcept ImportError:\n    import tomli",
        ),
    )
    found = suggest(file)
    assert found.draft.format == "uv"
    assert found.draft.name == "tide-gauge"
    assert set(found.draft.packages) == {
        "numpy", "scikit-learn", "opencv-python", "matplotlib", "pandas", "pillow", "pyyaml",
        "google-cloud-storage", "tomli",
    }  # fmt: skip
    assert found.notes[:3] == (
        "`helpers` is beside the notebook, and no package.",
        "`inner` is beside the notebook, and no package.",
        "Which package `google.something` comes from is not known.",
    )
    assert found.notes[3].startswith("Guessed from what the notebook imports: `numpy`, `scikit-learn` (for")


@pytest.mark.parametrize(
    ("line", "packages"),
    [
        ("%pip install numpy 'scipy>=1.14' rich[jupyter]", ["numpy", "scipy>=1.14", "rich[jupyter]"]),
        ("!pip install -q -U numpy && echo done", ["numpy"]),
        ("!pip3 install numpy  # for the tides", ["numpy"]),
        ("!python -m pip install numpy", ["numpy"]),
        ("!{sys.executable} -m pip install numpy", ["numpy"]),
        ("%uv pip install numpy", ["numpy"]),
        ("!uv pip install 'numpy", []),
        ("%pip uninstall numpy", []),
        ("%pip install -r requirements.txt", []),
        ("pip install numpy", []),
    ],
)
def test_a_notebooks_install_lines_are_taken_over(write: Write, line: str, packages: list[str]) -> None:
    assert list(suggest(write("a.ipynb", notebook(line))).draft.packages) == packages


def test_what_an_install_line_names_is_not_guessed_again(write: Write) -> None:
    found = suggest(write("a.ipynb", notebook("%pip install scikit-image>=0.2", "import skimage")))
    assert found.draft.packages == ("scikit-image>=0.2",)
    assert found.notes == ()


def test_condas_install_lines_make_a_draft_for_pixi(write: Write) -> None:
    found = suggest(
        write("a.ipynb", notebook("!conda install -y -c bioconda samtools=1.20", "%pip install rich"))
    )
    assert found.draft == Draft("pixi", "a", "", ("samtools=1.20",), ("rich",), ("bioconda",))


def test_no_credential_of_a_channel_is_taken_over(write: Write) -> None:
    channels = "channels: ['https://me:pw@example.org/c', 'https://example.org/t/pw/c', own]"
    for found in (
        suggest(
            write("environment.yml", f"{channels}\ndependencies: ['https://me:pw@example.org/d::numpy']\n")
        ),
        suggest(write("a.ipynb", notebook("!conda install -c https://me:pw@example.org/c -c own numpy"))),
    ):
        assert (found.draft.channels, found.draft.packages) == (("own",), ("numpy",))
        assert "pw" not in str(found.notes)
        assert "holds a credential" in found.notes[0]


def test_of_a_file_outside_of_the_folder_only_packages_are_shown(write: Write) -> None:
    outside = write("above.txt", "six>=1\nroot:x:0:0:/root\n--index-url https://inner.example.org\n")
    found = suggest(write("here/requirements.txt", "-r ../above.txt\nnot:/one\n"))
    assert found.draft.packages == ("six>=1",)
    assert found.notes == (
        f"Line 2 of {outside} is left out.",
        f"Line 3 of {outside} is left out.",
        "`not:/one` is left out: where it comes from can be written into the new file.",
    )


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "cell",
    [
        "import " + "a." * 100_000 + "b",
        "import " + ",".join(f"m{number}" for number in range(100_000)),
        "\n".join(f"import m{number}" for number in range(5_000)),
        "\n".join([" " * 9_000 + "x"] * 20),
        "\n".join(["a" * 9_000] * 20),
        "\n".join(["a," * 4_500] * 20),
        "!" + "python" * 1_500,
    ],
)
def test_long_lines_take_no_long_time(write: Write, cell: str) -> None:
    suggest(write("a.ipynb", notebook(cell)))


def test_a_percent_sign_in_a_text_is_no_magic(write: Write) -> None:
    found = suggest(
        write("a.ipynb", notebook("print('50 %'); import rich", "x = '!'\nimport click as c, attr"))
    )
    assert found.draft.packages == ("rich", "click", "attrs")


def test_a_notebook_in_another_language_is_refused(write: Write) -> None:
    metadata = {"language_info": {"name": "R"}}
    with pytest.raises(EditRefused, match="written in R"):
        suggest(write("a.ipynb", notebook("library(ggplot2)", metadata=metadata)))


def test_a_notebook_without_imports_is_an_empty_draft(write: Write) -> None:
    assert suggest(write("a.ipynb", notebook("1 + 1"))).draft == Draft("uv", "a")


def test_no_code_of_a_notebook_runs_and_its_warnings_are_nobodys(write: Write) -> None:
    file = write("a.ipynb", notebook("import os; os.system('true'); '\\d'", "!true"))
    with audited() as seen:
        suggest(file)
    assert not [name for name, _ in seen if name in STARTS]


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("a.ipynb", "{", ManifestInvalid),
        ("a.ipynb", "{}", ManifestInvalid),
        ("environment.yml", "- a\n", ManifestInvalid),
        ("requirements.txt", "a b c\n", ManifestInvalid),
        ("notes.md", "", EditRefused),
    ],
)
def test_what_cannot_be_read_is_refused(write: Write, name: str, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        suggest(write(name, text))


def test_a_file_that_is_not_there_is_told(root: Path) -> None:
    with pytest.raises(ManifestNotFound):
        suggest(root / "requirements.txt")


WORDS = st.one_of(
    st.sampled_from(["import ", "from ", " as x", "numpy", "python", "%pip install ", "!conda install "]),
    st.sampled_from(["os", "-c ", "%%time", "==1", ">=2;", "[a]", "\\d", "# ///", "@ https://x"]),
    st.sampled_from("\n\0 .,'\"(é"),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(WORDS, max_size=12).map("".join), max_size=3))
def test_what_any_notebook_suggests_can_be_made(write: Write, cells: list[str]) -> None:
    found = suggest(write("a.ipynb", notebook(*cells)))
    try:
        creating.compose(found.draft)
    except EditRefused as refused:
        if not refused.message.startswith("Channel"):
            raise


def test_a_suggestion_can_be_written(write: Write, root: Path) -> None:
    draft = suggest(write("requirements.txt", "numpy>=2\nrich\n")).draft
    creating.write(root, draft)
    workspace = formats.detect(root)
    assert workspace is not None
    assert workspace.format == "uv"
