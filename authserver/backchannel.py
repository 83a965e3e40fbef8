"""OIDC Back-Channel Logout §2.5 — every client that took part in a session is told of its end.

What has to be said is put into the outbox by the transaction that ends the session, so nobody waits
for a client that is slow, and none that is away is forgotten. A client is looked up again when it
is told: one that is gone or disabled by then hears nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.dispatch import receiver

from accounts import signals
from accounts.participation import Participant
from authserver import client_keys, clients, errors, issuing, models
from authserver.clients import Client
from config import outbox, outgoing
from tokens import logout_tokens

KIND: Final = "backchannel_logout"
_DONE: Final = frozenset({200, 204})  # 204: frameworks make that of an empty 200 (§2.8)


def listening(those: Iterable[Participant]) -> frozenset[str]:
    """Return which of these clients are told by back channel."""
    rows = models.Client.objects.filter(pk__in=[one.client_id for one in those], is_active=True)
    return frozenset(rows.exclude(backchannel_logout_uri="").values_list("pk", flat=True))


@receiver(signals.session_ended, dispatch_uid="authserver.backchannel")
def ended(subject: str, sid: str, participants: tuple[Participant, ...], **_news: Any) -> None:
    """Have every client told; joins the transaction that ends the session."""
    if not participants:
        return
    for client_id in sorted(listening(participants)):
        payload = {"client_id": client_id, "subject": subject, "sid": sid}
        outbox.put(KIND, payload, target=client_id)  # not the host: others may name it too


@outbox.handler(KIND)
def deliver(payload: dict[str, Any]) -> None:
    """Tell one client.

    Raises:
        UndeliveredError: when it did not say that it understood. Even 400 is tried again: it also
            stands for a logout that failed (§2.8), and the next token is a new one.
    """
    client = _found(payload["client_id"])
    if client is None or not client.backchannel_logout_uri:
        return
    try:
        token = _token(client, payload)
        status = outgoing.post_form(client.backchannel_logout_uri, {"logout_token": token})
    except outgoing.OutgoingError as error:
        raise outbox.UndeliveredError(error.reason) from error
    except errors.ProtocolError as error:
        raise outbox.UndeliveredError(error.description) from error
    if status not in _DONE:
        raise outbox.UndeliveredError(f"The client answered {status}.")


def _found(client_id: str) -> Client | None:
    try:
        return clients.find(client_id)
    except errors.TemporarilyUnavailable as error:
        raise outbox.UndeliveredError("Clients cannot be looked up at the moment.") from error


def _token(client: Client, payload: Mapping[str, str]) -> str:
    """Return the token in the client's own terms, signed and encrypted like its ID tokens."""
    signed = logout_tokens.mint(
        client_id=client.client_id,
        sub=issuing.sub_of(client, payload["subject"]),
        sid=issuing.sid_of(client, payload["sid"]),
        alg=client.id_token_signed_response_alg,
    )
    alg, enc = client.id_token_encrypted_response_alg, client.id_token_encrypted_response_enc
    return client_keys.encrypt(client, signed, alg=alg, enc=enc) if alg else signed
