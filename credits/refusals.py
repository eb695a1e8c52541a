"""Why a credit is not spent, each with the sentence a coach reads."""

from __future__ import annotations

from django.utils.translation import ngettext


class NotEnoughCredits(Exception):
    """Fewer are left than were to be spent. `balance`: how many are left."""

    def __init__(self, *, needed: int, balance: int) -> None:
        super().__init__(f"{needed} needed, {balance} left")
        self.needed = needed
        self.balance = balance

    @property
    def sentence(self) -> str:
        text = ngettext(
            "This takes %(needed)s credit and %(balance)s are left. Ask an admin for credits; your film is kept.",
            "This takes %(needed)s credits and %(balance)s are left. Ask an admin for credits; your film is kept.",
            self.needed,
        )
        return text % {"needed": self.needed, "balance": self.balance}


class OverBudget(NotEnoughCredits):
    """The month's budget of the person, or of a group the runner is in, has fewer left.

    `group`: its name, "" for the person's own.
    """

    def __init__(self, *, needed: int, limit: int, used: int, group: str = "") -> None:
        super().__init__(needed=needed, balance=max(0, limit - used))
        self.limit = limit
        self.group = group

    @property
    def sentence(self) -> str:
        if self.group:
            text = ngettext(
                "This takes %(needed)s credit; of the %(limit)s a month for “%(group)s” %(left)s are left. "
                "Ask an admin; your film is kept.",
                "This takes %(needed)s credits; of the %(limit)s a month for “%(group)s” %(left)s are left. "
                "Ask an admin; your film is kept.",
                self.needed,
            )
        else:
            text = ngettext(
                "This takes %(needed)s credit; of your %(limit)s a month %(left)s are left. "
                "Ask an admin; your film is kept.",
                "This takes %(needed)s credits; of your %(limit)s a month %(left)s are left. "
                "Ask an admin; your film is kept.",
                self.needed,
            )
        return text % {"needed": self.needed, "limit": self.limit, "group": self.group, "left": self.balance}
