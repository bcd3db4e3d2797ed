"""The demo: a seeded company, a clock to turn, and things that break."""
