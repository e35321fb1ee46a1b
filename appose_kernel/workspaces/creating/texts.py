"""The text of a new manifest, as a person would write it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import yaml

from ..pep508 import normalized
from ..specs import Typed

#: The platforms that conda-forge has CUDA for.
_CUDA_PLATFORMS = ("linux-64", "linux-aarch64", "win-64")
#: The packages of conda-forge that are there only with CUDA, and those that are so only where they can.
_CUDA_CONDA = {"pytorch": "pytorch-gpu", "tensorflow": "tensorflow-gpu"}
#: What PyPI's packages call their CUDA.
_CUDA_EXTRAS = {"jax": "cuda12", "tensorflow": "and-cuda"}
#: The packages that PyTorch's indexes have, https://docs.astral.sh/uv/guides/integration/pytorch/
_TORCH = ("torch", "torchvision", "torchaudio")
_TORCH_INDEXES = {"cpu": "cpu", "cuda": "cu128"}
#: What a project asks for where nobody does: as of `uv init`, this Python and newer.
_THIS_PYTHON = f">={sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A draft whose parts have been checked; ``python`` is also the first of ``conda``, where that is not
    empty; ``platform`` is that of this machine."""

    name: str
    python: str
    conda: tuple[Typed, ...]
    pypi: tuple[Typed, ...]
    channels: tuple[str, ...]
    cuda: bool
    platform: str


Notes = tuple[str, ...]


def pixi(wanted: Wanted) -> tuple[str, Notes]:
    cuda_platform = wanted.platform if wanted.platform in _CUDA_PLATFORMS else _CUDA_PLATFORMS[0]
    platforms = dict.fromkeys([wanted.platform, *([cuda_platform] if wanted.cuda else [])])
    tables = [
        _table(
            "workspace",
            name=wanted.name,
            channels=list(wanted.channels),
            platforms=list(platforms),
        )
    ]
    conda = {package.name: package.spec or "*" for package in wanted.conda}
    if wanted.pypi and "python" not in conda:
        conda = {"python": "*", **conda}
    if conda:
        tables.append(_table("dependencies", **conda))
    if wanted.pypi:
        tables.append(
            _table("pypi-dependencies", **{package.name: _pypi_value(package) for package in wanted.pypi})
        )
    if not wanted.cuda:
        return _joined(tables), ()
    extra = {gpu: "*" for name, gpu in _CUDA_CONDA.items() if name in conda}
    tables += [
        _table("feature.cuda", platforms=[cuda_platform]),
        _table("feature.cuda.system-requirements", cuda="12"),
        _table("feature.cuda.dependencies", **{"cuda-version": "12.*", **extra}),
        _table("environments", cuda=["cuda"]),
    ]
    notes = ["`cuda` is an environment of its own beside `default`; it has what both need, and CUDA 12."]
    if cuda_platform != wanted.platform:
        notes.append(f"There is no CUDA for this machine ({wanted.platform}): `cuda` is for {cuda_platform}.")
    return _joined(tables), tuple(notes)


def uv(wanted: Wanted) -> tuple[str, Notes]:
    by_name = [(normalized(package.name), _requirement(package)) for package in wanted.pypi]
    torch = wanted.cuda and any(name == "torch" for name, _ in by_name)
    own = [(name, text) for name, text in by_name if torch and name in _TORCH]
    tables = [
        _table(
            "project",
            name=wanted.name,
            version="0.1.0",
            **{"requires-python": wanted.python or _THIS_PYTHON},
            dependencies=[text for name, text in by_name if (name, text) not in own],
        )
    ]
    if torch:
        note = "`cpu` and `cuda` are environments of their own, each with PyTorch from an index for it"
        return _joined([*tables, *_torch_tables(own)]), (f"{note}; `default` has no PyTorch.",)
    if not wanted.cuda:
        return _joined(tables), ()
    extras = [_with_extra(text, _CUDA_EXTRAS[name]) for name, text in by_name if name in _CUDA_EXTRAS]
    tables.append(_table("project.optional-dependencies", cuda=extras))
    note = "`cuda` is an environment of its own, made of the extra `cuda`"
    if extras:
        return _joined(tables), (f"{note}.",)
    return _joined(tables), (
        f"{note}, which is empty yet: add the packages that bring CUDA, such as `cupy-cuda12x`.",
    )


