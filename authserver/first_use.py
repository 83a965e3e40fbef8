"""The first use of a client that registered itself keeps it from being swept away."""

from authserver import clients, models
from authserver.clients import Client


def note(client: Client) -> None:
    """Write down that a client is used: once, and nothing for every other client."""
    if client.unused_until is None:
        return
    models.Client.objects.filter(pk=client.client_id).update(unused_until=None)
    clients.evict(client.client_id)
