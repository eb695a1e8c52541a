"""Short, that a day fits a line of a phone: Django's own form takes "23 de noviembre de 2026 a las 06:04"."""

DATE_FORMAT = "j b Y"
DATETIME_FORMAT = "j b Y, H:i"
MONTH_DAY_FORMAT = "j b"
