import json
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appose_kernel.environments import buildlog
from appose_kernel.environments.buildlog import BuildRecord, Log
from appose_kernel.errors import ApposeKernelError, BuildNotFound
from appose_kernel.model import Phase, Prefix, Step


@pytest.fixture
def record(tmp_path: Path) -> BuildRecord:
    prefix = Prefix(tmp_path / "p", tmp_path / "r")
    return buildlog.create(tmp_path / "pyproject.toml", "cuda", "project · cuda", prefix)


def write(record: BuildRecord, *steps: Step) -> None:
    with closing(Log(record)) as log:
        for step in steps:
            log.add(step)


def test_what_is_written_can_be_read(record: BuildRecord) -> None:
    step = Step(Phase.DOWNLOADING, "numpy", done=1, total=4, bytes_done=10, bytes_total=100)
    before = time.time()
    write(record, Step(Phase.QUEUED, "project · cuda"), step)
    events, offset = buildlog.read(record.id)
    assert [event.step for event in events] == [Step(Phase.QUEUED, "project · cuda"), step]
    assert [event.sequence for event in events] == [0, 1]
    assert before <= events[0].time <= events[1].time <= time.time()
    assert offset == record.log.stat().st_size
    assert buildlog.read(record.id, offset) == ([], offset)
    assert buildlog.read(record.id, 10**30) == ([], 10**30)


def test_reading_goes_on_where_it_stopped(record: BuildRecord) -> None:
    write(record, Step(Phase.QUEUED))
    _, offset = buildlog.read(record.id)
    write(record, Step(Phase.LOCKING))
    events, _ = buildlog.read(record.id, offset)
    assert [event.phase for event in events] == [Phase.LOCKING]
    assert events[0].sequence == 1


def test_a_half_written_line_is_waited_for(record: BuildRecord) -> None:
    write(record, Step(Phase.QUEUED), Step(Phase.LOCKING))
    whole = record.log.read_bytes()
    record.log.write_bytes(whole[:-5])
    events, offset = buildlog.read(record.id)
    assert [event.phase for event in events] == [Phase.QUEUED]
    record.log.write_bytes(whole)
    assert [event.phase for event in buildlog.read(record.id, offset)[0]] == [Phase.LOCKING]


def test_what_comes_after_a_torn_line_is_read(record: BuildRecord) -> None:
    write(record, Step(Phase.QUEUED), Step(Phase.LOCKING))
    record.log.write_bytes(record.log.read_bytes()[:-5])
    write(record, Step(Phase.FAILED))
    assert [event.phase for event in buildlog.read(record.id)[0]] == [Phase.QUEUED, Phase.FAILED]
    last = buildlog.last(record)
    assert last is not None
    assert last.phase is Phase.FAILED


def test_a_log_that_is_not_there_yet_has_no_events(record: BuildRecord) -> None:
    assert buildlog.read(record.id) == ([], 0)
    assert buildlog.last(record) is None
    assert not buildlog.ended(record)


def test_the_last_event_is_found_behind_much_output(record: BuildRecord) -> None:
    write(record, *[Step(Phase.INSTALLING, "x" * 200, output=True)] * 10_000, Step(Phase.READY))
    assert record.log.stat().st_size > 2 * buildlog.CHUNK
    assert buildlog.ended(record)


def test_a_long_log_is_read_in_pieces(record: BuildRecord) -> None:
    count = 6000
    write(record, *[Step(Phase.INSTALLING, "x" * 200, output=True)] * count)
    found, offset = buildlog.read(record.id)
    assert 0 < len(found) < count
    more = found
    while more:
        more, offset = buildlog.read(record.id, offset)
        found = found + more
    assert [event.sequence for event in found] == list(range(count))


def test_a_long_log_is_read_from_its_end(record: BuildRecord) -> None:
    count = 6000
    write(record, *[Step(Phase.INSTALLING, "x" * 200, output=True)] * count)
    found, start, end = buildlog.read_before(record.id)
    assert end == record.log.stat().st_size
    assert 0 < len(found) < count
    while start:
        earlier, start, _ = buildlog.read_before(record.id, start)
        found = earlier + found
    assert [event.sequence for event in found] == list(range(count))
    assert buildlog.read_before(record.id, 0) == ([], 0, 0)


