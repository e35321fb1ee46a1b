"""One glance at many environments: what they have in common is found out once. Every kernel start imports
this.

Nothing is kept from one glance to the next, so each sees the disk as it is by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Found = TypeVar("Found")

_seen: ContextVar[dict[Any, Any] | None] = ContextVar("seen", default=None)


@contextmanager
def glance() -> Iterator[None]:
    """Inside the ``with`` block, in this thread or task, :func:`shared` functions remember their answers."""
    token = _seen.set({})
    try:
        yield
    finally:
        _seen.reset(token)


def shared(function: Callable[Arguments, Found]) -> Callable[Arguments, Found]:
    """For a function of hashable arguments that reads files which many environments share.

    Who is given its answer must not change it. Outside of a :func:`glance` it reads them each time.
    """

    @wraps(function)
    def once(*arguments: Arguments.args, **named: Arguments.kwargs) -> Found:
        seen = _seen.get()
        if seen is None:
            return function(*arguments, **named)
        key = (function, arguments, *named.items())
        try:
            found: Found = seen[key]
        except KeyError:
            found = seen[key] = function(*arguments, **named)
        return found

    return once
