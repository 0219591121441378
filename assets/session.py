"""How a session on the warehouse is set: the same for builds and for what they are measured beside."""

SESSION = (
    "set TimeZone = 'UTC'",
    "set memory_limit = '1GB'",
    "set preserve_insertion_order = false",
)
"""What does not fit goes to a folder beside the database. Rows that keep no order need not wait in memory."""
