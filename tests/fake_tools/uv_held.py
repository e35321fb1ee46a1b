"""The real uv, except that it does not sync before the test lets go of the gate.

The gate is a file that the test has locked; its path is in ``TEST_GATE``, the real uv's in ``TEST_UV``.
"""

import fcntl
import os
import sys
from pathlib import Path

if "sync" in sys.argv:
    with Path(os.environ["TEST_GATE"]).open() as gate:
        fcntl.flock(gate, fcntl.LOCK_SH)
os.execv(os.environ["TEST_UV"], [os.environ["TEST_UV"], *sys.argv[1:]])
