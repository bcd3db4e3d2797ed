"""Microsoft Teams: bot activities over HTTP, Adaptive Cards, posts as rooms."""
