"""What changes who may do what with a runner's data, and what removes it."""

from privacy.actions.consents import (
    NotTheirs,
    Use,
    answer,
    ask_for_consent,
    clean_services,
    end_consent,
    find_request,
    record_consent,
    set_local_only,
    set_rules,
    use_of,
    uses,
)
from privacy.actions.erase import (
    erase_subject,
    finish_erasure,
    forget_again,
    keep_tombstone,
    kept_lists,
    note_letter,
    sweep,
)

__all__ = [
    "NotTheirs",
    "Use",
    "answer",
    "ask_for_consent",
    "clean_services",
    "end_consent",
    "erase_subject",
    "find_request",
    "finish_erasure",
    "forget_again",
    "keep_tombstone",
    "kept_lists",
    "note_letter",
    "record_consent",
    "set_local_only",
    "set_rules",
    "sweep",
    "use_of",
    "uses",
]
