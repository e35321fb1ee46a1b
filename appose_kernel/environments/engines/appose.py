"""The engine for environments that an Appose application built: it opens them, and changes nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from ...errors import EngineUnsupported, InstallError
from ...model import Activation, BuildOptions, Environment, Phase, Step
from ...workspaces import appose, formats
from .. import activation
from . import venv
from .base import Job


def demand_possible(env: Environment, options: BuildOptions) -> None:
    """Raise EngineUnsupported for what only the application may do with its environment.

    Called before a build begins, too: a request that is refused changes nothing, not even a state.
    """
    asked = {
        "lock": not options.locked,
        "build --rebuild": options.rebuild,
        "build --exact": options.exact,
    }
    for command, wanted in asked.items():
        if wanted:
            raise _refusal(env, command)


class ApposeEngine:
    name = "appose"
    formats = frozenset({"appose"})

    async def lock(self, job: Job) -> AsyncGenerator[Step, None]:
        """There is nothing to lock; what the user asked for and only the application may do is refused."""
        demand_possible(job.environment, job.options)
        yield Step(Phase.LOCKING, f"{job.prefix.path} belongs to an Appose application", output=True)

    async def install(self, job: Job) -> AsyncGenerator[Step, None]:
        """Look whether the application has built it, with something that a kernel can run on."""
        kernels = job.prefix.path.glob("share/jupyter/kernels/*/kernel.json")
        if not job.prefix.python.exists() and not any(kernels):
            raise InstallError(
                f"{job.environment.title} has not been built: there is no interpreter in {job.prefix.path}.",
                remedy="Start the application that uses it, which builds it; then restart the kernel.",
            )
        yield Step(Phase.INSTALLING, "Nothing to install: an Appose application has built it")

    async def removals(self, job: Job) -> list[str]:
        raise _refusal(job.environment, "build --exact")

    async def activation(self, job: Job) -> Activation:
        """The application's variables, then what activating the prefix itself does."""
        workspace = job.environment.workspace
        variables = appose.variables(workspace)
        if not job.prefix.conda:
            return venv.activation(job.prefix, variables)
        found = formats.compose(job.environment, formats.host_platform())
        return await activation.record(
            job.prefix.path,
            [workspace.root / script for script in found.scripts],
            found.variables,
            {**variables, **_of_pixi(job)},
            environ=job.environ,
            folder=workspace.root,
            tell=job.tell,
        )


def _of_pixi(job: Job) -> dict[str, str]:
    """What activation scripts may ask pixi for; nothing where pixi did not make the prefix.

    https://pixi.prefix.dev/latest/reference/environment_variables/
    """
    root = job.environment.workspace.root
    if not job.prefix.path.is_relative_to(root / ".pixi"):
        return {}
    return {"PIXI_PROJECT_ROOT": str(root), "PIXI_ENVIRONMENT_NAME": job.environment.name}


def _refusal(env: Environment, command: str) -> EngineUnsupported:
    return EngineUnsupported(
        f"{env.title} was built by an Appose application, and `jupyter appose {command}` would"
        f" change it behind the application's back ({env.prefix}).",
        remedy="Let the application rebuild it; or copy its manifest to a folder of yours, and build that.",
    )
