"""Short, that a day fits a line of a phone: Django's own form writes the month out."""

DATE_FORMAT = "j N Y"
DATETIME_FORMAT = "j N Y, H:i"
MONTH_DAY_FORMAT = "j N"
