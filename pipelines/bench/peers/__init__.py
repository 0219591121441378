"""The peers' programs, one a module, and the kernel that they share.

They run in an environment of their own (`build/bench-venv`), so they import nothing of Doorstep
beyond this folder, and of others the standard library, msgspec and the framework they stand for.
"""
