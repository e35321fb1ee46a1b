"""A kernelspec manager of another extension, which ours has to leave alone."""

from __future__ import annotations

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel


class MoonManager(KernelSpecManager):
    """Another extension's manager: one kernelspec of its own making, none on disk."""

    def find_kernel_specs(self) -> dict[str, str]:
        return {"moon": "/moon"}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        if kernel_name != "moon":
            raise NoSuchKernel(kernel_name)
        return KernelSpec(argv=["moon"], display_name="Moon", resource_dir="/moon")
