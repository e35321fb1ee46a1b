"""The program in a kernelspec's ``argv``: ``python -m appose_kernel.start -f FILE …``."""

from .kernels.start import main

if __name__ == "__main__":
    main()
