"""`python -m animap`."""

from animap.cli import main

if __name__ == "__main__":
    main()
