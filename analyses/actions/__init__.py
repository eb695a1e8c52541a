"""Every write about an analysis that touches more than one row or the outside world, in the order of its life."""

from analyses.actions.beside import FilmNotReady, ask_beside, make_beside
from analyses.actions.charge import CreditDecided, decide_credit
from analyses.actions.check import ask_again, check_analysis, give_up_result
from analyses.actions.correct import CorrectionRefused, leave_step_out, put_step_back
from analyses.actions.fetch import read_again
from analyses.actions.habit import set_habit
from analyses.actions.landings import landings_due, picture_landings
from analyses.actions.order import OrderRefused, cancel_order, mark_reviewed, order_analysis
from analyses.actions.pause import continue_orders
from analyses.actions.remember import NotPooled, pin_note, pool_passes, remove_pool
from analyses.actions.repeat import NotOneMinute, forget_repeat, is_one_minute, keep_repeat
from analyses.actions.send import send_analysis
from analyses.actions.service import choose_service, choose_service_for, test_service
from analyses.actions.sync import (
    AlreadySettled,
    NotImported,
    adopt_runner,
    forget_remote_runner,
    import_analysis,
    leave_drift,
    sync_account,
)
from analyses.actions.unsure import attach_start, candidates, give_up_start, look_up_start, send_anew
from analyses.actions.webhook import (
    can_be_called,
    check_webhook,
    forget_old_calls,
    register_webhook,
    replay_calls,
    rotate_webhook,
    webhooks_to_check,
)

__all__ = [
    "AlreadySettled",
    "CorrectionRefused",
    "CreditDecided",
    "FilmNotReady",
    "NotImported",
    "NotOneMinute",
    "NotPooled",
    "OrderRefused",
    "adopt_runner",
    "ask_again",
    "ask_beside",
    "attach_start",
    "can_be_called",
    "cancel_order",
    "candidates",
    "check_analysis",
    "check_webhook",
    "choose_service",
    "choose_service_for",
    "continue_orders",
    "decide_credit",
    "forget_old_calls",
    "forget_remote_runner",
    "forget_repeat",
    "give_up_result",
    "give_up_start",
    "import_analysis",
    "is_one_minute",
    "keep_repeat",
    "landings_due",
    "leave_drift",
    "leave_step_out",
    "look_up_start",
    "make_beside",
    "mark_reviewed",
    "order_analysis",
    "picture_landings",
    "pin_note",
    "pool_passes",
    "put_step_back",
    "read_again",
    "register_webhook",
    "remove_pool",
    "replay_calls",
    "rotate_webhook",
    "send_analysis",
    "send_anew",
    "set_habit",
    "sync_account",
    "test_service",
    "webhooks_to_check",
]
