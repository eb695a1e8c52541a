"""A gap between day and time, which Django's own form leaves out."""

DATETIME_FORMAT = "Y年n月j日 G:i"
