"""Every environment of a workspace is a Jupyter kernel, built when it is picked.

Kept free of imports: each kernel start passes through here.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> str:
    """``__version__``, read from the installed package's metadata when somebody asks."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415  (see above)

        return version("appose-kernel")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Jupyter Server calls this when it loads its extensions."""
    from .server.extension import ApposeKernelExtension  # noqa: PLC0415  (see above)

    return [{"module": "appose_kernel", "app": ApposeKernelExtension}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """``jupyter labextension develop`` calls this; the wheel installs the folder by itself."""
    return [{"src": "labextension", "dest": "appose-kernel"}]
