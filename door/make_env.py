"""./portal make-env HOST: the .env file that docker-compose.yml needs, with fresh secrets."""

import re
import secrets

from door import Stop

HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


def make_env(arguments: list[str]) -> int:
    """Print the settings of a new installation; every run makes other secrets."""
    if len(arguments) != 1 or not HOST.fullmatch(arguments[0]):
        raise Stop("Give the host name people will type, such as: ./portal make-env portal.example.org > .env")
    print(
        f"""\
# Settings of this installation; .env.example explains each. Keep it secret, and keep a copy: without FIELD_KEYS the
# providers' keys in a backup cannot be read.
PUBLIC_HOST={arguments[0]}
TIME_ZONE=UTC
SECRET_KEY={secrets.token_urlsafe(48)}
FIELD_KEYS={secrets.token_urlsafe(48)}
ENGINE_KEY={secrets.token_urlsafe(32)}
POSTGRES_PASSWORD={secrets.token_hex(24)}
REDIS_PASSWORD={secrets.token_hex(24)}
S3_BUCKET=coachportal-films
# The S3 server wants its keys in this form.
S3_ACCESS_KEY=GK{secrets.token_hex(12)}
S3_SECRET_KEY={secrets.token_hex(32)}
GARAGE_RPC_SECRET={secrets.token_hex(32)}"""
    )
    return 0
