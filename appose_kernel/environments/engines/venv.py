"""Activation of a virtual environment, whoever made it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ...model import Activation, Prefix


def activation(prefix: Prefix, variables: Mapping[str, str] = MappingProxyType({})) -> Activation:
    """Its interpreter and scripts, the variables that activating it sets, and further ``variables``."""
    own = {"VIRTUAL_ENV": str(prefix.path), "PYTHONHOME": None, "CONDA_PREFIX": None}
    return Activation(python=str(prefix.python), path=(str(prefix.scripts),), variables={**variables, **own})
