"""What was published when: every version of every figure, and the log of corrections with their reasons."""
