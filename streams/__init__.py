"""Events, contracts, pure stream state machines, the Faust worker, landing, ingest and the simulator."""
