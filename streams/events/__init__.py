"""The events' nouns: frozen structs, one module a subject, each checked when it is decoded."""