def conda(wanted: Wanted) -> tuple[str, Notes]:
    packages = list(wanted.conda)
    if wanted.cuda:
        packages = [Typed(_CUDA_CONDA.get(package.name, package.name), package.spec) for package in packages]
        packages.append(Typed("cuda-version", "12.*"))
    names = {package.name for package in packages}
    lines = [f"name: {_yaml(wanted.name)}", "channels:"]
    lines += (f"  - {_yaml(channel)}" for channel in wanted.channels)
    lines += ["dependencies:" if packages or wanted.pypi else "dependencies: []"]
    lines += (f"  - {_yaml(_match_spec(package))}" for package in packages)
    if wanted.pypi:
        lines += (f"  - {name}" for name in ("python", "pip") if name not in names)
        lines += ["  - pip:", *(f"      - {_yaml(_requirement(package))}" for package in wanted.pypi)]
    note = "An environment.yml holds one environment: this one wants CUDA 12, and runs nowhere without."
    return "\n".join([*lines, ""]), (note,) if wanted.cuda else ()


WRITERS: dict[str, Callable[[Wanted], tuple[str, Notes]]] = {"pixi": pixi, "uv": uv, "conda": conda}


def _torch_tables(own: Sequence[tuple[str, str]]) -> Iterator[str]:
    texts = [text for _, text in own]
    yield _table("project.optional-dependencies", **dict.fromkeys(_TORCH_INDEXES, texts))
    sides = ", ".join(f'{{ extra = "{extra}" }}' for extra in _TORCH_INDEXES)
    yield f"[tool.uv]\nconflicts = [[{sides}]]"
    rows = "\n".join(
        f'    {{ index = "pytorch-{path}", extra = "{extra}" }},' for extra, path in _TORCH_INDEXES.items()
    )
    names = dict.fromkeys(name for name, _ in own)
    yield "\n".join(["[tool.uv.sources]", *(f"{name} = [\n{rows}\n]" for name in names)])
    for path in _TORCH_INDEXES.values():
        yield "\n".join(
            [
                "[[tool.uv.index]]",
                f'name = "pytorch-{path}"',
                f'url = "https://download.pytorch.org/whl/{path}"',
                "explicit = true",
            ]
        )


def _requirement(package: Typed) -> str:
    """As a person writes it: blanks before a marker alone, and no quotes that TOML would want escaped."""
    versions, semicolon, marker = package.spec.partition(";")
    head = package.name + re.sub(r"\s+", "", versions)
    if "'" not in marker:
        marker = marker.replace('"', "'")
    return f"{head}; {marker.strip()}" if semicolon else head


def _with_extra(requirement: str, extra: str) -> str:
    """``requirement`` with one extra more, https://peps.python.org/pep-0508/#extras"""
    parts = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[(.*?)\])?(.*)", requirement)
    assert parts is not None
    extras = [each for each in (parts[2] or "").split(",") if each and each != extra]
    return f"{parts[1]}[{','.join([*extras, extra])}]{parts[3]}"


def _match_spec(package: Typed) -> str:
    """As conda's users write it: ``python=3.12``, ``numpy>=2``."""
    starred = re.fullmatch(r"([^<>=!~,|*]+)\.\*", package.spec)
    return f"{package.name}={starred[1]}" if starred else f"{package.name}{_spec_or_nothing(package.spec)}"


def _spec_or_nothing(spec: str) -> str:
    return "" if spec == "*" else spec if spec[:1] in "<>=!~" else f" {spec}"


def _pypi_value(package: Typed) -> object:
    """A requirement as the value of pixi's table."""
    versions, _, marker = _requirement(package).removeprefix(package.name).partition(";")
    extras = re.match(r"\[(.*?)\]", versions)
    version = (versions[extras.end() :] if extras else versions) or "*"
    table: dict[str, object] = {"version": version}
    if extras and extras[1]:
        table["extras"] = extras[1].split(",")
    if marker:
        table["env-markers"] = marker.strip()
    return table if len(table) > 1 else version


def _joined(tables: Iterable[str]) -> str:
    return "\n\n".join(tables) + "\n"


def _table(header: str, **entries: object) -> str:
    return "\n".join([f"[{header}]", *(f"{_key(key)} = {_value(value)}" for key, value in entries.items())])


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return _list([_value(element) for element in value])
    return json.dumps(value, ensure_ascii=False)


def _list(elements: Sequence[str]) -> str:
    """On one line while that is short, else an element on each."""
    line = f"[{', '.join(elements)}]"
    if len(line) <= 60 and len(elements) <= 3:
        return line
    return "\n".join(["[", *(f"    {element}," for element in elements), "]"])


def _yaml(text: str) -> str:
    """``text`` as YAML, in quotes only where it would mean something else without them."""
    try:
        plain = yaml.safe_load(f"- {text}") == [text]
    except yaml.YAMLError:
        plain = False
    return text if plain else json.dumps(text)
