"""Language models: the one client through which every model call goes."""
