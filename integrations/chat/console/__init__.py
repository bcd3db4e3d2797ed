"""The built-in chat: in the browser and the terminal, with no account anywhere."""
