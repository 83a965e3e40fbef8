"""How the API reads what it is sent: JSON, bounded, meaning one thing only; and answers JSON alone.

Every text is judged by the field it is for, so a control character is one fault among the others.
"""

from collections.abc import Iterable, Mapping
from typing import IO, Any, Final

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from accounts.api import problems
from config import json_text, policy

_DEEPEST: Final = 5


class Json(BaseParser):
    """Reads one JSON object."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the object; raise a problem for whatever else it is."""
        most = policy.current().requests.max_body
        length = int((parser_context or {})["request"].META["CONTENT_LENGTH"])  # judged before
        if length > most:
            raise problems.TooLarge
        body: bytes = stream.read(length)
        if len(body) < length:
            raise problems.MalformedRequest("The body is shorter than its Content-Length.")
        try:
            document = json_text.read(
                body.decode(), longest=most, deepest=_DEEPEST, are_texts_judged=False
            )
        except ValueError as fault:
            raise problems.MalformedRequest from fault
        if not isinstance(document, dict):
            raise problems.MalformedRequest
        return document


class OnlyJson(BaseContentNegotiation):
    """Answers JSON whatever Accept says (RFC 9110 §12.5.1): there is nothing else to give."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> Any:
        """Return the parser of a body that says it is JSON, None for any other."""
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((one for one in parsers if one.media_type == kind), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the only one."""
        only = next(iter(renderers))
        return only, only.media_type
