"""Approvals: asking for them, deciding, and which commands need one."""
