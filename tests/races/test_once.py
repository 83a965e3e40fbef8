"""RFC 7523 §3 (7) — what may be used once is used once, whoever comes at the same moment."""

import functools
from collections import Counter
from typing import Any

from accounts import people, setup
from authserver import registrar
from config import environment
from tests import person
from tests.credentials import Key, KeyAssertion
from tests.parties import MACHINE
from tests.races.crowd import ROUNDS, THREADS, Crowd
from tests.races.worlds import FRONT
from tests.rp import RelyingParty
from tokens import keys, ring


def test_an_assertion_proves_its_client_once() -> None:
    keys.ensure()
    ring.forget()
    key, issuer = Key(), environment.current().issuer
    whole = {**MACHINE, "token_endpoint_auth_method": "private_key_jwt", "jwks": key.jwks}
    client_id = registrar.register(whole).client_id
    proof = KeyAssertion(client_id=client_id, key=key)
    machine = RelyingParty(door=FRONT, issuer=issuer, credentials=proof)
    with Crowd() as crowd:
        for _ in range(ROUNDS):
            _, assertion = proof.proof(issuer)
            form = {"grant_type": "client_credentials", **assertion}
            send = functools.partial(FRONT.post, machine.address("token"), form)
            answers = crowd.run([send] * THREADS)
            assert Counter(answer.status_code for answer in answers) == {200: 1, 401: THREADS - 1}


def test_a_setup_link_lets_one_in() -> None:
    email = person.address()
    administrator = people.create(email=email, password=person.PASSWORD, is_staff=True)
    with Crowd() as crowd:
        for number in range(ROUNDS // 4):
            secret = setup.link(email).rpartition("/")[2]
            accept: Any = functools.partial(
                setup.accept, secret, password=f"Correct-Horse-{number}"
            )
            accepted = crowd.run([accept] * THREADS)
            assert len([one for one in accepted if one is not None]) == 1
            assert setup.find(secret) is None
    people.delete(str(administrator.pk))


def test_a_voided_link_lets_nobody_in_however_the_new_one_comes() -> None:
    email = person.address()
    administrator = people.create(email=email, password=person.PASSWORD, is_staff=True)
    with Crowd(2) as crowd:
        for _ in range(ROUNDS // 4):
            old = setup.link(email).rpartition("/")[2]
            tasks: list[Any] = [
                functools.partial(setup.accept, old, password="Correct-Horse-7battery"),
                functools.partial(setup.link, email),
            ]
            crowd.run(tasks)
            assert setup.find(old) is None
    people.delete(str(administrator.pk))
