"""Messages as columns: what is judged by the hundred thousand a second is never an object."""
