"""Grants for tests: alive, of nobody in particular."""

import dataclasses
import uuid
from typing import Any

from tokens import grants, instants
from tokens.grants import Grant

HOUR = 3600 * instants.SECOND


def new(**changes: Any) -> Grant:
    """Return a grant that has not been taken yet, of a person and a client nobody else has."""
    moment = instants.now()
    grant = Grant(
        id=grants.new_id(),
        client_id=f"client-{uuid.uuid4()}",
        subject=str(uuid.uuid4()),
        sid=str(uuid.uuid4()),
        ends_with_session=True,
        scope="openid",
        resources="",
        authorization_details="",
        claims="",
        auth_time=moment,
        amr="pwd",
        acr="1",
        cnf="",
        epoch_instance=grants.instance_epoch(),
        epoch_person=0,
        epoch_session=0,
        epoch_client=0,
        epoch_consent=0,
        generation=0,
        created_at=moment,
        rotated_at=moment,
        idle=HOUR,
        expires_at=moment + 24 * HOUR,
    )
    return dataclasses.replace(grant, **changes)


def taken(**changes: Any) -> Grant:
    """Return a grant whose code has been redeemed."""
    grant = new(**changes)
    assert grants.take(grant) is grants.Taken.ALIVE
    return grant
