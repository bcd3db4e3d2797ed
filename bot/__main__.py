"""`tocsin` and `python -m bot`."""

from bot.cli.root import main

if __name__ == "__main__":
    main()
