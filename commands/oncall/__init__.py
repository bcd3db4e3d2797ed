"""``/oncall``: who is on call, when it is your turn, and instead of whom."""
