"""Demo data from the command line."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from authserver import demo


class Command(BaseCommand):
    """`manage.py demo add|remove`."""

    help = "Add or remove the demo clients and the demo person."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a verb."""
        parser.add_argument("verb", choices=["add", "remove"])
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        if options["verb"] == "remove":
            done: dict[str, Any] = {"removed": demo.remove()}
        else:
            try:
                done = demo.add().as_dict()
            except demo.ForbiddenError as refusal:
                raise CommandError(str(refusal)) from None
        if options["json"]:
            self.stdout.write(json.dumps(done))
        elif options["verb"] == "remove":
            self.stdout.write(f"{done['removed']} demo clients and people removed.")
        else:
            for name, fields in done.items():
                self.stdout.write(
                    f"{name}: " + "  ".join(value for value in fields.values() if value)
                )
