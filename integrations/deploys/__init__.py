"""Deploy pipelines."""
