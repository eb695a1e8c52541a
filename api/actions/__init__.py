"""Every write of this room: tokens, orders under a key, and whom we call."""

from api.actions.deliver import deliver_due, note_erased, note_move
from api.actions.endpoints import (
    add_endpoint,
    change_endpoint,
    remove_endpoint,
    replay,
    replay_failed,
    rotate_secret,
    send_test,
    switch_off,
    switch_on,
)
from api.actions.orders import KeyUsedOtherwise, UnderWay, forget_old_keys, order_under_key
from api.actions.tokens import end_token, make_token, token_behind

__all__ = [
    "KeyUsedOtherwise",
    "UnderWay",
    "add_endpoint",
    "change_endpoint",
    "deliver_due",
    "end_token",
    "forget_old_keys",
    "make_token",
    "note_erased",
    "note_move",
    "order_under_key",
    "remove_endpoint",
    "replay",
    "replay_failed",
    "rotate_secret",
    "send_test",
    "switch_off",
    "switch_on",
    "token_behind",
]
