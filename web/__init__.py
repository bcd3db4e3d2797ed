"""The HTTP edge: webhooks, API, sessions, live stream and pages."""
