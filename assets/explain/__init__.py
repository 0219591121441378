"""What stands behind a figure: its rows with a reason each, down to the events."""
