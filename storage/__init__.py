"""Everything that is remembered: tables, repositories and views."""
