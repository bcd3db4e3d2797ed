"""Pipelines as they are asked to bring a version back, by their published interfaces."""
