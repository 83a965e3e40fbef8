"""ASVS 5.0 §6.3.3 — which factors a person has beyond what they type from memory."""

from dataclasses import dataclass

from accounts import passkeys
from accounts.models import AuthenticatorApp, RecoveryCode, TwoSteps


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """What one person has. `is_chosen`: they want two steps though they have no app."""

    has_totp: bool = False
    passkeys: int = 0
    recovery_codes_left: int = 0
    is_chosen: bool = False

    @property
    def has_second(self) -> bool:
        """Whether they have anything to be asked for after a password."""
        return self.has_totp or self.passkeys > 0

    @property
    def is_two_step(self) -> bool:
        """Whether a second factor is asked for whenever they sign in with less."""
        return self.has_totp or (self.is_chosen and self.passkeys > 0)


def of(subject: str) -> Factors:
    """Return what a person has."""
    return Factors(
        has_totp=AuthenticatorApp.objects.filter(user_id=subject).exists(),
        passkeys=passkeys.count(subject),
        recovery_codes_left=RecoveryCode.objects.filter(
            user_id=subject, used_at__isnull=True
        ).count(),
        is_chosen=TwoSteps.objects.filter(user_id=subject).exists(),
    )
