from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import tomli
from notebook_files import block, cell, notebook

from appose_kernel.errors import ManifestInvalid, ManifestNotFound
from appose_kernel.model import Composition, Workspace
from appose_kernel.workspaces import files, formats, script
from appose_kernel.workspaces.script import notebook_lock

SIX = block('dependencies = ["six"]')


@pytest.fixture
def file(root: Path) -> Path:
    return root / "analysis.ipynb"


def opened(file: Path, text: str) -> Workspace:
    file.write_text(text, encoding="utf-8")
    return formats.open_workspace(file)


def composed(file: Path, text: str, platform: str = "linux-64") -> Composition:
    (default,) = formats.environments(opened(file, text))
    assert default.name == "default"
    return formats.compose(default, platform)


def refused(file: Path, text: str) -> ManifestInvalid:
    with pytest.raises(ManifestInvalid) as caught:
        opened(file, text)
    assert caught.value.remedy
    return caught.value


def test_a_notebook_with_a_block_is_a_workspace_of_its_own(file: Path) -> None:
    workspace = opened(file, notebook(cell("# Title", "markdown"), SIX))
    assert (workspace.name, workspace.format) == ("analysis", "script")
    assert (workspace.manifest, workspace.root, workspace.lock) == (file, file.parent, None)
    assert workspace.definition == 'dependencies = ["six"]'
    assert workspace.inputs == tuple(
        file.parent / name for name in ("uv.toml", ".python-version", ".python-versions")
    )


def test_what_the_block_asks_for(file: Path) -> None:
    found = composed(
        file,
        notebook(
            block(
                'requires-python = ">=3.11"',
                "dependencies = [",
                '  "Torch >=2",',
                "  \"pywin32 ; sys_platform == 'win32'\",",
                '  "mine",',
                "]",
                "",
                "[tool.uv]",
                'exclude-newer = "2025-06-01T00:00:00Z"',
                'resolution = "lowest-direct"',
                "[tool.uv.sources]",
                'torch = { index = "cuda" }',
                'mine = { path = "../mine", editable = true }',
                "[[tool.uv.index]]",
                'name = "cuda"',
                'url = "https://download.pytorch.org/whl/cu126"',
                "explicit = true",
                "[[tool.uv.index]]",
                'url = "https://example.org/simple"',
            )
        ),
    )
    cuda = "https://download.pytorch.org/whl/cu126"
    assert [(spec.kind, spec.name, spec.requirement, spec.index, spec.editable) for spec in found.specs] == [
        ("pypi", "torch", "Torch >=2", cuda, False),
        ("pypi", "mine", "mine", None, True),
    ]
    assert found.python == ">=3.11"
    assert found.channels == (cuda, "https://example.org/simple", "https://pypi.org/simple")
    assert (found.options.strategy, found.options.exclude_newer) == ("lowest-direct", "2025-06-01T00:00:00Z")


def test_indexes_of_a_uv_toml_beside_it_follow_the_blocks(file: Path) -> None:
    (file.parent / "uv.toml").write_text('[[index]]\nurl = "https://example.org/mirror"\ndefault = true\n')
    text = notebook(block('dependencies = ["six"]', "[[tool.uv.index]]", 'url = "https://example.org/own"'))
    assert composed(file, text).channels == ("https://example.org/own", "https://example.org/mirror")


def test_local_sources_are_inputs(file: Path) -> None:
    sources = 'a = { path = "../a" }', 'b = [{ path = "b-1.0.whl" }, { index = "x" }]'
    workspace = opened(file, notebook(block('dependencies = ["a"]', "[tool.uv.sources]", *sources)))
    assert file.parents[1] / "a/pyproject.toml" in workspace.inputs
    assert file.parent / "b-1.0.whl" in workspace.inputs


