"""Deployments: what runs where, and when nothing may go out."""