def test_the_end_of_a_log_leaves_out_a_line_that_is_being_written(record: BuildRecord) -> None:
    assert buildlog.read_before(record.id) == ([], 0, 0)
    write(record, Step(Phase.QUEUED), Step(Phase.LOCKING))
    whole = record.log.stat().st_size
    with record.log.open("a") as log:
        log.write('{"build": ')
    found, start, end = buildlog.read_before(record.id)
    assert ([event.phase for event in found], start, end) == ([Phase.QUEUED, Phase.LOCKING], 0, whole)


def test_output_ends_before_it_fills_the_disk_and_steps_do_not(
    record: BuildRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buildlog, "OUTPUT_LIMIT", 10_000)
    write(record, *[Step(Phase.INSTALLING, "x" * 10**6, output=True)] * 50, Step(Phase.READY))
    assert record.log.stat().st_size < 20_000
    events, _ = buildlog.read(record.id)
    assert "no longer kept" in events[-2].step.message
    assert events[-1].phase is Phase.READY


def test_secrets_are_not_written(record: BuildRecord) -> None:
    with closing(Log(record)) as log:
        log.add(Step(Phase.LOCKING, "https://me:hunter2@host/simple", output=True))
        log.add(Step(Phase.FAILED), ApposeKernelError("TOKEN=hunter2", detail="https://me:hunter2@host"))
    assert "hunter2" not in record.log.read_text()
    assert json.loads(record.log.read_text().splitlines()[-1])["error"]["code"] == "error"


STEPS = st.builds(
    Step,
    phase=st.sampled_from(list(Phase)),
    done=st.none() | st.integers(0, 10),
    total=st.none() | st.integers(0, 5),
    bytes_done=st.none() | st.integers(0, 10**9),
    bytes_total=st.none() | st.integers(0, 10**9),
)


@given(steps=st.lists(STEPS, max_size=20))
def test_the_fraction_never_goes_backwards(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    folder = tmp_path_factory.mktemp("log")
    record = buildlog.create(folder / "m", "e", "t", Prefix(folder, folder))
    write(record, *steps)
    fractions = [event.fraction for event in buildlog.read(record.id)[0]]
    assert fractions == sorted(fractions)
    assert all(0 <= fraction <= 1 for fraction in fractions)


def test_within_a_download_bytes_count_before_packages(record: BuildRecord) -> None:
    low, high = buildlog.BANDS[Phase.DOWNLOADING]
    write(
        record,
        Step(Phase.DOWNLOADING, done=1, total=4),
        Step(Phase.DOWNLOADING, done=1, total=4, bytes_done=50, bytes_total=100),
    )
    by_packages, by_bytes = (event.fraction for event in buildlog.read(record.id)[0])
    assert by_packages == pytest.approx(low + (high - low) / 4)
    assert by_bytes == pytest.approx(low + (high - low) / 2)


def test_recent_builds_come_newest_first(record: BuildRecord) -> None:
    older = json.loads(record.file(".json").read_text()) | {"build": "20200101T000000-00000000"}
    (record.folder / "20200101T000000-00000000.json").write_text(json.dumps(older))
    assert [found.id for found in buildlog.recent()] == [record.id, older["build"]]
    assert buildlog.recent(1) == [record]


def test_a_build_that_cannot_be_read_hides_no_other(record: BuildRecord) -> None:
    (record.folder / "20990101T000000-00000000.json").write_text("")
    assert buildlog.recent() == [record]


def test_the_longest_failure_still_ends_its_log(record: BuildRecord) -> None:
    text = "🎉" * (2 * buildlog.DETAIL_LIMIT)
    with closing(Log(record)) as log:
        log.add(Step(Phase.FAILED, text), ApposeKernelError(text, remedy=text, detail=text))
    assert buildlog.ended(record)
    assert len(buildlog.read(record.id)[0]) == 1


def test_a_build_is_found_until_it_is_discarded(record: BuildRecord) -> None:
    assert buildlog.find(record.id) == record
    buildlog.discard(record)
    with pytest.raises(BuildNotFound):
        buildlog.find(record.id)
