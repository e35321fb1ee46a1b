import inspect
from pathlib import Path

import pytest

from appose_kernel import errors
from appose_kernel.errors import (
    ApposeKernelError,
    EditRefused,
    EnvironmentNotFound,
    InstallError,
    ManifestInvalid,
    SolveError,
    from_dict,
    redact,
)


def all_errors() -> list[type[ApposeKernelError]]:
    found = [value for value in vars(errors).values() if inspect.isclass(value)]
    return [cls for cls in found if issubclass(cls, ApposeKernelError)]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [cls.code for cls in all_errors()]
    assert len(codes) == len(set(codes))


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    assert errors.__doc__ is not None
    for cls in all_errors():
        assert cls.__name__ in errors.__doc__


def test_an_error_survives_the_way_through_a_log() -> None:
    original = SolveError("no versions", remedy="Relax a bound.", detail="because six<0")
    copy = from_dict(original.to_dict())
    assert type(copy) is SolveError
    assert copy.to_dict() == original.to_dict()


@pytest.mark.parametrize("cls", all_errors())
def test_every_error_can_be_read_back(cls: type[ApposeKernelError]) -> None:
    data = {"code": cls.code, "message": "m", "remedy": "r", "detail": "d"}
    assert type(from_dict(data)) is cls
    assert from_dict(data).to_dict() == data


def test_an_unknown_code_is_still_readable() -> None:
    assert from_dict({"code": "from-the-future", "message": "m"}).message == "m"


def test_an_invalid_manifest_names_file_and_line() -> None:
    error = ManifestInvalid(Path("pyproject.toml"), 12, "no such extra", remedy="Add it.")
    assert str(error) == "pyproject.toml line 12: no such extra\nAdd it."


def test_an_unknown_environment_names_those_that_exist() -> None:
    error = EnvironmentNotFound("gpu", Path("pyproject.toml"), ["default", "cuda"])
    assert "“gpu”" in error.message
    assert error.remedy == "It has: default, cuda."


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("https://me:hunter2@example.org/simple", "hunter2"),
        ("https://hunter2@example.org/simple", "hunter2"),
        ("https://conda.example.org/t/hunter2/channel/noarch", "hunter2"),
        ("https://s3.example.org/a.whl?X-Amz-Signature=hunter2", "hunter2"),
        ("UV_INDEX_PASSWORD=hunter2 uv sync", "hunter2"),
        ('{"api_key": "hunter2"}', "hunter2"),
        ("Authorization: Bearer hunter2", "hunter2"),
    ],
)
def test_secrets_are_redacted(text: str, secret: str) -> None:
    assert secret not in redact(text)
    error = InstallError(text, remedy=text, detail=text)
    assert secret not in repr(error.to_dict()) + str(error)


@pytest.mark.parametrize(
    "text",
    [
        "https://pypi.org/simple/six/",
        "numpy>=1.26; python_version >= '3.10'",
        "pip install git+https://github.com/a/b@v1.0",
        "Resolved 12 packages in 30ms",
        "/home/t/project/pyproject.toml",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("unit", ["a-", "http://", "https://x/", "token", "/t/"])
def test_a_long_line_is_redacted_in_no_time(unit: str) -> None:
    """With a cost of the square of its length this one would take minutes: the test's time limit."""
    redact(unit * (400_000 // len(unit)))


def test_what_a_refusal_is_about_survives_json() -> None:
    refused = EditRefused("Name: it is empty.", field="name")
    again = from_dict(refused.to_dict())
    assert isinstance(again, EditRefused)
    assert (again.field, again.to_dict()) == ("name", refused.to_dict())
    assert "field" not in EditRefused("no").to_dict()
