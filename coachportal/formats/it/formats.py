"""Short and small: Django's own form writes the month with a capital, and the day of the week before it."""

DATE_FORMAT = "j b Y"
DATETIME_FORMAT = "j b Y, H:i"
MONTH_DAY_FORMAT = "j b"
