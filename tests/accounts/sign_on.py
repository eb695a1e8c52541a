"""A small OpenID Connect service on this machine: it signs with a key of its own and says of people what it is told."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "coachportal", "a secret of the client"


@cache
def _key() -> rsa.RSAPrivateKey:
    """One for all tests: making one takes longer than any of them."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Service:
    """`person` is who signs in there: the claims of the answer. `audience` is whom its tokens are for."""

    def __init__(self) -> None:
        self.key = _key()
        self.person: dict = {"sub": "1", "email": "carol@example.com", "email_verified": True, "name": "Carol"}
        self.audience = CLIENT
        self.asked: list[dict] = []
        self.address = ""

    def answer(self, path: str, given: dict) -> tuple[dict, str]:
        """Return what a page says as JSON, or where it leads."""
        if path == "/.well-known/openid-configuration":
            ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            told = {f"{name}_endpoint": f"{self.address}/{page}" for name, page in ends.items()}
            told |= {"issuer": self.address, "jwks_uri": f"{self.address}/keys"}
            return told | {"token_endpoint_auth_methods_supported": ["client_secret_post"]}, ""
        if path == "/authorize":
            back = urlencode({"code": "a code", "state": given["state"]})
            return {}, f"{given['redirect_uri']}?{back}"
        if path == "/token":
            self.asked.append(given)
            return {"access_token": "an access token", "token_type": "Bearer", "id_token": self._id_token()}, ""
        if path == "/userinfo":
            return self.person, ""
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [jwk | {"kid": "1", "use": "sig", "alg": "RS256"}]}, ""

    def _id_token(self) -> str:
        now = int(time.time())
        claims = {"iss": self.address, "aud": self.audience, "iat": now, "exp": now + 60, **self.person}
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "1"})


@contextmanager
def running_service():
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._say(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _say(self, given: str) -> None:
            fields = {name: values[0] for name, values in parse_qs(given).items()}
            told, leads_to = service.answer(urlsplit(self.path).path, fields)
            body = json.dumps(told).encode()
            self.send_response(302 if leads_to else 200)
            if leads_to:
                self.send_header("Location", leads_to)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output free of requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
