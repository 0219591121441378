"""Roads at the edge: OpenStreetMap files, files of built graphs, and servers that know travel times."""
