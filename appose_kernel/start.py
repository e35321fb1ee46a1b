"""The program in a kernelspec's ``argv``: ``python -m appose_kernel.start -f FILE …``."""

import os
import sys

# `-m` puts the notebook's folder first, where a file called `json.py` would hide Python's own.
if sys.path and sys.path[0] in ("", os.getcwd()):  # noqa: PTH109  (pathlib may be what is hidden)
    del sys.path[0]

from .kernels.start import main

if __name__ == "__main__":
    main()
