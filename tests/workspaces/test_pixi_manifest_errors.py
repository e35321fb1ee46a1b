"""Every error of a pixi manifest: the file, the line, what is wrong, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from manifests import Write

from appose_kernel.errors import ManifestInvalid, PlatformUnsupported
from appose_kernel.workspaces import formats

HEAD = """
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64", "win-64"]
"""

#: What is added to the head, at which line of the file (counted from 1), the message, the remedy.
CASES = [
    # misspelt keys
    ("[dependancies]\n", 5, "`dependancies` is not a key that pixi knows.", "Did you mean `dependencies`?"),
    ("[pypi_dependencies]\n", 5, "`pypi_dependencies` is not", "Did you mean `pypi-dependencies`?"),
    ('chanels = ["x"]\n', 5, "`chanels` is not", "Did you mean `channels`?"),
    ("[feature.a]\nplatform = []\n", 6, "`platform` is not", "Did you mean `platforms`?"),
    ("[target.linux.dependency]\n", 5, "`dependency` is not", "Did you mean `dependencies`?"),
    ("[environments]\na = { feature = [] }\n", 6, "`feature` is not", "Did you mean `features`?"),
    ("[pypi-options]\nindex-urls = 'x'\n", 6, "`index-urls` is not", "Did you mean `index-url`?"),
    (
        "[activation]\nscript = []\n",
        6,
        "`script` is not a key of `[activation]`",
        "It may have: `scripts`, `env`.",
    ),
    (
        "[system-requirements]\ncudda = '12'\n",
        6,
        "`cudda` is not a key of `[system-requirements]`",
        "It may have: ",
    ),
    (
        "[dependencies]\na = { verison = '1' }\n",
        6,
        "`verison` is not a key of a requirement",
        "Did you mean `version`?",
    ),
    (
        "[dependencies]\na = { size = 1 }\n",
        6,
        "`size` is not a key of a requirement",
        "It may have: `branch`,",
    ),
    ("[pypi-dependencies]\na = { extra = [] }\n", 6, "`extra` is not a key", "Did you mean `extras`?"),
    ("[dependencies]\na = { when = {} }\n", 6, "this condition names no package", "Write it like when ="),
    (
        "[dependencies]\na = { when = { any = ['b', []] } }\n",
        6,
        "this condition names no package",
        "Write it",
    ),
    ("[dependencies]\na = { channel = 'b c' }\n", 6, "`channel` is empty or has blanks in it", "Correct or"),
    ("[pypi-dependencies]\na = { git = '' }\n", 6, "`git` is empty or has blanks in it", "Correct or"),
    ("[pypi-dependencies]\na = { extras = ['b c'] }\n", 6, "`b c` is not the name of an extra", "Correct or"),
    ("[pypi-dependencies]\na = { env-markers = 'x' }\n", 6, "`x` is no marker", "Write it like"),
    (
        "[pypi-options]\nno-build = 1\n",
        6,
        "`pypi-options.no-build` must be a list, not a number",
        "Write a list.",
    ),
    ("[pypi-options]\nindex-url = 1\n", 6, "`pypi-options.index-url` must be a string", "Write a string."),
    ("[pypi-options]\nfind-links = [{}]\n", 6, "this has neither a `url` nor a `path`", "Add one of them."),
    ("[pypi-options]\nextra-index-urls = [1]\n", 6, "this is no URL", "Write it as a string."),
    # values of the wrong kind
    ("[dependencies]\na = 1\n", 6, "`dependencies.a` must be a string, not a number", 'as in `a = "1.*"`.'),
    (
        "[dependencies]\npython = 3.11\n",
        6,
        "`dependencies.python` must be a string, not a number",
        'in quotes, with all its digits, as in `python = "3.11.*"`.',
    ),
    ("[dependencies]\na = { version = 2.5 }\n", 6, "`dependencies.a.version` must", '`version = "2.5.*"`'),
    ("[dependencies]\na = ['1']\n", 6, "`dependencies.a` must be a string, not a list", "Write a string."),
    ("[feature]\na = 1\n", 6, "`feature.a` must be a table, not a number", "Write a table."),
    ("[activation.env]\nA = 1\n", 6, "`activation.env.A` must be a string", "Write a string."),
    (
        "exclude-newer = 2025-01-01\n",
        5,
        "`workspace.exclude-newer` must be a string, not a date",
        "Write a string.",
    ),
    ("[environments]\na = 'b'\n", 6, "`environments.a` must be a table, not a string", "Write a table."),
    # versions and names
    (
        "[dependencies]\na = '>=1 <<2'\n",
        6,
        "`>=1 <<2` is no set of versions",
        'Write it like ">=1.2,<2" or "*".',
    ),
    ("[dependencies]\na = ''\n", 6, "`` is no set of versions", 'Write it like ">=1.2,<2" or "*".'),
    (
        "[pypi-dependencies]\na = '1.2'\n",
        6,
        "`1.2` is no set of versions",
        'Write it like "==1.2" (PEP 440), or "*".',
    ),
    ("[pypi-dependencies]\na = '=>1'\n", 6, "`=>1` is no set of versions", 'Write it like ">=1.2" (PEP 440)'),
    (
        "[pypi-dependencies]\na = { version = '', extras = ['x'] }\n",
        6,
        "`` is no set",
        'Write it like ">=1.2"',
    ),
    ("[dependencies]\n'a b' = '*'\n", 6, "`a b` is not the name of a package", "Correct or remove it."),
    (
        "[pypi-dependencies]\n'-a' = '*'\n",
        6,
        "`-a` is not the name of a Python package",
        "Correct or remove it.",
    ),
    # contradictions
    (
        "[pypi-dependencies]\na = { path = '.', url = 'x' }\n",
        6,
        "both `path` and `url`",
        "Remove one of them.",
    ),
    (
        "[pypi-dependencies]\na = { git = 'x', rev = '1', tag = '2' }\n",
        6,
        "both `rev` and `tag`",
        "Remove one",
    ),
    # platforms
    ("[target.linux64.dependencies]\n", 5, "there is no platform `linux64`", "Did you mean `linux-64`?"),
    (
        "[target.amiga]\n",
        5,
        "there is no platform `amiga`",
        "Write one of: linux, linux-64, macos, osx, unix, win, win-64.",
    ),
    ("[feature.a]\nplatforms = ['win64']\n", 6, "there is no platform `win64`", "Did you mean `win-64`?"),
    (
        "[feature.a]\nplatforms = ['gpu']\n",
        6,
        "there is no platform `gpu`",
        "Write one of: linux-64, win-64.",
    ),
    # channels
    ("[feature.a]\nchannels = [1]\n", 6, "a channel is a name, a URL or a table", "Write it like"),
    ("[feature.a]\nchannels = [{ priority = 1 }]\n", 6, "needs a `channel`", "Write it like"),
    ("[feature.a]\nchannels = [{ channel = 'x', prio = 1 }]\n", 6, "`prio` is not a key", "It may have: "),
    # features and environments
    ("[feature.default]\n", 5, "the feature `default` is made up of", "Move what it says there"),
    (
        "[environments]\na = ['b']\n",
        6,
        "feature `b` is used by environment `a` but not defined",
        "Add `[feature.b]` or",
    ),
    (
        "[environments]\na = { features = ['b'] }\n",
        6,
        "feature `b` is used by environment `a`",
        "Add `[feature.b]` or",
    ),
    ("[feature.b]\n[environments]\na = ['b', 'b']\n", 7, "`b` is listed twice", "Remove one of them."),
    (
        "[environments]\nMy_Env = []\n",
        6,
        "`My_Env` cannot be the name of an environment",
        "Use lower-case letters",
    ),
    (
        "channel-priority = 'flexible'\n",
        5,
        "`flexible` is no `channel-priority`",
        "It may be one of: strict, disabled.",
    ),
    (
        "solve-strategy = 'best'\n",
        5,
        "`best` is no `solve-strategy`",
        "one of: highest, lowest, lowest-direct.",
    ),
    (
        (
            "channel-priority = 'strict'\n[feature.a]\nchannel-priority = 'disabled'\n"
            "[environments]\na = ['a']\n"
        ),
        9,
        "the features of environment `a` ask for different `channel-priority`",
        "Let them agree, or remove it from all but one.",
    ),
    (
        (
            "[pypi-options]\nindex-url = 'x'\n[feature.a.pypi-options]\nindex-url = 'y'\n"
            "[environments]\na = ['a']\n"
        ),
        10,
        "the features of environment `a` ask for different `index-url` in their `pypi-options`",
        "Let them agree, or remove it from all but one.",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case[2][:50] for case in CASES])
def test_it_is_told_with_its_line_and_a_remedy(
    write: Write, root: Path, case: tuple[str, int, str, str]
) -> None:
    text, line, message, remedy = case
    head = HEAD.lstrip("\n")
    with pytest.raises(ManifestInvalid) as caught:
        formats.open_workspace(write("pixi.toml", f"# demo\n{head}{text}"))
    assert caught.value.message.startswith(f"{root / 'pixi.toml'} line {line}: ")
    assert message in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("workspace", "line", "message", "remedy"),
    [
        (
            "platforms = ['linux-64']",
            1,
            "`[workspace]` has no `channels`",
            'Add them, such as channels = ["conda-forge"].',
        ),
        (
            "channels = []\nplatforms = ['linux64']",
            3,
            "there is no platform `linux64`",
            "Did you mean `linux-64`?",
        ),
        (
            "channels = []\nplatforms = [[]]",
            3,
            "there is no platform `[]`",
            "Write one of: emscripten-wasm32,",
        ),
        ("channels = []\nplatforms = [5]", 3, "there is no platform `5`", "Write one of: emscripten-wasm32,"),
        (
            "channels = []\nplatforms = [{ cuda = '1' }]",
            3,
            "this platform has no `platform`",
            'such as "linux-64".',
        ),
        (
            "channels = []\nplatforms = [{ name = 'linux-64', cuda = '12.0' }]",
            3,
            "`linux-64` is conda's own platform",
            'such as "linux-64-cuda-12-0", or none.',
        ),
        (
            "channels = []\nplatforms = [{ name = 'unix', platform = 'linux-64' }]",
            3,
            "`unix` cannot be the name of a platform",
            "the names of families are taken",
        ),
        (
            "channels = []\nplatforms = [{ name = 'g', platform = 'linux-64', cuda = { arch = '8' } }]",
            3,
            "this `cuda` has no `driver`",
            'such as driver = "12.0".',
        ),
        (
            "channels = []\nplatforms = [{ platfrom = 'linux-64' }]",
            3,
            "`platfrom` is not a key",
            "Did you mean `platform`?",
        ),
    ],
)
def test_what_is_wrong_with_the_workspace_itself(
    write: Write, workspace: str, line: int, message: str, remedy: str
) -> None:
    with pytest.raises(ManifestInvalid) as caught:
        formats.open_workspace(write("pixi.toml", f"[workspace]\n{workspace}\n"))
    assert caught.value.line == line
    assert message in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        "[tasks]\nstart = { cmd = 'x', anything = 1 }\n",
        "[shiny]\nkey = 1\n",
        "[feature.a]\nshiny = true\n",
        "[environments]\na = { shiny = true }\n",
        "[target.linux.shiny]\n",
        "[pypi-options]\nshiny = 1\n",
        "preview = ['shiny']\nauthors = [1]\nbuild-variants = { python = ['3.11'] }\n",
        "[package]\nname = 'demo'\n[package.build]\nshiny = 1\n",
        "[tool.other]\nkey = 1\n",
    ],
)
def test_keys_that_a_newer_pixi_may_know_are_left_to_it(write: Write, text: str) -> None:
    workspace = formats.open_workspace(write("pixi.toml", HEAD + text))
    assert formats.environments(workspace)[0].name == "default"


def test_a_platform_that_is_not_listed_is_told_with_those_that_are(write: Write, root: Path) -> None:
    text = HEAD.lstrip("\n") + "[feature.a]\nplatforms = ['win-64']\n[environments]\na = ['a']\n"
    workspace = formats.open_workspace(write("pixi.toml", text))
    with pytest.raises(PlatformUnsupported) as caught:
        formats.compose(formats.environment(workspace, "default"), "osx-64")
    assert caught.value.message == (
        f"{root / 'pixi.toml'} line 3: environment `default` is not for osx-64; it is for linux-64, win-64."
    )
    assert caught.value.remedy == "Pick another environment, or add the platform here."
    with pytest.raises(PlatformUnsupported, match=r"line 5: .* not for linux-64; it is for win-64\."):
        formats.compose(formats.environment(workspace, "a"), "linux-64")
