"""People from the command line: add one, import many, disable, sign out, help who lost a phone."""

import json
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts import email_addresses, importing, people, second_steps
from accounts.models import User


class Command(BaseCommand):
    """`manage.py users add|import|disable|sign-out|reset-factors`."""

    help = "Add, import, disable or sign out people, or reset their second factors."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a verb and what it needs."""
        common = CommandParser(add_help=False)
        common.add_argument("--json", action="store_true", help="print one JSON object")
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", parents=[common], help="create a person")
        add.add_argument("--email", required=True)
        add.add_argument("--name", default="")
        add.add_argument("--administrator", action="store_true")
        add.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password from standard input; without one the person chooses it by"
            " “Forgot your password?”",
        )
        bring = verbs.add_parser(
            "import", parents=[common], help="create or change everybody in a JSON list"
        )
        bring.add_argument("file", help="a JSON file, or - for standard input")
        disable = verbs.add_parser(
            "disable", parents=[common], help="forbid a person to sign in and end all their access"
        )
        disable.add_argument("person", help="e-mail address or sub")
        out = verbs.add_parser(
            "sign-out",
            parents=[common],
            help="end all sessions of a person and tell the applications they were signed in to",
        )
        out.add_argument("person", help="e-mail address or sub")
        reset = verbs.add_parser(
            "reset-factors",
            parents=[common],
            help="remove authenticator app, passkeys and recovery codes of a person who lost them,"
            " and end all their access",
        )
        reset.add_argument("person", help="e-mail address or sub")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        match options["verb"]:
            case "add":
                done = _add(options)
            case "import":
                done = self._import(options)
            case "sign-out":
                done = _sign_out(options["person"])
            case "reset-factors":
                done = _reset_factors(options["person"])
            case _:
                done = _disable(options["person"])
        if options["json"]:
            self.stdout.write(json.dumps(done))
        else:
            self.stdout.write("\n".join(f"{name}: {value}" for name, value in done.items()))

    def _import(self, options: dict[str, Any]) -> dict[str, Any]:
        records = _read(options["file"])
        found = importing.problems(records)
        if found and options["json"]:
            listed = [
                {"index": one.index, "field": one.field, "message": one.message} for one in found
            ]
            self.stdout.write(json.dumps({"errors": listed}))
        if found:
            lines = [f"[{one.index}] {one.field or '-'}: {one.message}" for one in found]
            raise CommandError("\n".join(["Nothing was imported.", *lines]))
        done = importing.bring_in(records)
        return {"created": done.created, "changed": done.changed, "unchanged": done.unchanged}


def _add(options: dict[str, Any]) -> dict[str, Any]:
    email = options["email"].strip()
    password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else None
    faults = _faults(email, password)
    if people.find_by_email(email):
        faults.append("email: there is already a person with this address.")
    if faults:
        raise CommandError("\n".join(faults))
    user = people.create(
        email=email, password=password, name=options["name"], is_staff=options["administrator"]
    )
    return {"sub": str(user.pk), "email": user.email}


def _faults(email: str, password: str | None) -> list[str]:
    faults = []
    try:
        validate_email(email)
        email_addresses.validate(email)
    except ValidationError as error:
        faults += [f"email: {message}" for message in error.messages]
    if password is not None:
        try:
            password_validation.validate_password(password, User(email=email))
        except ValidationError as error:
            faults += [f"password: {message}" for message in error.messages]
    return faults


def _sign_out(who: str) -> dict[str, Any]:
    user = _found(who)
    return {
        "sub": str(user.pk),
        "email": user.email,
        "sessions_ended": people.sign_out(str(user.pk)),
    }


def _reset_factors(who: str) -> dict[str, Any]:
    user = _found(who)
    were_there = second_steps.reset(str(user.pk))
    return {"sub": str(user.pk), "email": user.email, "factors_removed": were_there}


def _found(who: str) -> User:
    user = people.find_by_email(who) if "@" in who else people.find(who)
    if user is None:
        raise CommandError(f"There is no person {who}.")
    return user


def _disable(who: str) -> dict[str, Any]:
    user = _found(who)
    people.disable(str(user.pk))
    return {"sub": str(user.pk), "email": user.email, "is_active": False}


def _read(name: str) -> Any:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return json.loads(text)
    except (OSError, ValueError) as error:
        raise CommandError(f"{name} cannot be read: {error}") from None
