"""What a request may name: workspaces below the server's root, and those that the catalogue lists."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ..environments import glance
from ..errors import EditRefused, ManifestNotFound
from ..kernels.catalogue import Catalogue
from ..model import Environment, Workspace
from ..workspaces import files, formats


class Places:
    """Contents-API paths, to and from workspaces. Reads files: not for the server's loop."""

    def __init__(self, root: Path, catalogue: Catalogue) -> None:
        self._root = root.resolve()
        roots = {str(folder).rstrip(os.sep) + os.sep for folder in (root, self._root)}
        self._below_root = re.compile(rf"(?<![\w./-])({'|'.join(map(re.escape, roots))})(?=[^\s/])")
        self._catalogue = catalogue

    @glance.shared
    def name(self, path: Path) -> str:
        """The contents-API path of a file or folder; outside the server's root its absolute path."""
        try:
            return path.resolve().relative_to(self._root).as_posix()
        except ValueError:
            return str(path)

    def short(self, text: str) -> str:
        """What people at a browser read: files below the server's root have the names that the file browser
        shows."""
        return self._below_root.sub("", text)

    def problem(self, error: Mapping[str, str]) -> dict[str, str]:
        """Likewise an error's ``to_dict``. ``detail``, a tool's own words, stays as it is."""
        return {**error, "message": self.short(error["message"]), "remedy": self.short(error["remedy"])}

    def holds(self, path: Path) -> bool:
        """Whether a file is below the server's root, wherever links lead."""
        return files.is_below(path, self._root)

    def owns(self, workspace: Workspace) -> bool:
        """Whether a workspace's manifest is a file of its own folder, or of one below the server's root, and
        no link to somewhere else."""
        return self.holds(workspace.manifest) or files.is_below(workspace.manifest, workspace.root)

    def workspace(self, name: str) -> Workspace:
        """The workspace whose manifest or folder is called ``name``.

        Raises :class:`ManifestNotFound` where there is none, and for anything that a browser of the
        server's files could not reach either.
        """
        for workspace in self._catalogue.workspaces():
            if name in (self.name(workspace.manifest), self.name(workspace.root)):
                return workspace
        return formats.open_workspace(self._inside(name))

    def environment(self, workspace: str, name: str) -> Environment:
        return formats.environment(self.workspace(workspace), name)

    def file(self, name: str) -> Path:
        """The file of that name below the server's root. Raises :class:`ManifestNotFound`."""
        return self._inside(name, "no file")

    def folder(self, name: str) -> Path:
        """The folder of that name below the server's root, there or not. Raises :class:`EditRefused`."""
        try:
            return self._inside(name, "no folder", strict=False)
        except ManifestNotFound as error:
            raise EditRefused(
                error.message, remedy="Choose a folder of this server's.", field="folder"
            ) from error

    def _inside(self, name: str, missing: str = "no workspace", *, strict: bool = True) -> Path:
        error = ManifestNotFound(f"“{name}” is {missing} below the server's root folder.")
        try:
            path = self._root.joinpath(*PurePosixPath("/", name).parts[1:]).resolve(strict=strict)
        except (OSError, ValueError, RuntimeError) as cause:  # a NUL in the name; links in a circle
            raise error from cause
        if not path.is_relative_to(self._root):
            raise error
        return path
