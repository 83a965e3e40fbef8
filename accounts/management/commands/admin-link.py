"""The set-up link, printed here and nowhere else."""  # noqa: N999  the command's name

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import setup
from config import policy


class Command(BaseCommand):
    """`manage.py admin-link [--email ADDRESS]`."""

    help = "Print a link that creates the first administrator, or lets a named one back in."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whom to let back in."""
        parser.add_argument("--email", default="", help="the administrator to let back in")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the link and print it."""
        try:
            link = setup.link(options["email"])
        except LookupError as error:
            raise CommandError(str(error)) from None
        seconds = int(policy.current().lifetimes.setup_link.total_seconds())
        if options["json"]:
            self.stdout.write(json.dumps({"link": link, "expires_in": seconds}))
        else:
            self.stdout.write(link)
            self.stdout.write(
                f"It works once, for {seconds // 60} minutes, and voids any link made before."
            )
