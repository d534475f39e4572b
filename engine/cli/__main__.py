"""`python -m engine.cli` is `crowdlens`."""

from engine.cli.main import main

if __name__ == "__main__":
    main()
