"""`python -m ferryman`, and what the installed command `ferryman` calls."""

import sys
from typing import NoReturn

INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line and end the process. Ctrl-C ends it with one word at every moment, also while the commands
    are still being read in: never with a stack trace (ERR-1)."""
    try:
        from ferryman.cli.main import main as command_line

        command_line()
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted\n")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
