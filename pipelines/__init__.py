"""The composition root: settings, wiring, Dagster definitions and the ``doorstep`` command line."""
