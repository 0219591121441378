"""``python -m pipelines`` is ``doorstep``."""

from pipelines.cli import main

main()
