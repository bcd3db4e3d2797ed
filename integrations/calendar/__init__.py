"""Calendars of others: what is written for them."""
