"""App configuration."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Who: bodies, their succession and areas; people, roles and permissions."""

    name = "organisations"