@pytest.mark.parametrize(
    "source",
    [
        f"%%capture\n{SIX}",
        f"%load_ext autoreload\n\nimport six\n{SIX}\nprint(six)",
        f"# About this notebook\n{SIX}\n# and more",
        SIX.replace("\n", "\r\n"),
        SIX + "  ",
        block('dependencies = ["six"]', "# a comment", ""),
    ],
)
def test_the_block_may_stand_anywhere_in_its_cell(file: Path, source: str) -> None:
    assert [spec.name for spec in composed(file, notebook(source)).specs] == ["six"]


def test_the_block_may_stand_in_any_code_cell_but_in_one_only(file: Path) -> None:
    cells = ("import sys", cell(block('dependencies = ["markdown"]'), "markdown"), SIX)
    assert opened(file, notebook(*cells)).definition == 'dependencies = ["six"]'
    error = refused(file, notebook(*cells, "1", f"# here\n{SIX}"))
    assert error.message == (
        f"{file}: code cell 4, line 2: "
        "this is a second block `# /// script`, and the code cell 2 has one already."
    )


@pytest.mark.parametrize(
    ("key", "remedy"),
    [
        ("dependancies", "Did you mean `dependencies`?"),
        ("requires_python", "Did you mean `requires-python`?"),
        ("channels", "It may have: `dependencies`, `requires-python`, `tool`."),
    ],
)
def test_a_key_that_no_block_has_is_an_error_with_its_line(file: Path, key: str, remedy: str) -> None:
    error = refused(file, notebook(block('requires-python = ">=3.9"', f"{key} = []")))
    assert f"first code cell, line 3: `{key}` is not a key" in error.message
    assert error.remedy == remedy


def test_a_closing_line_inside_the_block_does_not_end_it(file: Path) -> None:
    text = notebook(block('dependencies = ["six"]', "///", 'requires-python = ">=3.9"'))
    error = refused(file, text)
    assert error.message == f"{file}: first code cell, line 3: this is not valid TOML: Invalid statement."


def test_blocks_of_other_types_are_none(file: Path) -> None:
    file.write_text(notebook(SIX.replace("script", "pyproject"), "# ///script\n# ///"))
    assert formats.detect(file) is None


def test_the_metadata_may_have_it_instead(file: Path) -> None:
    metadata = {"appose-kernel": {"script": 'dependencies = ["six"]'}}
    assert [spec.name for spec in composed(file, notebook("1", metadata=metadata)).specs] == ["six"]
    assert opened(file, notebook(block(""), metadata=metadata)).definition == ""
    metadata["appose-kernel"]["script"] = "\nx = ["
    assert "metadata `appose-kernel.script`, line 2" in refused(file, notebook(metadata=metadata)).message


def test_notebooks_of_version_3_are_read(file: Path) -> None:
    cells = [{"cell_type": "heading", "source": "x"}, {"cell_type": "code", "input": SIX.splitlines(True)}]
    old = {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells}]}
    assert [spec.name for spec in composed(file, json.dumps(old)).specs] == ["six"]


def test_outputs_and_other_cells_change_nothing(file: Path) -> None:
    before = opened(file, notebook(SIX, "1"))
    ran = cell(SIX) | {"execution_count": 7, "outputs": [{"output_type": "stream", "text": ["x" * 2000]}]}
    assert opened(file, notebook(ran, "2", "3")) == before
    assert opened(file, notebook(block('dependencies = ["six>1"]'))) != before


def test_a_lock_in_the_metadata_is_part_of_the_definition(file: Path) -> None:
    plain = opened(file, notebook(SIX)).definition
    locked = opened(file, notebook(SIX, metadata={"uv.lock": "version = 1\n"})).definition
    assert plain != locked != opened(file, notebook(SIX, metadata={"uv.lock": "version = 2\n"})).definition
    assert opened(file, notebook(SIX, metadata={"uv.lock": " "})).definition == plain


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        (['dependencies = ["six"'], 2, "this is not valid TOML"),
        (["", "dependencies = 'six'"], 3, "`dependencies` must be a list, not a string"),
        (["dependencies = [", '  "six",', '  "not one!",', "]"], 4, "`not one!` is not a valid requirement"),
        (['requires-python = "three"'], 2, "`requires-python` is no set of versions"),
        (["[tool]", "uv = 1"], 3, "`tool.uv` must be a table, not a number"),
        (["[[tool.uv.index]]", 'name = "x"'], 2, "this index has no `url`"),
        (["[tool.uv.sources]", "", "six = { path = 1 }"], 4, "`tool.uv.sources.six.path` must be a string"),
    ],
)
def test_errors_name_the_line_of_the_cell(file: Path, lines: list[str], line: int, said: str) -> None:
    error = refused(file, notebook(cell("# words", "markdown"), block(*lines)))
    assert f"{file}: first code cell, line {line}: " in error.message
    assert said in error.message
    error = refused(file, notebook("import sys", f"%%time\n{block(*lines)}"))
    assert f"{file}: code cell 2, line {line + 1}: " in error.message


