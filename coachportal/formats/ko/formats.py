"""The clock of 24 hours, as everywhere here: Django's own form puts morning and afternoon behind the time."""

DATETIME_FORMAT = "Y년 n월 j일 H:i"
TIME_FORMAT = "H:i"
