"""Builds belong to no process: whoever wants an environment follows the build that runs, or starts one.

Fronts, the server and the command line use this module, and know of builds nothing else.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace

from ..errors import ApposeKernelError, BuildCancelled, BuilderDied, BuildNotFound, from_dict
from ..model import BuildEvent, BuildOptions, Environment, Phase, Prefix
from ..workspaces import formats
from . import buildlog, failures, folders, joining, store, waiters
from .buildlog import BuildRecord, find, recent
from .stamp import ready
from .status import Status, status

__all__ = [
    "BuildRecord",
    "Status",
    "cancel",
    "distrust",
    "find",
    "follow",
    "ready",
    "recent",
    "start",
    "status",
    "want",
]

#: Builds that one ``want`` may come to, where builders die or files change meanwhile.
ATTEMPTS = 3

_DEFAULT = BuildOptions()


async def want(env: Environment, options: BuildOptions = _DEFAULT) -> AsyncGenerator[BuildEvent, None]:
    """Make sure that ``env`` gets ready, and yield what happens meanwhile; ends when it is ready.

    Nothing is yielded where it is ready already and ``options`` ask for nothing more. A build that runs
    is followed from its beginning, whatever options it has. Raises the error that the build ended with,
    :class:`BuildCancelled`, or EngineUnsupported where no build may do what ``options`` ask for. Closing the
    generator, or dying, is to wait no longer.

    A build that is not what was wanted (its builder was killed, the manifest changed meanwhile, or it was
    not asked for what ``options`` ask for) is followed by another one: events of another ``build`` come,
    and only the last one's end is yielded.
    """
    _demand_possible(env, options)
    more = options.rebuild or options.exact
    failure = ApposeKernelError(
        f"{env.title} does not get ready: something changes its files while it is built.",
        remedy="Wait until nothing changes them any more, then try again.",
    )
    for _ in range(ATTEMPTS):
        if not more and ready(env):
            return
        prefix = _prepared(env)
        with waiters.waiting(prefix):
            record = await _join(env, prefix, options)
            async with aclosing(joining.events(record)) as events:
                async for event in events:
                    if event.phase.ends:
                        break
                    yield event
        env = formats.environment(formats.open_workspace(env.workspace.manifest), env.name)
        error = _error(event, record)
        more = more and not (event.phase is Phase.READY and _does(record.options, options))
        if isinstance(error, BuilderDied):
            failure = error
        elif error or (event.phase is Phase.READY and not more and ready(env)):
            yield event
            if error:
                raise error
            return
    raise failure


def _does(done: BuildOptions, wanted: BuildOptions) -> bool:
    """Whether a build with the options ``done`` has done what ``wanted`` asks for beyond getting ready."""
    return done.rebuild >= wanted.rebuild and done.exact >= wanted.exact


def _error(end: BuildEvent, record: BuildRecord) -> ApposeKernelError | None:
    """What a build ended with; None where it got ready, or stopped because nobody waited just then."""
    if end.phase is Phase.FAILED and end.error:
        return from_dict(end.error)
    if end.phase is Phase.CANCELLED and buildlog.cancel_asked(record):
        return BuildCancelled(end.step.message)
    return None


async def start(env: Environment, options: BuildOptions = _DEFAULT) -> str:
    """Start a build that goes on alone, or come to the one that runs; return its id."""
    _demand_possible(env, options)
    prefix = _prepared(env)
    with waiters.waiting(prefix):
        record = await _join(env, prefix, replace(options, kept=True))
    return record.id


async def follow(build: str) -> AsyncGenerator[BuildEvent, None]:
    """The events of a build from its first to the one that ends it. Who follows does not count as waiting."""
    async with aclosing(joining.events(find(build))) as events:
        async for event in events:
            yield event


def goes_on(build: str) -> bool:
    """Whether a build goes on when nobody waits for it, because it was asked for by itself."""
    with suppress(BuildNotFound):  # another user's
        return buildlog.kept(find(build))
    return False


def cancel(build: str) -> None:
    """Stop a build for everybody who waits for it; its log says when that is done."""
    record = find(build)
    if buildlog.ended(record):
        return
    if buildlog.is_foreign(record):
        raise ApposeKernelError(
            f"Another user is building {record.title}, and nobody else can cancel that.",
            remedy="Wait until it is done, or ask them.",
        )
    buildlog.cancel(record)


async def distrust(env: Environment) -> None:
    """Files of the prefix of ``env`` are damaged: it is not ready, and its next build makes it from scratch.

    Nothing is done where another application has built it, or another user, whose records are closed to us.
    """
    if env.prefix is None:
        with suppress(OSError):
            await joining.distrust(store.place(env))


def _demand_possible(env: Environment, options: BuildOptions) -> None:
    """Raise EngineUnsupported where another application's environment would be changed."""
    if env.prefix is not None:
        from .engines import appose  # noqa: PLC0415  (all engines come with it)

        appose.demand_possible(env, options)


def _prepared(env: Environment) -> Prefix:
    prefix = store.place(env)
    try:
        store.prepare(prefix)
    except OSError as error:
        raise failures.readable(error, [prefix.records.parent]) from error
    return prefix


async def _join(env: Environment, prefix: Prefix, options: BuildOptions) -> BuildRecord:
    try:
        record = await joining.join(env, prefix, options)
        if options.kept:
            buildlog.keep(record)
            joining.adopt(record)
    except OSError as error:
        raise failures.readable(error, [prefix.records, folders.state_dir()]) from error
    return record
