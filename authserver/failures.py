"""RFC 6749 §4.1.2.1 — failed requests under a short reference, for who has to help.

Whoever was refused is shown the reference and nothing that is registered; with it the operator
finds what was received and expected. Anybody can cause failures, so rows are bounded in number, in
age and per address; what is not taken down is in the log all the same.
"""

import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from django.db import DatabaseError
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from authserver import authorization, errors, findings, models, request
from authserver.findings import Finding
from authserver.request import ProtocolRequest
from config import environment, logs, policy, request_id, throttle

ANSWERS: Final = (
    errors.AccessDenied,
    errors.LoginRequired,
    errors.ConsentRequired,
    errors.InteractionRequired,
    errors.AccountSelectionRequired,
    errors.TemporarilyUnavailable,
)
"""What is an answer rather than a failure: nobody has to look for the reason."""
AUTHORIZATION: Final = "authorization"
END_SESSION: Final = "end_session"
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing to mistake
_LENGTH: Final = 8
_FORM: Final = re.compile(f"[{_ALPHABET}]{{{_LENGTH}}}")
_REQUEST: Final = re.compile(r"[0-9a-f]{16}")
_TRIM_EVERY: Final = 100
_MEANT: Final = str.maketrans("OIL", "011", "- ")
_log: Final = logging.getLogger("authserver.failures")


class _Allowance:
    """How many rows this process may still write, and how many it has written."""

    lock = threading.Lock()
    left, read_at, written = 0.0, 0.0, 0


def of_authorization(page: HttpRequest, fault: errors.ProtocolError) -> str:
    """Take down why an authorization request failed; return its reference, '' for a mere answer."""
    return _noted(page, AUTHORIZATION, fault, findings.asked)


def of_logout(page: HttpRequest, fault: errors.ProtocolError) -> str:
    """Take down why a request to sign out failed; return its reference."""
    return _noted(page, END_SESSION, fault, findings.leaving)


def of_interaction(page: HttpRequest, finding: Finding) -> str:
    """Take down why a sign-in could not go on; return its reference."""
    fault = errors.InvalidRequest("The interaction cannot go on.")
    return _noted(page, AUTHORIZATION, fault, lambda _: [finding])


def uri(page: HttpRequest, fault: errors.ProtocolError) -> dict[str, str]:
    """Return the `error_uri` that goes with an error to a client, if there is more to say."""
    reference = of_authorization(page, fault)
    return {"error_uri": address(reference)} if reference else {}


def address(reference: str) -> str:
    """Return the page that shows a reference to whoever follows an `error_uri`."""
    path = reverse("authserver:failure", kwargs={"reference": reference})
    return environment.current().issuer_origin + path


def find(text: str) -> models.Failure | None:
    """Return a failure by its reference, however it is typed, or by its X-Request-Id."""
    reference, request_name = meant(text), text.strip().lower()
    if not _FORM.fullmatch(reference) and not _REQUEST.fullmatch(request_name):
        return None
    return models.Failure.objects.filter(Q(pk=reference) | Q(request_id=request_name)).first()


def plain(found: models.Failure) -> dict[str, Any]:
    """Return a failure for a program; what is wrong comes first."""
    names = ("endpoint", "error", "description", "clause", "client_id", "request_id")
    return {
        "reference": str(found),
        "at": found.created_at.isoformat(),
        **{name: getattr(found, name) for name in names},
        "findings": found.findings,
    }


def meant(text: str) -> str:
    """Return a reference as it rests: O is 0, I and L are 1, and marks between mean nothing."""
    return text.strip().upper().translate(_MEANT)


def grouped(reference: str) -> str:
    """Return a reference as it is shown."""
    return f"{reference[:4]}-{reference[4:]}" if reference else ""


def sweep(most: int) -> int:
    """Remove some of those kept long enough; return how many went."""
    before = timezone.now() - policy.current().failures.keep
    old = models.Failure.objects.filter(created_at__lt=before).values_list("pk", flat=True)[:most]
    return models.Failure.objects.filter(pk__in=list(old)).delete()[0]


def _noted(
    page: HttpRequest,
    endpoint: str,
    fault: errors.ProtocolError,
    explained: Callable[[ProtocolRequest], Sequence[Finding]],
) -> str:
    if isinstance(fault, ANSWERS):
        return ""
    reference = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    asked = page.META.get(authorization.EFFECTIVE) or request.of_page(page)
    client_id = logs.redacted(asked.optional("client_id") or "")[:255]
    about = {"reference": grouped(reference), "endpoint": endpoint, "client": client_id}
    fields = {**about, "error": fault.error, "why": fault.description}
    _log.info("refused", extra={logs.FIELDS: fields})
    if _may_write(page):
        try:
            _write(reference, endpoint, fault, client_id, explained(asked))
        except (DatabaseError, errors.ProtocolError):
            _log.warning("a failure could not be taken down", extra={logs.FIELDS: about})
    return reference


def _write(
    reference: str,
    endpoint: str,
    fault: errors.ProtocolError,
    client_id: str,
    found: Sequence[Finding],
) -> None:
    models.Failure.objects.create(
        reference=reference,
        endpoint=endpoint,
        error=fault.error,
        description=str(fault.description)[:300],
        clause=fault.clause,
        client_id=client_id,
        request_id=request_id.current(),
        findings=[findings.plain(each) for each in sorted(found, key=lambda one: not one.is_fault)],
    )
    _Allowance.written += 1
    if _Allowance.written % _TRIM_EVERY == 0:
        _trim()


def _trim() -> None:
    """Keep the newest, as many as the policy says."""
    most = policy.current().failures.most
    newest = models.Failure.objects.order_by("-created_at").values_list("created_at", flat=True)
    for oldest_kept in newest[most - 1 : most]:
        models.Failure.objects.filter(created_at__lt=oldest_kept).delete()


def _may_write(page: HttpRequest) -> bool:
    """Tell whether one more row is due: so many a second, and so many from one address."""
    rate, now = policy.current().failures.per_second, time.monotonic()
    with _Allowance.lock:
        grown = _Allowance.left + (now - _Allowance.read_at) * rate
        left = min(10.0 * rate, grown)
        _Allowance.read_at, _Allowance.left = now, max(left - 1, 0.0)
    if left < 1:
        return False
    rule = throttle.rule("explanations")
    return throttle.decide(rule, throttle.address(page.META)).is_allowed