def test_a_block_that_is_never_closed_and_a_second_one_are_errors(file: Path) -> None:
    error = refused(file, notebook("x = 1\n# /// script\n# dependencies = []\n"))
    assert "first code cell, line 2: the block that begins here is never closed" in error.message
    error = refused(file, notebook(f"{SIX}\n\n{SIX}"))
    assert "first code cell, line 5: this is a second block" in error.message


def test_a_notebook_that_is_no_json_is_an_error_with_its_line(file: Path) -> None:
    text = notebook(SIX)
    torn = text.replace(' "nbformat"', '<<<<<<< HEAD\n "nbformat"', 1)
    assert refused(file, torn).line == text[: text.index(' "nbformat"')].count("\n") + 1
    assert "not valid JSON" in refused(file, text[:-20]).message
    assert "nested too deeply" in refused(file, '{"a": "/// script", "b": ' + "[" * 100_000).message


@pytest.mark.parametrize(
    "text", ['"/// script"', '{"cells": 1, "x": "/// script"}', '{"cells": [1, "/// script"]}']
)
def test_json_that_is_no_notebook_has_no_block(file: Path, text: str) -> None:
    file.write_text(text)
    assert formats.detect(file) is None


def test_without_a_block_the_lines_to_add_are_shown(file: Path) -> None:
    file.write_text(notebook("print()"))
    assert formats.detect(file) is None
    with pytest.raises(ManifestNotFound) as caught:
        formats.open_workspace(file)
    assert '# /// script\n# dependencies = ["numpy"]\n# ///\n' in caught.value.remedy


@pytest.mark.parametrize("text", ["", '{"cells": [', "[]"])
def test_a_damaged_notebook_is_said_to_be_one(file: Path, text: str) -> None:
    assert "this is no" in refused(file, text).message


def test_a_notebook_that_is_not_there_is_said_to_be_missing(file: Path) -> None:
    with pytest.raises(ManifestNotFound, match=r"analysis\.ipynb does not exist"):
        formats.open_workspace(file)


def test_a_block_that_was_taken_out_meanwhile_is_said_to_be_gone(file: Path) -> None:
    workspace = opened(file, notebook(SIX))
    file.write_text(notebook("1"))
    with pytest.raises(ManifestNotFound):
        script.script(workspace)


def test_no_folder_is_searched_for_notebooks(file: Path) -> None:
    opened(file, notebook(SIX))
    assert formats.detect(file.parent) is None


def test_a_notebook_may_be_larger_than_a_manifest_but_not_without_bounds(file: Path) -> None:
    picture = cell("plot()") | {"outputs": [{"data": {"image/png": "iVBO" * 2**20}}]}
    assert opened(file, notebook(SIX, picture)).definition
    began = time.monotonic()
    file.write_text(notebook(picture))
    assert formats.detect(file) is None
    assert time.monotonic() - began < 1
    with file.open("wb") as large:
        large.truncate(2**26 + 1)
    assert "larger than 64 MiB" in str(refused_as_it_is(file))


def refused_as_it_is(file: Path) -> ManifestInvalid:
    with pytest.raises(ManifestInvalid) as caught:
        formats.detect(file)
    return caught.value


