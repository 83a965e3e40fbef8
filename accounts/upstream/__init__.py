"""Signing in with an account elsewhere: we are the relying party, and believe as little as we may.

`visits` sends a browser to a provider and takes it back, `discovery` knows what the provider says
of itself, `id_tokens` and `github` read who came, and `identities` keeps whose that is here.
"""
