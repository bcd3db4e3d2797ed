"""Ways to a person that are no chat."""
