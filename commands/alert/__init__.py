"""What people ask about alerts, and do to them."""
