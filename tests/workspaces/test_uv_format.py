from __future__ import annotations

from pathlib import Path

import pytest
from manifests import Write

from appose_kernel.errors import EnvironmentNotFound, ManifestInvalid
from appose_kernel.model import Environment, Feature
from appose_kernel.workspaces import formats, uv

PYPI = "https://pypi.org/simple"

TORCH = """
    [project]
    name = "my-worker"
    version = "1"
    requires-python = ">=3.10,<3.14"
    dependencies = ["numpy >=1.26", "colorama; sys_platform == 'win32'", "tomli; python_version < '3.11'"]

    [project.optional-dependencies]
    cpu = ["torch>=2.6.0"]
    CUDA_12 = ["torch>=2.6.0", "nvidia-ml-py"]
    all = ["my_worker[docs]", "rich"]
    docs = ["sphinx"]

    [dependency-groups]
    dev = ["pytest", { include-group = "Lint" }]
    lint = ["ruff"]
    test = ["hypothesis"]

    [tool.uv]
    conflicts = [[{ extra = "cpu" }, { extra = "cuda-12" }], [{ extra = "cuda-12" }, { group = "test" }]]

    [tool.uv.sources]
    Torch = [
      { index = "torch-cpu", extra = "cpu" },
      { index = "torch-cuda", extra = "cuda-12", marker = "sys_platform != 'darwin'" },
    ]

    [[tool.uv.index]]
    name = "torch-cpu"
    url = "https://example.org/cpu"
    explicit = true

    [[tool.uv.index]]
    name = "mirror"
    url = "https://user:secret@example.org/mirror"
    default = true

    [[tool.uv.index]]
    name = "torch-cuda"
    url = "https://example.org/cu128"
    explicit = true

    [[tool.uv.index]]
    url = "https://example.org/extra"

    [tool.appose-kernel.environments]
    cuda-dev = { extras = ["Cuda.12"], groups = ["lint"] }
    cpu = { extras = ["cpu"], groups = ["test"] }
    "🚀 $HOME" = {}
"""


def features(environment: Environment) -> list[str]:
    return [f"{feature.kind}:{feature.name}" for feature in environment.features]


def composed(write: Write, name: str, platform: str = "linux-64") -> list[tuple[str, str]]:
    workspace = formats.open_workspace(write("pyproject.toml", TORCH))
    composition = formats.compose(formats.environment(workspace, name), platform)
    return [(spec.requirement, spec.origin) for spec in composition.specs]


def test_a_project_is_a_workspace_with_its_name_lock_and_inputs(write: Write, root: Path) -> None:
    manifest = write("pyproject.toml", TORCH)

    workspace = formats.detect(root)

    assert workspace is not None
    assert (workspace.name, workspace.format) == ("my-worker", "uv")
    assert (workspace.manifest, workspace.root, workspace.lock) == (manifest, root, root / "uv.lock")
    names = ["pyproject.toml", "uv.lock", "uv.toml", ".python-version", ".python-versions"]
    assert workspace.inputs == tuple(root / name for name in names)
    assert formats.detect(manifest) == workspace


def test_environments_are_the_default_one_each_extra_and_the_declared_ones(write: Write) -> None:
    workspace = formats.open_workspace(write("pyproject.toml", TORCH))
    assert {env.name: features(env) for env in formats.environments(workspace)} == {
        "default": [],
        "cpu": ["extra:cpu", "group:test"],
        "cuda-12": ["extra:cuda-12"],
        "all": ["extra:all"],
        "docs": ["extra:docs"],
        "cuda-dev": ["extra:cuda-12", "group:lint"],
        "🚀 $HOME": [],
    }


def test_an_unknown_environment_is_told_with_those_that_exist(write: Write) -> None:
    workspace = formats.open_workspace(write("pyproject.toml", TORCH))
    with pytest.raises(EnvironmentNotFound, match="no environment “gpu”") as caught:
        formats.environment(workspace, "gpu")
    assert caught.value.remedy.startswith("It has: default, cpu, cuda-12,")


