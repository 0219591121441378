"""Planning from a file: reads a problem, shows a plan."""
