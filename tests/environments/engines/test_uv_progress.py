"""What is told of uv's own lines, without a uv."""

from __future__ import annotations

from appose_kernel.environments.engines.uv.progress import Progress

#: As uv 0.9 writes them to a pipe: it names the large wheels itself, once they are here.
LINES = """\
Resolved 2 packages in 1ms
DEBUG Identified uncached distribution: pandas==2.3.3
DEBUG Identified uncached distribution: six==1.17.0
TRACE Checking lock for `/cache/wheels-v5/pypi/pandas/2.3.3-cp312.lock` at `/cache`
TRACE Checking lock for `/cache/wheels-v5/pypi/six/1.17.0-py2.lock` at `/cache`
Downloading pandas (11.8MiB)
TRACE Released lock at `/cache/wheels-v5/pypi/six/1.17.0-py2.lock`
 Downloaded pandas
TRACE Released lock at `/cache/wheels-v5/pypi/pandas/2.3.3-cp312.lock`
 Downloaded setuptools
"""


def test_a_wheel_is_downloaded_once_in_the_log() -> None:
    progress = Progress({})
    steps = [step for line in LINES.splitlines() for step in progress.feed(line)]
    told = [(step.message, step.done) for step in steps if step.message.strip().startswith("Downloaded")]
    # that of a build in isolation is uv's own affair, and stays its line
    assert told == [("Downloaded six", 1), ("Downloaded pandas", 2), (" Downloaded setuptools", None)]
