"""The environments of the workspaces around, among the kernelspecs of whatever manager a server uses."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from traitlets import Unicode, default

from ..environments import settings
from ..errors import ApposeKernelError
from . import documents
from .catalogue import Catalogue
from .documents import Offer


class ApposeKernelSpecManager(KernelSpecManager):
    """A mixin over any kernelspec manager (see :func:`extend`), and one for explicit configuration."""

    root = Unicode(help="The folder to search; a server's is its root folder.")
    _others_only = False

    @default("root")
    def _root_of_server(self) -> str:
        return str(getattr(self.parent, "root_dir", None) or Path.cwd())

    @cached_property
    def catalogue(self) -> Catalogue:
        """The workspaces in reach, also for the server's routes."""
        try:
            configured = settings.load()
        except ApposeKernelError as error:
            self.log.error("The configuration of appose-kernel is ignored: %s", error)
            configured = settings.Settings()
        folders = [Path(folder).expanduser() for folder in configured.folders]
        return Catalogue(Path(self.root), configured.depth, folders, self.log)

    def find_kernel_specs(self) -> dict[str, str]:
        """The names of all kernelspecs, and their folders. Jupyter calls this to list and to look up."""
        found: dict[str, str] = super().find_kernel_specs()
        if not self._others_only:
            found.update({name: _resources(offer) for name, offer in self._offered().items()})
        return found

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """One kernelspec, new at each call: a start writes into it. Raises ``NoSuchKernel``."""
        name = kernel_name.lower()
        offers = {} if self._others_only else self._offers()
        if name in offers:
            offer = offers[name]
            return self.kernel_spec_class(name=name, resource_dir=_resources(offer), **_document(name, offer))
        spec = super().get_kernel_spec(kernel_name)
        spec.metadata = documents.provisioned(spec.metadata)
        return spec

    def get_all_specs(self) -> dict[str, Any]:
        """All kernelspecs, as the server sends them to a browser, which asks every minute.

        A registered kernelspec whose manifest is gone is left out.
        """
        # The base class would make, and ask us for, one KernelSpec at a time: 50 µs for each of ours.
        self._others_only = True
        try:
            found: dict[str, Any] = super().get_all_specs()
        finally:
            self._others_only = False
        found = {name: entry for name, entry in found.items() if not _is_orphan(entry["spec"])}
        blank = self.kernel_spec_class().to_dict()  # its keys differ between versions of jupyter_client
        for name, offer in self._offered().items():
            spec = {**blank, **_document(name, offer)}
            found[name] = {"resource_dir": _resources(offer), "spec": spec}
        return found

    def _offers(self) -> dict[str, Offer | None]:
        return {documents.GENERIC: None, **self.catalogue.offers_soon()}

    def _offered(self) -> dict[str, Offer | None]:
        allowed = self.allowed_kernelspecs
        return {name: offer for name, offer in self._offers().items() if not allowed or name in allowed}


def extend(base: type[KernelSpecManager]) -> type[KernelSpecManager]:
    """``base`` with our environments among its kernelspecs; its configuration stays valid."""
    if issubclass(base, ApposeKernelSpecManager):
        return base
    return type(f"Appose{base.__name__}", (ApposeKernelSpecManager, base), {})


def _document(name: str, offer: Offer | None) -> dict[str, Any]:
    """What ``kernel.json`` would say to a client that has our provisioner; None is the generic one."""
    document = documents.generic() if offer is None else documents.document(offer, name)
    return {**document, "metadata": documents.provisioned(document["metadata"])}


def _resources(offer: Offer | None) -> str:
    return str(documents.RESOURCES if offer is None else offer.resources)


def _is_orphan(spec: dict[str, Any]) -> bool:
    ours = spec.get("metadata", {}).get("appose")
    manifest = ours.get("manifest") if isinstance(ours, dict) else None
    return manifest is not None and not Path(manifest).exists()
