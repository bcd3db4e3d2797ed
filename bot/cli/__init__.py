"""The command line: what `tocsin` does, and the programs that maintainers run."""
