import asyncio
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import Timeout

from appose_kernel.environments import locks

HOLD = """
import sys
from pathlib import Path
from appose_kernel.environments import locks
with locks.lock(Path(sys.argv[1])).acquire():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_of_another_process_is_seen_until_it_dies(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not locks.held(path)
    argv = [sys.executable, "-c", HOLD, path]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert locks.held(path)
        holder.kill()
        holder.wait()
        assert not locks.held(path)


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    assert not locks.held(tmp_path / "lock")
    assert not (tmp_path / "lock").exists()


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
@pytest.mark.parametrize(("folder", "file"), [(0o777, 0o666), (0o775, 0o664), (0o700, 0o600)])
def test_who_may_write_in_the_folder_may_take_the_lock(tmp_path: Path, folder: int, file: int) -> None:
    tmp_path.chmod(folder)
    with locks.lock(tmp_path / "lock").acquire():
        assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == file


def test_waiting_for_a_lock_lets_others_work(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    async def hold_next(before: asyncio.Event) -> None:
        before.set()
        async with locks.holding(path):
            pass

    async def scenario() -> None:
        waiting = asyncio.Event()
        async with locks.holding(path):
            second = asyncio.create_task(hold_next(waiting))
            await waiting.wait()
            with pytest.raises(Timeout):
                async with locks.holding(path, timeout=0.1):
                    pass
            assert not second.done()
        await asyncio.wait_for(second, 5)

    asyncio.run(scenario())
