"""The dispatch judge, by depot: requests, proposals, commands and plan revisions; no I/O, no solving."""
