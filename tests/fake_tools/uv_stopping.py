"""The real uv, except that it writes down what it is asked, and waits where the test tells it to.

``TEST_CALLS`` is the file to write to, ``TEST_STOP_AT`` the word in the arguments at which to wait until
the test unlocks the file ``TEST_GATE``; ``TEST_UV`` is the real uv. With ``TEST_STUBBORN`` an interrupt is
written down and has no other effect.
"""

import fcntl
import os
import signal
import sys
from pathlib import Path


def write(line):
    with Path(os.environ["TEST_CALLS"]).open("a") as calls:
        calls.write(line + "\n")


write(" ".join(sys.argv[1:]))
if os.environ["TEST_STOP_AT"] in sys.argv:
    if os.environ.get("TEST_STUBBORN"):
        signal.signal(signal.SIGINT, lambda *_: write("interrupted"))
    with Path(os.environ["TEST_GATE"]).open() as gate:
        fcntl.flock(gate, fcntl.LOCK_SH)
os.execv(os.environ["TEST_UV"], [os.environ["TEST_UV"], *sys.argv[1:]])
