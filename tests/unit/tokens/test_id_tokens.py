"""ID tokens: what the protocol says in them is said by nobody else."""

import datetime as dt

import pytest

from tokens import id_tokens

OURS = ["iss", "sub", "aud", "iat", "exp", "auth_time", "acr", "amr", "sid", "nonce", "at_hash"]


@pytest.mark.usefixtures("signing_keys")
def test_added_claims_replace_none_of_the_protocol() -> None:
    facts = id_tokens.Facts(
        client_id="client", sub="ada", sid="sid", auth_time=1_000_000, acr="1", amr=("pwd",)
    )
    made = id_tokens.mint(
        facts,
        alg="ES256",
        lifetime=dt.timedelta(hours=1),
        beside=id_tokens.Beside(access_token="as_at_x"),
        nonce="n",
        claims={**dict.fromkeys(OURS, "forged"), "name": "Ada"},
    )
    told = id_tokens.hint(made) or {}
    assert set(told) == {*OURS, "name"}
    assert "forged" not in told.values()
    assert (told["sub"], told["aud"], told["acr"], told["amr"]) == ("ada", "client", "1", ["pwd"])
