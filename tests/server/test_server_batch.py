"""What is left out when builds say more than browsers need."""

from __future__ import annotations

from typing import Any

from appose_kernel.server.batch import Batch


def event(build: str, sequence: int, phase: str = "installing") -> dict[str, Any]:
    return {"build": build, "sequence": sequence, "phase": phase}


def test_only_the_newest_step_of_a_build_is_sent() -> None:
    batch = Batch()
    for sequence in range(100):
        batch.add(event("a", sequence))
    assert batch.take(2) == [event("a", 99)]
    assert batch.take(2) == []


def test_builds_take_turns() -> None:
    batch = Batch()
    for build in "abc":
        batch.add(event(build, 0))
    batch.add(event("a", 1))
    assert batch.take(2) == [event("a", 1), event("b", 0)]
    batch.add(event("a", 2))
    assert batch.take(2) == [event("c", 0), event("a", 2)]


def test_every_end_of_a_build_is_sent_and_nothing_of_it_afterwards() -> None:
    batch = Batch()
    for build in "abc":
        batch.add(event(build, 0))
        batch.add(event(build, 1, "failed"))
    assert batch.take(2) == [event("a", 1, "failed"), event("b", 1, "failed")]
    assert batch.take(2) == [event("c", 1, "failed")]
    assert batch.take(2) == []
