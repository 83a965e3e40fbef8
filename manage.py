#!/usr/bin/env python3
"""The operator's command line: `python manage.py start`, `doctor`, `clients add` and the rest."""

import json
import os
import sys

from django.core.management import execute_from_command_line

from config import environment, faults


def main(arguments: list[str]) -> None:
    """Check the configuration, then run the command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        environment.current()
    except faults.MisconfiguredError as error:
        if "--json" in arguments:
            sys.stdout.write(json.dumps({"faults": error.as_json()}, indent=2) + "\n")
        else:
            sys.stderr.write(error.report())
        sys.exit(faults.EXIT_STATUS)
    execute_from_command_line(arguments)


if __name__ == "__main__":
    main(sys.argv)
