"""py-rattler's work, in a process of its own: ``python -m appose_kernel.environments.rattler_worker``.

Only :mod:`.tasks` is for the engine to import, and of :mod:`.errors` the words; the rest imports py-rattler.
Apart from the engines, for a process that needs none of them starts in half the time.
"""
