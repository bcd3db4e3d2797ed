"""Oneself: shifts, accounts, how one can be reached."""
