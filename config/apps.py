"""The ground floor as a Django application: it brings the deploy checks and `doctor`."""

from django.apps import AppConfig

from config import checks

__all__ = ["ConfigApp", "checks"]  # importing the checks registers them


class ConfigApp(AppConfig):
    """Where the deployment runs and what it permits."""

    name = "config"
    label = "config"
    verbose_name = "Configuration"
