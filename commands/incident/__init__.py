"""What people ask of an incident."""
