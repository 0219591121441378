"""The fleet judge, by vehicle: validation, dedupe, clocks, visits, ETAs, delays, silence, progress."""