def test_the_default_environment_has_the_projects_own_requirements_and_the_default_groups(
    write: Write,
) -> None:
    assert composed(write, "default") == [
        ("numpy >=1.26", ""),
        ("tomli; python_version < '3.11'", ""),
        ("pytest", "dev"),
        ("ruff", "lint"),
    ]


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux-64", False),
        ("linux-aarch64", False),
        ("osx-64", False),
        ("osx-arm64", False),
        ("win-64", True),
    ],
)
def test_markers_are_judged_for_the_platform_asked_about(write: Write, platform: str, expected: bool) -> None:
    requirements = [requirement for requirement, _ in composed(write, "default", platform)]
    assert ("colorama; sys_platform == 'win32'" in requirements) is expected


def test_an_extra_brings_the_extras_that_it_names(write: Write) -> None:
    assert composed(write, "all")[-3:] == [("my_worker[docs]", "all"), ("rich", "all"), ("sphinx", "docs")]


@pytest.mark.parametrize(
    ("name", "platform", "channels"),
    [
        ("default", "linux-64", ["extra", "mirror"]),
        ("cpu", "linux-64", ["cpu", "extra", "mirror"]),
        ("cuda-12", "linux-64", ["cu128", "extra", "mirror"]),
        ("cuda-12", "osx-arm64", ["extra", "mirror"]),
    ],
)
def test_an_explicit_index_counts_where_a_source_that_applies_names_it(
    write: Write, name: str, platform: str, channels: list[str]
) -> None:
    workspace = formats.open_workspace(write("pyproject.toml", TORCH))
    composition = formats.compose(formats.environment(workspace, name), platform)
    assert [url.rpartition("/")[2] for url in composition.channels] == channels
    assert composition.python == ">=3.10,<3.14"


def test_a_default_group_gives_way_to_a_feature_it_conflicts_with(write: Write) -> None:
    manifest = """
        [project]
        name = "p"
        [project.optional-dependencies]
        old = ["numpy<2"]
        [dependency-groups]
        dev = ["numpy>=2"]
        lint = ["ruff"]
        [tool.uv]
        default-groups = ["dev", "lint"]
        conflicts = [[{ extra = "old" }, { group = "dev" }]]
    """
    workspace = formats.open_workspace(write("pyproject.toml", manifest))
    old = formats.environment(workspace, "old")

    assert uv.excluded_groups(old) == ("dev",)
    assert uv.excluded_groups(formats.environment(workspace, "default")) == ()
    specs = formats.compose(old, "linux-64").specs
    assert [spec.requirement for spec in specs] == ["ruff", "numpy<2"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("", ["a"]),
        ('default-groups = "all"', ["a", "b", "c"]),
        ("default-groups = []", []),
        ('default-groups = ["B"]', ["b"]),
        ('default-groups = []\ndev-dependencies = ["z"]', []),
        ('dev-dependencies = ["z"]', ["a", "z"]),
    ],
)
def test_the_default_groups_are_those_that_uv_would_install(
    write: Write, settings: str, expected: list[str]
) -> None:
    manifest = write(
        "pyproject.toml",
        '[project]\nname = "p"\n[dependency-groups]\ndev = ["a"]\nb = ["b"]\nc = ["c"]\n[tool.uv]\n'
        + settings,
    )
    (default,) = formats.environments(formats.open_workspace(manifest))
    specs = formats.compose(default, "linux-64").specs
    assert [spec.requirement for spec in specs] == expected


def test_an_extra_of_conflicting_extras_is_no_environment(write: Write) -> None:
    manifest = """
        [project]
        name = "p"
        [project.optional-dependencies]
        all = ["p[cpu, cuda]"]
        cpu = []
        cuda = []
        [tool.uv]
        conflicts = [[{ extra = "cpu" }, { extra = "cuda" }]]
    """
    workspace = formats.open_workspace(write("pyproject.toml", manifest))
    assert [env.name for env in formats.environments(workspace)] == ["default", "cpu", "cuda"]


def test_an_extra_that_the_build_backend_computes_may_be_used(write: Write, root: Path) -> None:
    manifest = """
        [project]
        name = "p"
        dynamic = ["optional-dependencies"]
        [tool.appose-kernel.environments]
        gpu = { extras = ["gpu"] }
    """
    workspace = formats.open_workspace(write("pyproject.toml", manifest))
    assert features(formats.environment(workspace, "gpu")) == ["extra:gpu"]
    assert {root / "setup.py", root / "setup.cfg"} <= set(workspace.inputs)


