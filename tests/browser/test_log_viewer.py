"""The viewer of a build's log: long logs, search, following, colours, and errors."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import labs
import pytest
from playwright.sync_api import Locator, expect

from appose_kernel.environments import buildlog, joining, locks, store
from appose_kernel.environments.buildlog import BuildRecord, Log
from appose_kernel.errors import InstallError
from appose_kernel.model import Phase, Step
from appose_kernel.workspaces import formats

if TYPE_CHECKING:
    from conftest import ProjectFactory

LINES = 100_000


@pytest.fixture
def record(uv_project: ProjectFactory) -> BuildRecord:
    """A build of ``proj``, whose log the test writes."""
    env = formats.environment(formats.open_workspace(uv_project(name="proj")), "default")
    return buildlog.create(env.workspace.manifest, env.name, env.title, store.place(env))


@pytest.fixture
def log(record: BuildRecord) -> Iterator[Log]:
    """The log, with the test in the builder's place: it holds the prefix's lock, so that the build runs."""
    record.prefix.records.mkdir(parents=True)
    buildlog.announce(record, "digest")
    with locks.lock(joining.lock_of(record.prefix)), closing(Log(record)) as opened:
        yield opened


def output(log: Log, *lines: str) -> None:
    for line in lines:
        log.add(Step(Phase.INSTALLING, line, output=True))


def viewer(screen: labs.Screen, record: BuildRecord) -> Locator:
    screen.command("appose-kernel:show-log", build=record.id)
    shown = screen.page.get_by_role("log", name="Log: proj · default")
    expect(shown).to_be_visible()
    return shown


def write_long(record: BuildRecord) -> None:
    """A hundred thousand lines of a tool's output, in the log's own format, as a build of a day may leave."""
    start = time.time() - LINES

    def event(sequence: int, phase: str, message: str, *, said: bool = True) -> str:
        data = {"build": record.id, "sequence": sequence, "time": start + sequence, "fraction": 0.7}
        return json.dumps({**data, "phase": phase, "message": message, "output": said})

    lines = [event(0, "queued", "proj", said=False), event(1, "installing", "Installing", said=False)]
    lines += [event(number, "installing", f"line {number} of the tool") for number in range(2, LINES)]
    lines += [event(LINES, "ready", "proj · default is ready.", said=False)]
    record.log.write_text("\n".join(lines) + "\n")


def test_a_long_log_opens_at_its_end_and_is_whole(record: BuildRecord, screen: labs.Screen) -> None:
    write_long(record)
    screen.open()
    before = time.monotonic()
    shown = viewer(screen, record)
    expect(shown).to_contain_text(f"line {LINES - 1} of the tool")
    print(f"the end of {LINES} lines was there in {time.monotonic() - before:.2f} s")
    expect(shown).to_have_attribute("aria-busy", "false")
    print(f"all of it in {time.monotonic() - before:.2f} s")
    assert shown.locator(".jp-appose-log-line").count() < 200
    expect(shown).to_contain_text(f"line {LINES - 1} of the tool")
    shown.focus()
    screen.page.keyboard.press("Home")
    expect(shown).to_contain_text("line 2 of the tool")
    expect(shown.get_by_role("heading", name="Installing")).to_be_visible()
    screen.page.keyboard.press("PageDown")
    expect(shown).not_to_contain_text("line 2 of the tool")
    screen.page.keyboard.press("End")
    expect(shown).to_contain_text("proj · default is ready.")


def test_a_search_finds_what_is_not_in_the_document(record: BuildRecord, screen: labs.Screen) -> None:
    write_long(record)
    screen.open()
    shown = viewer(screen, record)
    expect(shown).to_have_attribute("aria-busy", "false")
    shown.focus()
    screen.page.keyboard.press("Control+F")
    screen.page.keyboard.type("line 4242")
    overlay = screen.page.locator(".jp-DocumentSearch-overlay")
    expect(overlay).to_contain_text("1/11")  # 4242 and 42420 to 42429
    current = shown.locator("mark.jp-mod-current")
    expect(current).to_be_in_viewport()
    expect(shown).to_contain_text("line 4242 of the tool")
    screen.page.keyboard.press("Enter")
    expect(overlay).to_contain_text("2/11")
    expect(shown).to_contain_text("line 42420 of the tool")
    screen.page.keyboard.press("Shift+Enter")
    screen.page.keyboard.press("Shift+Enter")
    expect(overlay).to_contain_text("11/11")
    screen.page.keyboard.press("Escape")
    expect(shown.locator("mark")).to_have_count(0)


def test_the_end_is_followed_until_somebody_scrolls_up(
    record: BuildRecord, log: Log, screen: labs.Screen
) -> None:
    log.add(Step(Phase.INSTALLING, "Installing", done=0, total=3))
    output(log, *(f"line {number}" for number in range(500)))
    screen.open()
    shown = viewer(screen, record)
    expect(shown).to_contain_text("line 499")
    follow = screen.page.get_by_role("button", name="Follow")
    expect(follow).to_have_attribute("aria-pressed", "true")
    output(log, "the newest line")
    expect(shown.get_by_text("the newest line")).to_be_in_viewport()
    shown.hover()
    screen.page.mouse.wheel(0, -2000)
    expect(follow).to_have_attribute("aria-pressed", "false")
    output(log, *(f"later {number}" for number in range(100)))
    expect(shown.get_by_text("the newest line")).not_to_be_in_viewport()
    follow.click()
    expect(shown.get_by_text("later 99")).to_be_in_viewport()
    log.add(Step(Phase.READY, "proj · default is ready."))
    expect(shown.get_by_text("proj · default is ready.")).to_be_in_viewport()
    expect(follow).to_have_count(0)


def test_a_failed_build_says_what_to_do(record: BuildRecord, log: Log, screen: labs.Screen) -> None:
    output(log, "\x1b[1m\x1b[31merror\x1b[39m\x1b[0m: no \x1b[36mwheel\x1b[0m here", "10 %\r50 %\r100 %")
    output(log, *(f"\x1b[{code}m colour {code} \x1b[0m" for code in (*range(30, 38), *range(90, 98))))
    output(log, *(f"\x1b[{code}m back {code} \x1b[0m" for code in (*range(40, 48), 7)))
    output(
        log, "\x1b[38;5;208morange\x1b[0m \x1b[38;2;255;255;0myellow\x1b[0m <b>no markup</b>" + " long" * 60
    )
    error = InstallError("no space is left on /srv", remedy="Delete what you do not need.", detail="x\ny")
    log.add(Step(Phase.FAILED), error)
    screen.open()
    shown = viewer(screen, record)
    expect(shown).to_contain_text("error: no wheel here")
    expect(shown.get_by_text("100 %", exact=True)).to_be_visible()
    expect(shown).to_contain_text("<b>no markup</b>")
    card = screen.page.get_by_role("region", name="What went wrong")
    expect(card).to_contain_text("no space is left on /srv")
    expect(card).to_contain_text("Delete what you do not need.")
    for dark in (False, True):
        screen.theme(dark)
        assert screen.violations(".jp-appose-log") == []
    screen.theme(dark=True)


@pytest.mark.nightly  # not yet steady: see the issue
def test_a_log_is_there_again_after_a_reload(record: BuildRecord, log: Log, screen: labs.Screen) -> None:
    output(log, "still here")
    log.add(Step(Phase.READY, "proj · default is ready."))
    screen.open()
    viewer(screen, record)
    screen.page.wait_for_function("window.jupyterapp.restored")
    screen.page.goto(screen.page.url.replace("&reset", "").replace("?reset", "?"))
    screen.ready()
    expect(screen.page.get_by_role("log", name="Log: proj · default")).to_contain_text("still here")
