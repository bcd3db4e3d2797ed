"""What happens by itself: a job comes due, this runs (reactions decide, effects act)."""
