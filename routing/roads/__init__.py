"""Travel on real roads: what a map's ways mean, the contracted graph, and the legs found on it."""
