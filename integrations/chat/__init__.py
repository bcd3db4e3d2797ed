"""Chat platforms: each hears people, sends messages and renders them."""
