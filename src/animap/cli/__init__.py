"""The command line. Only this package prints, and only `main` ends the process."""

from animap.cli.app import main

__all__ = ["main"]
