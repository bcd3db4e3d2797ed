"""Pages: ask a person, answer, pass it on."""
