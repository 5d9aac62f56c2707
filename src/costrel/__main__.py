"""`python -m costrel` is the command `costrel`."""

from costrel.cli.command import main

if __name__ == "__main__":
    main()