def test_a_uv_toml_replaces_the_indexes_beside_it_but_not_the_pinned_ones(write: Write) -> None:
    write("uv.toml", 'extra-index-url = ["https://example.org/a"]\nindex-url = "https://example.org/b"\n')
    workspace = formats.open_workspace(write("pyproject.toml", TORCH))
    composition = formats.compose(formats.environment(workspace, "cpu"), "linux-64")
    assert [url.rpartition("/")[2] for url in composition.channels] == ["cpu", "a", "b"]


@pytest.mark.parametrize(
    "text",
    [
        "[tool.ruff]\nline-length = 100\n",
        '[project]\nname = "p"\n[tool.pixi.workspace]\nchannels = []\n',
        '[project]\nname = "p"\n[tool.uv]\nmanaged = false\n',
        '[dependency-groups]\ndev = ["pytest"]\n',
    ],
)
def test_a_pyproject_of_another_tool_is_left_alone(write: Write, text: str) -> None:
    assert uv.detect(write("pyproject.toml", text)) is None


@pytest.mark.parametrize(
    "requirement",
    [
        "numpy",
        "numpy[a, b] >=1.2, <2 ; python_version < '3.12' or extra == 'x'",
        "numpy>=3.8.*",
        "numpy==1.*",
        "numpy @ https://example.org/numpy-1.0.tar.gz",
        "numpy @ git+https://example.org/numpy@main",
        "numpy==1.0+cpu",
        "numpy (>=1)",
        "numpy ~= 1.0.post1",
    ],
)
def test_what_uv_takes_for_a_requirement_is_one(write: Write, requirement: str) -> None:
    path = write("pyproject.toml", f'[project]\nname = "p"\ndependencies = ["{requirement}"]\n')
    (default,) = formats.environments(formats.open_workspace(path))
    assert formats.compose(default, "linux-64").specs[0].requirement == requirement


