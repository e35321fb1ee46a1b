"""What the embedded engine does not do, refused by name and with a remedy."""

from __future__ import annotations

from ....errors import EngineUnsupported, KernelMissing
from ....workspaces import pixi
from ...rattler_worker.errors import PIXI
from .places import Place


def refuse(place: Place, *, solving: bool) -> None:
    """Raise EngineUnsupported for what only pixi can do; ``solving``: for what only pixi can lock."""
    if place.environment.workspace.format != pixi.NAME:
        return
    for refusal in pixi.needs_pixi(place.environment, place.platform):
        if refusal.solving == solving:
            line = f" line {refusal.line}" if refusal.line else ""
            task = "solve" if solving else "build"
            commit = " Or commit a pixi.lock that was made with it." if solving else ""
            raise EngineUnsupported(
                f"{refusal.file}{line}: `{refusal.key}`: {refusal.reason}; only pixi can {task} that.",
                remedy=f"{PIXI}{commit}",
            )


def demand_packages(place: Place) -> None:
    """Raise KernelMissing for an environment that nothing is asked for: `pixi init` makes such."""
    if not place.asks:
        environment = place.environment
        raise KernelMissing(
            f"{environment.title} has no packages, and so no Python that a notebook could run in.",
            remedy=f"Add `python` to the dependencies in {place.manifest}, or a kernel of another language.",
        )
