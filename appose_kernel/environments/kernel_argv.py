"""How a kernel is started in a prefix. Every kernel start imports this: standard library only."""

from __future__ import annotations

from pathlib import Path

from ..model import OwnKernel, Stamp

_BOOT = str(Path(__file__).with_name("boot.py"))


def kernel_argv(
    stamp: Stamp, connection_file: str = "{connection_file}", own: OwnKernel | None = None
) -> list[str]:
    """The command of ipykernel, without and with an overlay, or of an ``own`` kernel of the prefix.

    By default it is as a kernelspec holds it. ``stamp`` is one that is ready, so it has an activation.
    """
    if own is not None:
        return [word.replace("{connection_file}", connection_file) for word in own.argv]
    assert stamp.activation is not None
    program = [_BOOT, stamp.overlay] if stamp.overlay else ["-m", "ipykernel_launcher"]
    return [stamp.activation.python, *program, "-f", connection_file]
