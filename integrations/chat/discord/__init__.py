"""Discord: the gateway in, the REST API out, Components V2 as the look."""
