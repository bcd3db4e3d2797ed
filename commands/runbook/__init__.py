"""Runbooks: reading them, running them, deciding where a run needs a person."""
