"""Remote measuring services: configuration in, plain objects out; no Django, no database."""

from __future__ import annotations

from providers.base import Config, Provider, ProviderMisconfigured


def connect(config: Config) -> Provider:
    """Return the provider of `config`, without talking to it yet. Raise ProviderMisconfigured when that cannot work."""
    from providers.ochy.client import OchyClient  # here, so that `providers.base` can be read without httpx

    if config.kind not in ("ochy", "engine"):
        raise ProviderMisconfigured(
            f"There is no provider of kind “{config.kind}”: choose “ochy” or “engine”.", code="unknown_kind"
        )
    return OchyClient(config)
