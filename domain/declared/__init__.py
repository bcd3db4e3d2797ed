"""The organisation as files say it: how they are written, checked, compared and put out again."""
