"""Short and small: Django's own form writes the month out, and with a capital."""

DATE_FORMAT = r"j \d\e b\. \d\e Y"
DATETIME_FORMAT = r"j \d\e b\. \d\e Y, H:i"
MONTH_DAY_FORMAT = r"j \d\e b\."
