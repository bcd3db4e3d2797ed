"""The process: builds everything, starts it, and is the only package that knows all others."""
