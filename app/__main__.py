"""``python -m app`` and the ``hingecoach`` command."""

from app.cli import main

if __name__ == "__main__":
    main()
