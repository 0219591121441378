"""Every rule that the streams judge by, as data: what it is called, what it means, what holds it."""
