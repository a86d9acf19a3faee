"""`python -m ferryman`, and what the installed command `ferryman` calls."""

from ferryman.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
