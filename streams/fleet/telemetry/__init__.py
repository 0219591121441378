"""What devices tell of a vehicle beside its place: counters, levels, driving, cargo, faults."""
