"""``doorstep bench streams``: the worker beside its peers, on one log, in one run."""