#: What is wrong, in which line, and the words that the message and the remedy hold.
BROKEN = {
    "extras are a list": (
        '[project]\nname = "p"\noptional-dependencies = ["a"]',
        (3, "`project.optional-dependencies` must be a table, not a list", "a table"),
    ),
    "an extra is a string": (
        '[project]\nname = "p"\n[project.optional-dependencies]\ncpu = "torch"',
        (4, "`project.optional-dependencies.cpu` must be a list, not a string", "a list"),
    ),
    "a requirement is a number": (
        '[project]\nname = "p"\ndependencies = [\n  "a",\n  1,\n]',
        (5, "`project.dependencies` must be a string, not a number", "a string"),
    ),
    "project is a string": ('project = "p"', (1, "`project` must be a table, not a string", "")),
    "tool is a number": ('project = { name = "p" }\ntool = 3', (2, "`tool` must be a table", "")),
    "no name": ('[project]\nversion = "1"', (1, "`[project]` has no `name`", 'name = "my-project"')),
    "a bad name": ('[project]\nname = "my project"', (2, "`my project` is not a valid name", "letters")),
    "a bad extra": (
        '[project]\nname = "p"\n[project.optional-dependencies]\n"my extra" = []',
        (4, "`my extra` is not a valid name", "letters"),
    ),
    "one extra twice": (
        '[project]\nname = "p"\n[project.optional-dependencies]\nA_b = []\na-b = []',
        (5, "`a-b` and `A_b` are the same name", "rename"),
    ),
    "a bad requirement": (
        '[project]\nname = "p"\ndependencies = [\n  "numpy",\n  "tor ch",\n]',
        (5, "`tor ch` is not a valid requirement", "PEP 508"),
    ),
    "a bad marker": (
        '[project]\nname = "p"\n[project.optional-dependencies]\na = ["x; python > 3"]',
        (4, "is not a valid requirement", "PEP 508"),
    ),
    "a bad python": (
        '[project]\nname = "p"\nrequires-python = "three"',
        (3, "`requires-python` is no set of versions", "requires-python"),
    ),
    "an include of nothing": (
        '[project]\nname = "p"\n[dependency-groups]\na = [{ include-group = "b" }]',
        (4, "the group `a` includes `b`, which is not defined", "[dependency-groups]"),
    ),
    "a cycle of groups": (
        '[project]\nname = "p"\n[dependency-groups]\na = [{include-group="b"}]\nb = [{include-group="a"}]',
        (4, "these groups include each other: a → b → a", "Remove one"),
    ),
    "an odd entry of a group": (
        '[project]\nname = "p"\n[dependency-groups]\na = [\n  { group = "b" },\n]',
        (5, "neither a requirement nor an include", "include-group"),
    ),
    "an unknown default group": (
        '[project]\nname = "p"\n[tool.uv]\ndefault-groups = ["x"]',
        (4, "the default group `x` is not defined", "[dependency-groups]"),
    ),
    "an index without url": (
        '[project]\nname = "p"\n[[tool.uv.index]]\nname = "x"',
        (3, "this index has no `url`", "Add one"),
    ),
    "an unknown index": (
        '[project]\nname = "p"\n[tool.uv.sources]\nTorch = { index = "x" }',
        (4, "`Torch` is taken from the index `x`, which is not defined", "[[tool.uv.index]]"),
    ),
    "a conflict that is no table": (
        '[project]\nname = "p"\n[tool.uv]\nconflicts = [\n  ["a"],\n]',
        (5, "must be a table, not a string", ""),
    ),
    "a key we do not know": (
        '[project]\nname = "p"\n[tool.appose-kernel]\nenvironment = {}',
        (4, "`environment` is not a key of `[tool.appose-kernel]`", "`environments`"),
    ),
    "an environment's key we do not know": (
        '[project]\nname = "p"\n[tool.appose-kernel.environments]\nx = { extra = "a" }',
        (4, "`extra` is not a key of `[tool.appose-kernel.environments.x]`", "`extras`, `groups`"),
    ),
    "an unknown extra": (
        '[project]\nname = "p"\n[tool.appose-kernel.environments]\ncuda-dev = { extras = ["cuda"] }',
        (
            4,
            "environment `cuda-dev` uses the extra `cuda`, which is not defined.",
            "Add it under [project.optional-dependencies] or remove it.",
        ),
    ),
    "an unknown group": (
        '[project]\nname = "p"\n[tool.appose-kernel.environments.x]\nextras = []\ngroups = ["g"]',
        (5, "environment `x` uses the group `g`", "[dependency-groups]"),
    ),
    "an environment without name": (
        '[project]\nname = "p"\n[tool.appose-kernel.environments]\n" " = {}',
        (4, "name is empty or holds control characters", "Rename"),
    ),
    "an environment with a null byte": (
        '[project]\nname = "p"\n[tool.appose-kernel.environments]\n"a\\u0000b" = {}',
        (4, "name is empty or holds control characters", "Rename"),
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_manifest_is_refused_with_line_reason_and_remedy(write: Write, case: str) -> None:
    text, (line, reason, remedy) = BROKEN[case]
    path = write("pyproject.toml", text)
    with pytest.raises(ManifestInvalid) as caught:
        formats.detect(path)
    assert caught.value.message.startswith(f"{path} line {line}: ")
    assert reason in caught.value.message
    assert remedy in caught.value.remedy


CONFLICTS = """
    [project]
    name = "p"
    [project.optional-dependencies]
    cpu = []
    cuda = []
    all-cpu = ["P[cpu]"]
    [dependency-groups]
    dev = []
    test = [{{ include-group = "base" }}]
    base = []
    [tool.uv]
    conflicts = [
      [{{ extra = "cpu" }}, {{ extra = "cuda" }}],
      [{{ package = "p", extra = "cuda" }}, {{ group = "base" }}],
      [{{ package = "other", extra = "cpu" }}, {{ extra = "cpu" }}],
    ]
    [tool.appose-kernel.environments]
    both = {0}
"""


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ('{ extras = ["cpu", "cuda"] }', "the extra `cpu` and the extra `cuda`"),
        ('{ extras = ["cuda", "all-cpu"] }', "the extra `cuda` and the extra `cpu`"),
        ('{ extras = ["cuda"], groups = ["test"] }', "the extra `cuda` and the group `base`"),
    ],
)
def test_features_that_are_declared_to_conflict_are_not_combined(
    write: Write, chosen: str, words: str
) -> None:
    path = write("pyproject.toml", CONFLICTS.format(chosen))
    with pytest.raises(ManifestInvalid, match=f"environment `both` combines {words}") as caught:
        formats.detect(path)
    assert caught.value.line == 18


def test_a_conflict_of_another_package_is_not_ours(write: Write) -> None:
    path = write("pyproject.toml", CONFLICTS.format('{ extras = ["cpu"], groups = ["dev"] }'))
    workspace = formats.open_workspace(path)
    assert formats.environment(workspace, "both").features == (
        Feature("cpu", "extra"),
        Feature("dev", "group"),
    )
