"""The API's resources: what can be listed and shown."""
