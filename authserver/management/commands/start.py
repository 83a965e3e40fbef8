"""`manage.py start`: prepare everything, open the port, say what to do next."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from authserver import serving, welcome
from config import clock


class Command(BaseCommand):
    """Migrate, make keys and (in development) demo data, and only then open the port."""

    help = "Prepare the database, keys and demo data, then serve."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--no-demo",
            dest="demo",
            action="store_false",
            help="create no demo data (production never does)",
        )
        parser.add_argument(
            "--json", action="store_true", help="print what the banner says as one JSON object"
        )
        parser.add_argument("--prepare-only", action="store_true", help=argparse.SUPPRESS)

    def handle(self, **options: Any) -> None:
        """Serve until stopped."""
        try:
            serving.check_address()
            if wrong := clock.fault():
                raise CommandError(wrong)
            prepared = serving.prepare(with_demo=options["demo"])
        except serving.NotReadyError as fault:
            raise CommandError(str(fault)) from fault
        text = welcome.as_json(prepared) if options["json"] else welcome.banner(prepared)
        if options["prepare_only"]:
            self.stdout.write(text)
            return
        serving.serve(lambda: self._announce(text))

    def _announce(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
