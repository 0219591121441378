"""One simulated delivery day through the real parts: processes, progress, and what it ends with."""
