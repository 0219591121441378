"""The HTML report of a published file: one page, readable without anything else."""
