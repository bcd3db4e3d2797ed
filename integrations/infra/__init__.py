"""What steps of runs are done with: one file per kind of outside thing."""
