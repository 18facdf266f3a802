"""The settings of single sign-on, from what the environment says."""

from collections.abc import Sequence
from typing import Any


def single_sign_on(
    *,
    provider_id: str,
    name: str,
    client_id: str,
    secret: str,
    server_url: str,
    verified_domains: Sequence[str] = (),
) -> dict[str, Any]:
    """SOCIALACCOUNT_PROVIDERS for one OpenID Connect provider; {} when there is none.

    `verified_domains`: domains whose addresses count as checked although the provider does not say
    so in each token; Microsoft Entra does not.
    """
    if not (client_id and server_url):
        return {}
    settings: dict[str, Any] = {"server_url": server_url}
    if verified_domains:
        settings["verified_email"] = list(verified_domains)
    app = {
        "provider_id": provider_id,
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": settings,
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
