"""The rows of this room: who may ask, what was ordered under which key, and what is still to be told."""

from api.models.tokens import KeyedOrder, Scope, Token
from api.models.webhooks import Delivery, Endpoint, EventType

__all__ = ["Delivery", "Endpoint", "EventType", "KeyedOrder", "Scope", "Token"]
