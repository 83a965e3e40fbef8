"""An account at a provider, as it proved itself just now."""

from dataclasses import dataclass


class RefusedError(Exception):
    """What came back from a provider is not believed; `reason` is one fixed sentence, for the log.

    `is_declined` says that the person, or the provider, said no in an orderly way.
    """

    def __init__(self, reason: str, *, is_declined: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_declined = is_declined


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who somebody is at a provider.

    `email` may be anything; it is `is_email_verified` only where the provider said so, and the
    operator believes it. `is_second_factor` tells that the provider asked for enough by itself.
    """

    provider_id: str
    issuer: str
    sub: str
    email: str = ""
    is_email_verified: bool = False
    name: str = ""
    is_second_factor: bool = False

    @property
    def label(self) -> str:
        """What tells this account from the person's others."""
        return (self.email or self.name)[:254]
