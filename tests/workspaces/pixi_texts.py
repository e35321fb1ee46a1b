"""Pixi manifests in every way in which TOML lets people write them, and edits of them, for Hypothesis."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from appose_kernel.workspaces import edits
from appose_kernel.workspaces.outline import BASE, FeatureName, Outline

PACKAGES = ["numpy", "python", "scipy", "ruamel.yaml", "abc", "z_last", "x"]
VERSIONS = ["*", ">=1,<2", "1.2.*", "==3.11"]
FEATURES = ["cuda", "dev", "a.b", "Test_1", "ünï"]
ENVIRONMENTS = ["default", "cuda", "dev", "all"]
TARGETS = ["linux-64", "win", "osx-arm64"]
COMMENTS = ["# a comment", "#", "# [no.header]", '# x = "1"', "\t# ü"]


class Writer:
    """Writes tables as TOML in styles that ``draw`` chooses."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw
        self._sections: list[list[str]] = []
        self._plain = self._chance(3)

    def _chance(self, of: int) -> bool:
        return bool(self._draw(st.integers(1, of)) == 1)

    def _one(self, *choices: Any) -> Any:
        return self._draw(st.sampled_from(choices))

    def text(self, tables: dict[str, Any]) -> str:
        top = self._section((), tables)
        if not self._plain and self._chance(4):
            self._sections = self._draw(st.permutations(self._sections))
        newline = "\n" if self._plain else self._one("\n", "\n", "\r\n")
        lines = [line for section in [top, *self._sections] for line in section]
        text = newline.join(line for part in lines for line in part.split("\n"))
        text += "" if self._chance(4) else newline * self._one(1, 1, 1, 2)
        return ("\ufeff" if not self._plain and self._chance(6) else "") + text

    def _section(self, path: tuple[str, ...], content: dict[str, Any]) -> list[str]:
        """The lines of a table; those of tables in it that have headers of their own are put aside."""
        lines: list[str] = []
        place = len(self._sections)
        for key, value in content.items():
            if not isinstance(value, dict):
                lines += self._pair(self._key(key), value)
            elif (self._plain and not path) or self._chance(2):
                self._section((*path, key), value)
            elif self._chance(2) or not value:
                lines += self._pair(self._key(key), value)
            else:
                lines += self._dotted(self._key(key), value)
        if path:
            has_own = bool(lines) or not content or self._chance(8)
            head = [*self._between(), f"{self._indent()}[{'.'.join(map(self._key, path))}]{self._comment()}"]
            if has_own or not any(isinstance(value, dict) for value in content.values()):
                self._sections.insert(place, head + lines)
            return []
        return lines

    def _dotted(self, prefix: str, content: dict[str, Any]) -> list[str]:
        lines: list[str] = []
        for key, value in content.items():
            name = f"{prefix}{self._one('.', '.', ' . ') if not self._plain else '.'}{self._key(key)}"
            if isinstance(value, dict) and value and self._chance(2):
                lines += self._dotted(name, value)
            else:
                lines += self._pair(name, value)
        return lines

    def _between(self) -> list[str]:
        if self._plain:
            return [""]
        return self._one([""], [""], ["", ""], [], ["", self._one(*COMMENTS)], [self._one(*COMMENTS), ""])

    def _indent(self) -> str:
        return "" if self._plain or not self._chance(10) else self._one("  ", "\t")

    def _comment(self) -> str:
        return "" if self._plain or not self._chance(8) else self._one("  # why", "# é", " #")

    def _key(self, name: str) -> str:
        bare = name.replace("-", "").replace("_", "").isalnum() and name.isascii()
        if bare and (self._plain or not self._chance(8)):
            return name
        return self._one(json.dumps(name, ensure_ascii=False), f"'{name}'")

    def _pair(self, key: str, value: Any) -> list[str]:
        above = [] if self._plain or not self._chance(8) else [self._one(*COMMENTS, "")]
        equals = " = " if self._plain else self._one(" = ", " = ", "=", "   = ")
        return [*above, f"{self._indent()}{key}{equals}{self._value(value, lines=True)}{self._comment()}"]

    def _value(self, value: Any, *, lines: bool = False) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value)
        if isinstance(value, str):
            literal = "'" not in value and not self._plain and self._chance(5)
            return f"'{value}'" if literal else json.dumps(value, ensure_ascii=False)
        if isinstance(value, list):
            return self._joined("[", [self._value(element) for element in value], "]", lines=lines)
        pairs = []
        for key, inner in value.items():
            equals = " = " if self._plain else self._one(" = ", "=")
            if isinstance(inner, dict) and inner and self._chance(4):
                pairs += [
                    f"{self._key(key)}.{self._key(name)}{equals}{self._value(one)}"
                    for name, one in inner.items()
                ]
            else:
                pairs.append(f"{self._key(key)}{equals}{self._value(inner)}")
        return self._joined("{", pairs, "}", lines=lines)

    def _joined(self, left: str, parts: list[str], right: str, *, lines: bool) -> str:
        if lines and self._chance(3):
            inner = self._one("  ", "    ", "\t")
            comma = self._one(",", "") if parts else ""
            rows = []
            for number, part in enumerate(parts):
                if self._chance(6):
                    rows.append(f"{inner}{self._one(*COMMENTS)}")
                mark = "," if number + 1 < len(parts) else comma
                rows.append(f"{inner}{part}{mark}{self._comment()}")
            return "\n".join([f"{left}{self._comment()}", *rows, right])
        blank = " " if left == "{" and parts else ""
        if not self._plain:
            blank = self._one(blank, "", " ")
        comma = "," if parts and not self._plain and self._chance(8) else ""
        return f"{left}{blank}{', '.join(parts)}{comma}{blank}{right}"


