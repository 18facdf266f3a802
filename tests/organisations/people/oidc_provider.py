"""A small OpenID Connect provider: real HTTP on loopback, real signatures, one person at a time.

It answers discovery, keys (RS256), authorize (code with PKCE), token and userinfo, and checks what
a provider has to check: the client and its secret, the return address, the code and its verifier.
"""

import base64
import hashlib
import json
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.serving import serving

CLIENT, SECRET, KEY_ID = "tracker", "provider-secret", "key-1"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """The provider, and who has signed in to it: the claims it gives about them."""

    address: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuses: bool = False

    def person(self, email: str, *, verified: bool | None = True, **claims: Any) -> None:
        """Who signs in next. `verified` None leaves the claim out, as Microsoft Entra does."""
        self.claims = {"sub": f"sub-{email}", "email": email, "name": "Ana Provider"} | claims
        if verified is not None:
            self.claims["email_verified"] = verified

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes next."""
        back = {"state": asked["state"]}
        if self.refuses:
            return f"{asked['redirect_uri']}?{urlencode(back | {'error': 'access_denied'})}"
        assert asked["client_id"] == CLIENT and asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode(back | {'code': code})}"

    def token(self, given: dict[str, str]) -> dict[str, Any]:
        """The answer to a code, once."""
        asked = self.codes.pop(given["code"])
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert challenge == asked["code_challenge"]
        assert (given["client_id"], given["client_secret"]) == (CLIENT, SECRET)
        assert given["redirect_uri"] == asked["redirect_uri"]
        access, now = secrets.token_urlsafe(16), int(time.time())
        self.tokens[access] = self.claims
        times = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300}
        signed = jwt.encode(self.claims | times, KEY, "RS256", headers={"kid": KEY_ID})
        return {"access_token": access, "token_type": "Bearer", "id_token": signed}


class Handler(BaseHTTPRequestHandler):
    """The provider's addresses."""

    server: Any

    def do_GET(self) -> None:
        """Discovery, keys, authorize, userinfo."""
        provider: Provider = self.server.provider
        parts = urlsplit(self.path)
        if parts.path == "/.well-known/openid-configuration":
            self.answer(provider.discovery())
        elif parts.path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            self.answer({"keys": [public | {"kid": KEY_ID, "alg": "RS256", "use": "sig"}]})
        elif parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", provider.authorize(flat(parts.query)))
            self.end_headers()
        else:
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            self.answer(provider.tokens[bearer])

    def do_POST(self) -> None:
        """Token."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(self.server.provider.token(flat(body)))

    def answer(self, content: dict[str, Any]) -> None:
        """JSON."""
        payload = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *args: Any) -> None:
        """Quiet."""


def flat(query: str) -> dict[str, str]:
    """The first value of each part of a query."""
    return {name: values[0] for name, values in parse_qs(query).items()}


@contextmanager
def running():
    """A provider on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.provider = Provider(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    with serving(server):
        yield server.provider  # type: ignore[attr-defined]
