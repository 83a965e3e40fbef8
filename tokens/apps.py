"""The Django application of the tokens floor."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    """What is issued."""

    name = "tokens"
    verbose_name = "Tokens"
