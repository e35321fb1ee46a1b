"""Start ipykernel from the overlay: ``python boot.py OVERLAY -f FILE``.

The environment's own interpreter runs this file, so it imports nothing of ours and is written for
Python 3.9. The overlay comes last on ``sys.path``: the environment's own packages win, and processes
started from a notebook do not see it. Otherwise it does what ``python -m ipykernel_launcher`` does.
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    if Path(sys.path[0]) == Path(__file__).parent:
        del sys.path[0]
    overlay = sys.argv.pop(1)
    sys.path.append(overlay)
    sys.argv[0] = str(Path(overlay, "ipykernel_launcher.py"))

    from ipykernel import kernelapp

    kernelapp.launch_new_instance()