def _some(names: list[str], *, most: int = 4) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), max_size=most, unique=True)


@st.composite
def _content(draw: Callable[[st.SearchStrategy[Any]], Any], *, deep: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for table in draw(
        _some(["dependencies", "pypi-dependencies", "host-dependencies", "constraints"], most=2)
    ):
        found[table] = {}
        for name in draw(_some(PACKAGES)):
            version = draw(st.sampled_from(VERSIONS))
            if table.startswith("pypi"):
                version = "==1.*" if version == "1.2.*" else version
                rich = [{"version": version, "extras": ["a"]}, {"git": "https://e.org/x", "rev": "1"}]
            else:
                rich = [{"version": version, "channel": "c"}, {"git": "https://e.org/x"}, {"build": "py*"}]
            found[table][name] = draw(st.sampled_from([version, version, version, *rich]))
    if draw(st.booleans()):
        found["activation"] = {"env": dict.fromkeys(draw(_some(["A", "B_1", "C"])), "v $X")}
    if deep and draw(st.booleans()):
        found["target"] = {target: draw(_content(deep=False)) for target in draw(_some(TARGETS, most=2))}
    return {key: found[key] for key in draw(st.permutations(list(found)))}


@st.composite
def manifests(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[str, str]:
    """The name and the text of a manifest that pixi reads."""
    channels: list[Any] = draw(_some(["conda-forge", "nvidia", "bioconda"]))
    if draw(st.booleans()):
        channels.append({"channel": "own", "priority": 1})
    workspace = {"name": "w", "channels": channels, "platforms": ["linux-64", "win-64", "osx-arm64"]}
    features = {}
    for name in draw(_some(FEATURES, most=3)):
        features[name] = draw(_content())
        if draw(st.booleans()):
            features[name]["channels"] = draw(_some(["conda-forge", "nvidia", "bioconda"]))
        if draw(st.integers(1, 4)) == 1:
            features[name]["tasks"] = {"t": "echo"}
    environments: dict[str, Any] = {}
    for name in draw(_some(ENVIRONMENTS, most=3)):
        listed = draw(st.lists(st.sampled_from(list(features)), unique=True)) if features else []
        table = {"features": listed, "solve-group": "g", "no-default-feature": True}
        keys = draw(st.sets(st.sampled_from(sorted(table))))
        environments[name] = draw(st.sampled_from([listed, {key: table[key] for key in keys}]))
    pixi: dict[str, Any] = {draw(st.sampled_from(["workspace", "workspace", "project"])): workspace}
    pixi |= draw(_content())
    if features or draw(st.integers(1, 6)) == 1:
        pixi["feature"] = features
    if environments or draw(st.integers(1, 6)) == 1:
        pixi["environments"] = environments
    if draw(st.booleans()):
        return "pixi.toml", Writer(draw).text(pixi)
    document: dict[str, Any] = {"tool": {"pixi": pixi}}
    if draw(st.booleans()):
        document["tool"]["ruff"] = {"line-length": 100, "lint": {"select": ["E", "F"]}}
    if draw(st.booleans()):
        lists = [f"{name} >=1" for name in draw(_some(PACKAGES))]
        document["project"] = {"name": "w", "dependencies": lists, "requires-python": ">=3.10"}
    if draw(st.booleans()):
        document["dependency-groups"] = {"docs": ["sphinx", "numpy>=1"]}
    return "pyproject.toml", Writer(draw).text(document)


@st.composite
def additions(
    draw: Callable[[st.SearchStrategy[Any]], Any], outline: Outline
) -> tuple[edits.Edit, edits.Edit]:
    """An edit that adds what is not there, and the one that takes it away."""
    feature = draw(st.sampled_from([one.feature for one in outline.features]))
    target = draw(st.sampled_from(["", "", *TARGETS]))
    kind = draw(
        st.sampled_from(["dependency", "dependency", "variable", "feature", "environment", "channels"])
    )
    if kind == "dependency":
        of, name = draw(st.sampled_from(["conda", "pypi"])), draw(st.sampled_from(["new", "b.new", "aa"]))
        spec = draw(st.sampled_from(["*", ">=1", ">=1,<2"]))
        return (
            edits.SetDependency(feature, of, name, spec, target),
            edits.RemoveDependency(feature, of, name, target),
        )
    if kind == "variable":
        return edits.SetVariable(feature, "N.W", "it's\t", target), edits.RemoveVariable(
            feature, "N.W", target
        )
    if kind == "feature":
        new = FeatureName("feature", draw(st.sampled_from(["new", "b.new"])))
        return edits.AddFeature(new), edits.RemoveFeature(new)
    if kind == "environment":
        names = tuple(one.feature for one in outline.features if one.feature != BASE)
        group = draw(st.sampled_from([None, "g"]))
        return edits.AddEnvironment("new", names, group, draw(st.booleans())), edits.RemoveEnvironment("new")
    one = next(one for one in outline.features if one.feature == feature)
    present = outline.channels if feature == BASE else one.channels
    before = None if present is None else tuple(channel.name for channel in present)
    at = draw(st.integers(0, len(before or ())))
    after = (*(before or ())[:at], "new", *(before or ())[at:])
    return edits.SetChannels(feature, after), edits.SetChannels(feature, before)


@st.composite
def changes(draw: Callable[[st.SearchStrategy[Any]], Any], outline: Outline) -> edits.Edit:
    """Any edit, of what is there or is not."""
    names = [one.feature for one in outline.features]
    feature = draw(st.sampled_from([*names, *names, FeatureName("feature", "none")]))
    target = draw(st.sampled_from(["", "", *TARGETS, "beos"]))
    package, of = (
        draw(st.sampled_from([*PACKAGES, "Numpy", "a b", ""])),
        draw(st.sampled_from(["conda", "pypi"])),
    )
    spec = draw(
        st.sampled_from(
            ["", ">=2", "==2", "[b]>=2; os_name == 'nt'", "@ https://e.org/x.whl", '"', "1 2 3 ="]
        )
    )
    new = draw(st.sampled_from(["new", "cuda", "default", "", "x y", "Dev"]))
    environment = draw(st.sampled_from([one.name for one in outline.environments] + ["none"]))
    some = tuple(draw(st.lists(st.sampled_from(names), unique=True)))
    group = draw(st.sampled_from([None, "g", "h"]))
    variable = draw(st.sampled_from(["A", "B_1", "N", "", "a="]))
    channels = draw(st.lists(st.sampled_from(["conda-forge", "nvidia", "own", "x", ""]), max_size=3))
    return draw(
        st.sampled_from(
            [
                edits.SetDependency(feature, of, package, spec, target),
                edits.SetDependency(feature, of, package, ">=2", target),
                edits.RemoveDependency(feature, of, package, target),
                edits.AddFeature(FeatureName("feature", new)),
                edits.RenameFeature(feature, new),
                edits.RemoveFeature(feature),
                edits.AddEnvironment(new, some, group),
                edits.SetEnvironment(environment, some, group, draw(st.booleans())),
                edits.RenameEnvironment(environment, new),
                edits.RemoveEnvironment(environment),
                edits.SetChannels(feature, tuple(channels)),
                edits.SetChannels(feature, None),
                edits.SetVariable(feature, variable, "value", target),
                edits.RemoveVariable(feature, variable, target),
                edits.SetIndex("x", "https://e.org"),
            ]
        )
    )
