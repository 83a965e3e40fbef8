"""The Django application of the tokens floor."""

from django.apps import AppConfig

from config import health


class TokensConfig(AppConfig):
    """What is issued."""

    name = "tokens"
    verbose_name = "Tokens"

    def ready(self) -> None:
        """Make a key to sign with a condition of being ready."""
        from tokens import keys, pairwise, ring, vault  # noqa: PLC0415  rows exist only once applications are loaded

        def signing_keys() -> str | None:
            missing = [alg for alg in keys.ALGORITHMS if alg not in ring.current().active]
            return f"no active key for {', '.join(missing)}" if missing else None

        health.need("signing keys", signing_keys)
        vault.holder(keys.reseal)

        def pairwise_secret() -> str | None:
            return "its root key is not in AUTHSERVER_ROOT_KEYS" if pairwise.is_locked() else None

        health.need("pairwise secret", pairwise_secret)
        vault.holder(pairwise.reseal)
