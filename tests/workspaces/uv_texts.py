"""Any ``pyproject.toml`` of a uv project, for tests: what it says, and how it is written, by chance."""

from __future__ import annotations

from hypothesis import strategies as st

from appose_kernel.workspaces.edits import (
    AddEnvironment,
    AddFeature,
    Edit,
    RemoveDependency,
    RemoveEnvironment,
    RemoveFeature,
    RemoveIndex,
    RenameEnvironment,
    RenameFeature,
    SetConflicts,
    SetDependency,
    SetEnvironment,
    SetIndex,
    SetSource,
)
from appose_kernel.workspaces.outline import BASE, FeatureName, Outline

PACKAGES = ("attrs", "numpy", "Pillow", "ruamel.yaml", "torch", "zarr_tools")
SPECS = ("", ">=2", " >=2,<3", "[all]>=1", "==1.*; python_version < '3.12'", " ; sys_platform == 'linux'")
NAMES = ("cpu", "cuda", "Dev_Tools", "lint", "dev")
OTHERS = (
    "[build-system]\nrequires = ['hatchling']\n",
    "[tool.ruff]\nline-length = 100 # long\n\n[tool.ruff.lint]\nselect = [\n  'ALL',\n]\n",
    '# about tests\n[tool.pytest.ini_options]\naddopts = """\n-ra\ndependencies = ["numpy"]\n"""\n',
    "[[tool.mypy.overrides]]\nmodule = 'numpy'\n",
)

features = st.builds(
    FeatureName, st.sampled_from(["extra", "group"]), st.sampled_from([n.lower() for n in NAMES])
)
names = st.sampled_from([*NAMES, "new", "New_One"])


@st.composite
def arrays(draw: st.DrawFn, elements: list[str]) -> str:
    """An array of TOML values, written in one of the ways that people have."""
    if not elements:
        return draw(st.sampled_from(["[]", "[ ]"]))
    style = draw(st.integers(0, 4))
    if style == 0:
        return f"[{', '.join(elements)}]"
    if style == 1:
        return f"[ {', '.join(elements)}, ]"
    indent = draw(st.sampled_from(["  ", "    ", "\t", ""]))
    comments = draw(
        st.lists(st.sampled_from(["", "  # why"]), min_size=len(elements), max_size=len(elements))
    )
    lines = [f"{indent}{element},{comment}\n" for element, comment in zip(elements, comments, strict=True)]
    if style == 2:
        lines[-1] = lines[-1].replace(",", "", 1) if "," not in elements[-1] else lines[-1]
    if style == 3:
        lines.insert(draw(st.integers(0, len(lines))), f"{indent}# between\n")
    return "[\n" + "".join(lines) + "]"


@st.composite
def requirements(draw: st.DrawFn) -> list[str]:
    packages = draw(st.lists(st.sampled_from(PACKAGES), unique=True, max_size=4))
    quote = draw(st.sampled_from('""\''))
    found = []
    for package in packages:
        text = package + draw(st.sampled_from(SPECS))
        found.append(f"'{text}'" if quote == "'" and "'" not in text else f'"{text}"')
    return found


@st.composite
def projects(draw: st.DrawFn) -> str:
    """The text of a project that uv could read, or nearly."""
    lines = ['name = "tides"', "version = '1.0'  # the first"]
    if draw(st.booleans()):
        lines.insert(draw(st.integers(0, 2)), f"dependencies = {draw(arrays(draw(requirements())))}")
    parts = ["[project]\n" + "".join(f"{line}\n" for line in lines)]
    extras = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
    if extras:
        rows = [f"{name} = {draw(arrays(draw(requirements())))}\n" for name in extras]
        if draw(st.booleans()):
            rows.append(f'all = ["tides[{", ".join(extras)}]"]\n')
        parts.append("[project.optional-dependencies]\n" + "".join(rows))
    groups = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
    if groups:
        rows = []
        for number, name in enumerate(groups):
            entries = draw(requirements())
            if number and draw(st.booleans()):
                entries.append(f'{{ include-group = "{groups[number - 1]}" }}')
            rows.append(f"{name} = {draw(arrays(entries))}\n")
        parts.append("[dependency-groups]\n" + "".join(rows))
    parts += draw(tools(extras, groups))
    parts += draw(st.lists(st.sampled_from(OTHERS), unique=True, max_size=2))
    text = draw(st.sampled_from(["", "# The project.\n\n"]))
    text += draw(st.sampled_from(["\n", "\n\n", ""])).join(parts)
    if draw(st.booleans()):
        text = text.rstrip("\n")
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from(["", "\ufeff"])) + text


@st.composite
def tools(draw: st.DrawFn, extras: list[str], groups: list[str]) -> list[str]:
    parts = []
    if len(extras) > 1 and draw(st.booleans()):
        members = ", ".join(f'{{ extra = "{name}" }}' for name in extras[:2])
        parts.append(f"[tool.uv]\nconflicts = {draw(arrays([f'[{members}]']))}\n")
    if draw(st.booleans()):
        parts.append('[[tool.uv.index]]\nname = "one"\nurl = "https://example.org/one"\n')
        row = draw(
            st.sampled_from(['{ index = "one" }', '[{ index = "one" }]', '[\n  { index = "one" },\n]'])
        )
        parts.append(f"[tool.uv.sources]\ntorch = {row}  # here\n")
    if (extras or groups) and draw(st.booleans()):
        chosen = {"extras": extras[:1], "groups": groups[:2]}
        content = ", ".join(
            f"{key} = {draw(arrays([f'{chr(34)}{each}{chr(34)}' for each in every]))}"
            for key, every in chosen.items()
            if every
        )
        parts.append(f"[tool.appose-kernel.environments]\nwork = {{ {content} }}\n")
    return draw(st.permutations(parts))


def edits(outline: Outline) -> st.SearchStrategy[Edit]:
    """Edits that fit the project, or nearly."""
    known = st.sampled_from([one.feature for one in outline.features])
    packages = st.sampled_from([*PACKAGES, "new-package", "Torch"])
    members = st.lists(known.filter(BASE.__ne__), unique=True, max_size=3).map(tuple)
    environments = st.sampled_from([*(one.name for one in outline.environments), "other"])
    indexes = st.sampled_from(["one", "two"])
    return st.one_of(
        st.builds(SetDependency, known, st.just("pypi"), packages, st.sampled_from(SPECS)),
        st.builds(RemoveDependency, known, st.just("pypi"), packages),
        st.builds(AddFeature, features),
        st.builds(RenameFeature, known, names),
        st.builds(RemoveFeature, known),
        st.builds(AddEnvironment, environments, members),
        st.builds(SetEnvironment, environments, members),
        st.builds(RenameEnvironment, environments, names),
        st.builds(RemoveEnvironment, environments),
        st.builds(SetSource, packages, st.one_of(st.none(), known), st.one_of(st.none(), indexes)),
        st.builds(SetIndex, indexes, st.just("https://example.org/two"), st.booleans()),
        st.builds(RemoveIndex, indexes),
        st.builds(SetConflicts, st.lists(members, max_size=2).map(tuple)),
    )
