"""How long it takes to list 200 manifests with 1,000 environments, at first and later.

    python benchmarks/listing.py [--manifests 200] [--extras 4] [--rounds 20]

An audit hook ends the run if listing starts a process, or if a later listing opens a manifest.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from appose_kernel.kernels.listing import ApposeKernelSpecManager
from appose_kernel.workspaces import finding, formats, names

STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty")

PROJECT = """\
[project]
name = "project-{number}"
version = "1"
requires-python = ">=3.10"
dependencies = ["numpy>=1.26", "pandas>=2", "matplotlib", "colorama; sys_platform == 'win32'"]

[project.optional-dependencies]
{extras}

[dependency-groups]
dev = ["pytest>=8", "ruff"]

[[tool.uv.index]]
name = "torch"
url = "https://download.pytorch.org/whl/cpu"
explicit = true
"""


PIXI = """\
[workspace]
name = "worker-{number}"
channels = ["conda-forge"]
platforms = ["linux-64", "osx-64", "osx-arm64", "win-64"]

[dependencies]
python = "3.11.*"
numpy = "<2"
scipy = {{ version = ">=1.10", channel = "conda-forge" }}

[target.linux-64.pypi-dependencies]
torch = {{ version = ">=2", extras = ["opt"] }}

[target.linux-64.activation.env]
LD_LIBRARY_PATH = "$CONDA_PREFIX/lib:${{LD_LIBRARY_PATH:-}}"

{features}

[environments]
{environments}
"""


def write(root: Path, manifests: int, extras: int) -> None:
    """Projects three levels deep, ten to a folder, as in a home or a course; every other one is pixi's."""
    for number in range(manifests):
        folder = root / f"area-{number // 10}" / f"project-{number}"
        (folder / "notebooks").mkdir(parents=True)
        name, text = ("pixi.toml", pixi) if number % 2 else ("pyproject.toml", project)
        (folder / name).write_text(text(number, extras), encoding="utf-8")


def project(number: int, extras: int) -> str:
    lines = "\n".join(f'extra-{extra} = ["torch>=2.{extra}", "tqdm"]' for extra in range(extras))
    return PROJECT.format(number=number, extras=lines)


def pixi(number: int, extras: int) -> str:
    features = (f'[feature.extra-{extra}.dependencies]\ntqdm = ">=4.{extra}"' for extra in range(extras))
    environments = (
        f'extra-{extra} = {{ features = ["extra-{extra}"], solve-group = "all" }}' for extra in range(extras)
    )
    return PIXI.format(number=number, features="\n".join(features), environments="\n".join(environments))


def milliseconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--manifests", type=int, default=200)
    parser.add_argument("--extras", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        write(root, options.manifests, options.extras)
        measure(root, options.rounds)


def measure(root: Path, rounds: int) -> None:
    events: list[tuple[str, Any]] = []
    sys.addaudithook(lambda event, arguments: events.append((event, arguments[0] if arguments else None)))
    finder = finding.Finder([root])

    def listing() -> int:
        found = [env for workspace in finder.workspaces() for env in formats.environments(workspace)]
        return len(names.kernel_names(found))

    # What was written within the clock's last tick is not yet trusted to stay as it is.
    time.sleep(0.2)
    first = milliseconds(listing)
    manager = ApposeKernelSpecManager(root=str(root), kernel_dirs=[])
    first_specs = milliseconds(manager.get_all_specs)  # which looks for kernels of the prefixes' own
    before = len(events)
    later = [milliseconds(listing) for _ in range(rounds)]
    specs = [milliseconds(manager.get_all_specs) for _ in range(rounds)]
    opened = [path for event, path in events[before:] if event == "open" and str(path).startswith(str(root))]
    started = [event for event, _ in events if event in STARTS]
    print(f"{len(finder.workspaces())} manifests, {listing()} environments")
    print(f"first listing   {first:7.1f} ms")
    print(
        f"later listings  {statistics.median(later):7.1f} ms (median of {rounds}; worst {max(later):.1f} ms)"
    )
    print(
        f"as kernelspecs  {statistics.median(specs):7.1f} ms (median of {rounds}; worst {max(specs):.1f}, "
        f"first {first_specs:.1f} ms)"
    )
    if opened or started:
        sys.exit(f"Later listings opened {len(opened)} files {opened[:3]}; processes started: {started}.")


if __name__ == "__main__":
    main()
