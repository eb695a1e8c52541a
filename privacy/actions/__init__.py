"""What changes who may do what with a runner's data, and what removes it."""

from privacy.actions.consents import (
    NotTheirs,
    Use,
    answer,
    ask_for_consent,
    clean_films,
    clean_services,
    end_consent,
    find_request,
    record_consent,
    runners_left_outside,
    set_local_only,
    set_rules,
    use_of,
    uses,
)
from privacy.actions.erase import (
    erase_subject,
    finish_erasure,
    forget_again,
    kept_lists,
    note_letter,
    sweep,
)
from privacy.actions.retention import (
    Going,
    due_organizations,
    remove_what_is_old,
    set_retention,
    what_goes,
)
from privacy.actions.words import set_words

__all__ = [
    "Going",
    "NotTheirs",
    "Use",
    "answer",
    "ask_for_consent",
    "clean_films",
    "clean_services",
    "due_organizations",
    "end_consent",
    "erase_subject",
    "find_request",
    "finish_erasure",
    "forget_again",
    "kept_lists",
    "note_letter",
    "record_consent",
    "remove_what_is_old",
    "runners_left_outside",
    "set_local_only",
    "set_retention",
    "set_rules",
    "set_words",
    "sweep",
    "use_of",
    "uses",
    "what_goes",
]
