"""Runbooks that stand elsewhere: pages of Markdown or HTML, read as checklists."""
