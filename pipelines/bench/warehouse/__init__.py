"""How fast the warehouse is built: a day, an hour more, a late event; beside SQL by hand and data frames."""
