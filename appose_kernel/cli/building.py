"""``build`` and ``verify``: what makes an environment, and what proves it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import click

from ..environments import builds, engines, settings, store, verify
from ..environments.engines import Job
from ..environments.verify import Damage, Site
from ..errors import VerifyError
from ..model import BuildOptions, Environment
from . import answers, describing, options
from .waiting import Waiter


@click.command("build")
@options.workspace
@options.environment
@click.option("--exact", is_flag=True, help="Remove what the manifest does not name; says first what goes.")
@click.option("--rebuild", is_flag=True, help="Reinstall every package from scratch.")
@options.frozen
@options.locked
@options.yes
@options.as_json
def build_command(
    *,
    workspace: Path | None,
    environment: str,
    exact: bool,
    rebuild: bool,
    frozen: bool,
    locked: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Make an environment ready: lock, install, verify, compile.

    The lock is used as it is; where there is none, it is made. A lock that is older than the manifest
    ends the build: `jupyter appose lock` refreshes it. Progress goes to stderr. Ctrl-C stops the build,
    unless a notebook waits for it too.
    """
    env = options.chosen_environment(workspace, environment, quiet=as_json)
    options.demand_lock(env, locked=locked)
    wanted = BuildOptions(frozen=frozen, exact=exact, rebuild=rebuild)
    if exact:
        _agree_to_removals(env, wanted, yes=yes, as_json=as_json)
    began = time.monotonic()
    build = None
    if exact or rebuild or builds.ready(env) is None:
        waiter = Waiter(env, wanted, quiet=as_json)
        env = waiter.wait()
        build = waiter.build
    seconds = round(time.monotonic() - began, 2)
    made = builds.ready(env)
    notes = list(made.notes) if made else []
    data = {
        **describing.identity(env),
        **describing.status(env),
        "built": build is not None,
        "seconds": seconds,
        "notes": notes,
    }
    took = f"built in {seconds:.1f} s" if build else "nothing to do"
    head = f"{env.title} is ready ({took}): {data['prefix']}"
    # what a machine lacks may have changed since
    lines = notes if build else [f"When it was built: {note}" for note in notes]
    answers.give(data, "\n".join([head, *lines]), as_json=as_json)


def job(env: Environment, wanted: BuildOptions) -> Job:
    """What an engine needs to know, as the builder would tell it."""
    configured = settings.load()
    return Job(env, store.place(env), wanted, configured, engines.surroundings(configured))


def _agree_to_removals(env: Environment, wanted: BuildOptions, *, yes: bool, as_json: bool) -> None:
    """Say what an exact build takes out of the prefix, and ask."""
    doomed = asyncio.run(engines.choose(env).removals(job(env, wanted)))
    if doomed:
        answers.note(f"The manifest does not name, and an exact build removes from {store.place(env).path}:")
        answers.note("\n".join(f"  {name}" for name in doomed))
        answers.confirm(f"Remove {', '.join(doomed[:3])}{'…' * (len(doomed) > 3)}?", yes=yes, as_json=as_json)


@click.command("verify")
@options.workspace
@options.environment
@options.as_json
def verify_command(*, workspace: Path | None, environment: str, as_json: bool) -> None:
    """Compare every installed file with what its package recorded: size and content.

    Exit code 8 if files are missing or differ, or if the environment is not built. One with such files is no
    longer ready: its next build makes it from scratch.
    """
    env = options.chosen_environment(workspace, environment)
    prefix = store.place(env)
    if not prefix.python.exists() and not (prefix.path / "conda-meta").is_dir():
        raise VerifyError(f"{env.title} is not built.", remedy=f"Build it: {options.call('build', env)}")
    found = asyncio.run(_damage(env))
    error = None
    if found:
        error = verify.complain(found, prefix.path, remedy=_remedy(env))
        asyncio.run(builds.distrust(env))
    data = {
        **describing.identity(env),
        "prefix": prefix.path,
        "ok": not found,
        "damage": [{"file": each.file, "problem": each.problem} for each in found],
        "error": error and error.to_dict(),
    }
    text = "\n".join(f"{each.file} {each.problem}" for each in found)
    answers.give(data, text or f"{env.title} is whole: {prefix.path}", as_json=as_json)
    if error is not None:
        if not as_json:
            answers.note(error.remedy)
        click.get_current_context().exit(answers.exit_code(error))


def _remedy(env: Environment) -> str:
    if env.prefix is not None:
        return "Let the application that built it build it again."
    return f"Build it, which makes it from scratch now: {options.call('build', env)}"


async def _damage(env: Environment) -> list[Damage]:
    wanted = job(env, BuildOptions())
    site = Site(str(wanted.prefix.path), ())
    if wanted.prefix.python.exists():
        site = await verify.site(str(wanted.prefix.python), wanted.environ)
    return [
        damage
        for distribution in verify.packages(site)
        for damage in verify.damage(site, distribution, deep=True)
    ]
