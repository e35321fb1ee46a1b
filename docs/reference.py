"""Writes docs/cli.md from the commands, and docs/configuration.md from the traits.

A test fails when one of them is stale. To write them: ``python docs/reference.py``.
"""

from __future__ import annotations

import json
from inspect import cleandoc
from pathlib import Path

import click
from traitlets import HasTraits

from appose_kernel import cli, errors
from appose_kernel.cli import answers
from appose_kernel.environments.settings import Settings
from appose_kernel.kernels.provisioner import ApposeProvisioner

FOLDER = Path(__file__).parent

#: What an exit code means, for the classes of `answers.EXIT_CODES`.
MEANINGS: dict[type[errors.ApposeKernelError], str] = {
    errors.ApposeKernelError: "anything that has no code of its own; `doctor`: something needs attention",
    errors.ManifestError: "the manifest is missing, or cannot be understood",
    errors.EnvironmentNotFound: "the workspace has no environment of this name",
    errors.ToolError: "a tool (uv) is missing, too old, or failed in a way that has no code of its own",
    errors.SolveError: "no set of packages satisfies the manifest",
    errors.InstallError: "a download, its hash, a link, or the disk failed",
    errors.VerifyError: "files of the environment are missing or damaged",
    errors.LockOutdated: "the lock is older than the manifest, or `--locked` and there is none",
    errors.EngineUnsupported: "no engine can build what the manifest says",
    errors.BuildNotFound: "no build has this id",
    errors.KernelMissing: "no ipykernel fits the environment's packages, or it has nothing to start",
    errors.LaunchError: "the environment changed between its build and the command",
    errors.KernelspecError: "the kernelspec of this name is not ours to write or remove",
    errors.BuilderDied: "the process that builds was killed, again and again",
    errors.EnvironmentNotBuilt: "the environment has to be built first (said by the server's routes)",
    errors.EnvironmentInUse: "kernels run in the environment (said by the server's routes)",
    errors.PlanNotFound: "no dry run has this id (said by the server's routes)",
    errors.BuildCancelled: "stopped, by Ctrl-C or by somebody else",
}

#: The keys of each command's JSON object, besides `version`. The tests hold the commands to them.
_ONE = ("workspace", "environment", "title", "kernel")
_STATUS = ("features", "prefix", "state", "reason", "build", "error")
KEYS: dict[str, tuple[str, ...]] = {
    "list": ("folder", "workspaces", "problems"),
    "info": (
        *_ONE,
        *_STATUS,
        *("own_kernels", "solve_group", "platform", "python", "channels", "specs", "variables", "scripts"),
        *("requirements", "options", "interpreter", "lock", "engine", "verdict"),
    ),
    "lock": ("workspace", "lock", "locks", "changed", "output"),
    "build": (*_ONE, *_STATUS, "built", "seconds", "notes"),
    "verify": (*_ONE, "prefix", "ok", "damage", "error"),
    "register": (*_ONE, "kernelspec", "own_kernels"),
    "unregister": (*_ONE, "kernelspec"),
    "prune": ("removed", "bytes"),
    "doctor": ("ok", "checks"),
}

INTRODUCTION = """\
# The command line

<!-- Written by docs/reference.py from the commands themselves. -->

`jupyter appose COMMAND`, or `jupyter-appose COMMAND`.

- **The workspace** comes first: a folder or a manifest (`pixi.toml`, a notebook…). Left out,
  it is the nearest one at or above the current folder. One whose name begins with `-` is written `./-name`.
  Of several manifests in a folder the first of these is taken: `pixi.toml`, `pyproject.toml`,
  `requirements.txt`, `environment.yml`. `info`, `build` and `run` say so; to mean another, name the file.
- **Results** go to stdout; progress, questions and errors to stderr. A terminal gets a progress bar, a pipe
  or a file plain lines. `NO_COLOR` turns colours off.
- **`--json`** prints one object on stdout, and no progress. It has `"version": 1` and the keys of its
  command, below; keys may be added, and the version changes if one changes its meaning. An error is
  `{"version": 1, "error": {"code", "message", "remedy", "detail"}}`, and its codes are stable too.
- **Ctrl-C** stops the build that a command waits for, with exit code 130. If a notebook or another terminal
  waits for the same build, it goes on.
"""


