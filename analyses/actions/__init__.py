"""Every write about an analysis that touches more than one row or the outside world, in the order of its life."""

from analyses.actions.check import ask_again, check_analysis, read_again
from analyses.actions.correct import CorrectionRefused, leave_step_out, put_step_back
from analyses.actions.order import OrderRefused, cancel_order, mark_reviewed, order_analysis
from analyses.actions.pause import continue_orders
from analyses.actions.send import send_analysis
from analyses.actions.service import can_be_called, choose_service, register_webhook, test_service
from analyses.actions.unsure import attach_start, candidates, give_up_start, look_up_start, send_anew

__all__ = [
    "CorrectionRefused",
    "OrderRefused",
    "ask_again",
    "attach_start",
    "can_be_called",
    "cancel_order",
    "candidates",
    "check_analysis",
    "choose_service",
    "continue_orders",
    "give_up_start",
    "leave_step_out",
    "look_up_start",
    "mark_reviewed",
    "order_analysis",
    "put_step_back",
    "read_again",
    "register_webhook",
    "send_analysis",
    "send_anew",
    "test_service",
]
