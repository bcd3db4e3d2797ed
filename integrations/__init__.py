"""The outside world: one file or folder per thing that is not ours."""