def cli_page() -> str:
    """docs/cli.md."""
    root = click.Context(cli.program, info_name=cli.PROGRAM)
    commands = [_command(root, name) for name in cli.COMMANDS]
    return "\n".join([INTRODUCTION, _overview(), *commands, _exit_codes()])


def _overview() -> str:
    lines = [f"| [`{name}`](#{name}) | {line} |" for name, (_, line) in cli.COMMANDS.items()]
    return "\n".join(["| Command | |", "|---|---|", *lines, ""])


def _command(root: click.Context, name: str) -> str:
    command = cli.program.get_command(root, name)
    assert command is not None
    context = click.Context(command, info_name=name, parent=root)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    rows = [_option(param) for param in command.params if isinstance(param, click.Option)]
    keys = ", ".join(f"`{key}`" for key in KEYS.get(name, ()))
    parts = [f"## {name}", f"```\n{usage}\n```", _prose(cleandoc(command.help or ""))]
    parts += ["\n".join(["| Option | |", "|---|---|", *rows])] if rows else []
    parts += [f"JSON: {keys}."] if keys else []
    return "\n\n".join(parts) + "\n"


def _option(option: click.Option) -> str:
    """A row of the table. Not click's own help record: its wording changes from release to release."""
    value = f" {option.metavar or 'NUMBER'}" if not option.is_flag else ""
    default = f" Default: `{option.default}`." if option.show_default else ""
    return f"| `{', '.join(option.opts)}{value}` | {option.help}{default} |"


def _prose(text: str) -> str:
    """A command's help as Markdown: click's marker for a verbatim paragraph becomes a code block."""
    paragraphs = []
    for paragraph in text.split("\n\n"):
        verbatim = paragraph.startswith("\b\n")
        paragraphs.append(f"```\n{paragraph[2:]}\n```" if verbatim else paragraph)
    return "\n\n".join(paragraphs)


def _exit_codes() -> str:
    rows = [(0, "", "done"), (answers.USAGE, "usage", "the command line is wrong")]
    rows += [(code, kind.code, MEANINGS[kind]) for kind, code in answers.EXIT_CODES.items()]
    lines = [f"| {code} | {name and f'`{name}`'} | {meaning} |" for code, name, meaning in sorted(rows)]
    return "\n".join(
        [
            "## Exit codes",
            "",
            "`run` passes on the exit code of its command; 127 if there is no such command, 126 if it",
            "cannot be run. An error code that is not here has its family's: `manifest-not-found` has 3.",
            "",
            "| Code | `error.code` | |",
            "|---|---|---|",
            *lines,
            "",
        ]
    )


CONFIGURATION = """\
# Configuration

<!-- Written by docs/reference.py from the traits themselves. -->

Nothing has to be configured.

## Builds and environments

In `jupyter_appose_config.py` (or `.json`), in a folder that `jupyter --paths` lists under “config”.
A file nearer to the user wins. Kernels, servers and `jupyter appose` read it.

```python
c.Settings.uv = "/opt/uv/bin/uv"
```

"""

SERVER = """
## Kernels in Jupyter Server

In `jupyter_server_config.py`, as usual.

"""

VARIABLES = """
## Folders

| Variable | What is there |
|---|---|
| `APPOSE_KERNEL_DATA_DIR` | environments of workspaces that cannot be written to, and overlays |
| `APPOSE_KERNEL_STATE_DIR` | the logs of builds, and what edited manifests were before |
| `APPOSE_KERNEL_CACHE_DIR` | what can be made again |
| `APPOSE_KERNEL_RUNTIME_DIR` | the kernels' sockets: a short path on a local disk |

Without them it is the user's own folders; `jupyter appose doctor` shows them.
"""


def configuration_page() -> str:
    """docs/configuration.md."""
    return CONFIGURATION + _traits(Settings) + SERVER + _traits(ApposeProvisioner) + VARIABLES


def _traits(owner: type[HasTraits]) -> str:
    lines = ["| Option | Default | |", "|---|---|---|"]
    for name, trait in sorted(owner.class_own_traits(config=True).items()):
        default = json.dumps(trait.default(), default=list)
        lines.append(f"| `c.{owner.__name__}.{name}` | `{default}` | {trait.help} |")
    return "\n".join([*lines, ""])


PAGES = {"cli.md": cli_page, "configuration.md": configuration_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
