#!/usr/bin/env python
"""Django's command line for this project.

Commands find the embedded services running, or run them for as long as the command takes.
"""

import os
import sys
from contextlib import nullcontext

# These need no database, or (the tests) bring their own.
WITHOUT_SERVICES = {"", "help", "--help", "-h", "--version", "version", "collectstatic", "test"}


def main() -> None:
    """Run the command named on the command line."""
    from django.core.management import execute_from_command_line

    from workforce_tracker import services

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workforce_tracker.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        with nullcontext() if command in WITHOUT_SERVICES else services.available():
            execute_from_command_line(sys.argv)
    except services.Problem as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