def code(file: Path, *lines: str) -> str:
    return script.script(opened(file, notebook(block(*lines)))).code()


def test_uv_gets_the_block_as_written(file: Path) -> None:
    lines = ['dependencies = ["six"]  # comment', "", "[tool.uv]", 'exclude-newer = "2025-01-01"']
    assert code(file, *lines) == block(*lines) + "\n"


def test_uv_gets_relative_places_as_absolute_ones(file: Path) -> None:
    written = code(
        file,
        'dependencies = ["a", "b"]',
        "[tool.uv]",
        'find-links = ["./wheels", "https://example.org/links"]',
        'extra-index-url = ["file:///srv/simple"]',
        'index-url = "mirror"',
        "[tool.uv.sources]",
        'a = { path = "../a", editable = true }',
        'b = [{ path = "b é", marker = "sys_platform == \'linux\'" }, { git = "https://example.org/b" }]',
        "[[tool.uv.index]]",
        'url = "local"',
        'name = "wheels"',
        "[tool.other]",
        "x = 2025-01-01T00:00:00Z",
    )
    assert written.startswith("# /// script\n")
    data = tomli.loads("\n".join(line[2:] for line in written.splitlines()[1:-1]))
    root = file.parent
    assert data["tool"]["uv"] == {
        "find-links": [str(root / "wheels"), "https://example.org/links"],
        "extra-index-url": ["file:///srv/simple"],
        "index-url": str(root / "mirror"),
        "sources": {
            "a": {"path": str(root.parent / "a"), "editable": True},
            "b": [
                {"path": str(root / "b é"), "marker": "sys_platform == 'linux'"},
                {"git": "https://example.org/b"},
            ],
        },
        "index": [{"url": str(root / "local"), "name": "wheels"}],
    }
    assert data["tool"]["other"] == tomli.loads("x = 2025-01-01T00:00:00Z")


LOCK = 'version = 1\nname = "é ✓"\n'


@pytest.mark.parametrize("indent", [1, 4, None])
@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"kernelspec": {"name": "python3"}},
        {"kernelspec": {"name": "python3"}, "widgets": {"a": [1, {"}": '\\"'}]}},
        {"widgets": {}},
        {"a": 1, "uv.lock": "old", "z": 2},
    ],
)
def test_a_lock_is_put_in_where_jupyter_would_and_nothing_else_changes(
    file: Path, metadata: dict[str, object], indent: int | None
) -> None:
    cells = [cell('x = "metadata"\né = {1: 2}'), cell(SIX)]
    document = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    before = json.dumps(document, indent=indent, ensure_ascii=False)
    after = notebook_lock.insert(file, before, LOCK)
    expected = document | {"metadata": dict(sorted({**metadata, "uv.lock": LOCK}.items()))}
    assert after == json.dumps(expected, indent=indent, ensure_ascii=False)
    assert notebook_lock.insert(file, after, LOCK) == after
    assert opened(file, after).definition.endswith(LOCK)


def test_line_ends_and_escapes_of_the_cells_stay(file: Path) -> None:
    text = notebook(SIX, "'\\u00e9'").replace("\n", "\r\n").replace("six", "\\u0073ix")
    after = notebook_lock.insert(file, text, LOCK)
    start = text.index('"metadata": {}, ') if '"metadata": {}, ' in text else text.rindex('"metadata"')
    assert after[:start] == text[:start]
    assert after.endswith(text[start:].partition("}")[2])
    assert json.loads(after)["metadata"] == {"uv.lock": LOCK}


def test_a_file_without_metadata_is_no_notebook_to_put_a_lock_into(file: Path) -> None:
    with pytest.raises(ManifestInvalid, match="no `metadata`"):
        notebook_lock.insert(file, '{"cells": []}', LOCK)


def test_an_ordinary_manifest_may_still_have_one_mebibyte_only(root: Path) -> None:
    (root / "requirements.txt").write_bytes(b"#" * (files.MAX_BYTES + 1))
    with pytest.raises(ManifestInvalid, match="larger than 1 MiB"):
        formats.open_workspace(root)
