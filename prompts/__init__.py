"""What a model is asked: one Markdown file and one typed answer per prompt."""
