"""Reads for people. Every view takes the reader and shows only what `visible` lets through."""
