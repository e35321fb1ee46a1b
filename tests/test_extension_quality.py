"""The browser extension's own checks: style, types, and the tests of its models, run as a developer would."""

from __future__ import annotations

import json

import extension
import pytest

CHECKS = {
    "prettier": ["prettier", "--check", "."],
    "eslint": ["eslint", "."],
    "tsc": ["tsc", "--noEmit"],
    "tsc of the tests": ["tsc", "--noEmit", "-p", "tests"],
    "jest": ["jest"],
}

pytestmark = pytest.mark.timeout(900)  # the packages may have to be fetched


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    extension.packages()


@pytest.mark.parametrize("name", CHECKS)
def test_the_extension_passes(name: str) -> None:
    done = extension.jlpm("run", *CHECKS[name])
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_are_those_of_the_wire_schema() -> None:
    package = json.loads((extension.FOLDER / "package.json").read_text())
    *command, _, written = package["scripts"]["build:wire"].split()
    done = extension.jlpm("run", *command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip() == (extension.FOLDER / written).read_text().strip(), "`jlpm build:wire` is due"
