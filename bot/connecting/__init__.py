"""`tocsin connect`: from nothing to a chat that is heard and spoken to, step by step."""
