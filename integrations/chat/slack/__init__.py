"""Slack: Socket Mode by default, signed HTTP where a signing secret is given."""
