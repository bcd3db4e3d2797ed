"""Deploy pipelines: what they tell (one file a source), and how they are asked."""
