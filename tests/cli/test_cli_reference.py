"""docs/cli.md says what the commands are."""

import runpy
from pathlib import Path
from typing import Any

import pytest

from appose_kernel.cli import answers
from appose_kernel.errors import ApposeKernelError

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    return runpy.run_path(str(DOCS / "reference.py"))


@pytest.mark.parametrize("name", ["cli.md", "configuration.md"])
def test_the_pages_are_current(reference: dict[str, Any], name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == reference["PAGES"][name](), "stale: run `python docs/reference.py`"


def test_every_error_has_an_exit_code_of_its_family() -> None:
    families = set(ApposeKernelError.__subclasses__())
    assert families <= answers.EXIT_CODES.keys()
    assert len(set(answers.EXIT_CODES.values())) == len(answers.EXIT_CODES)
    assert answers.USAGE not in answers.EXIT_CODES.values()
