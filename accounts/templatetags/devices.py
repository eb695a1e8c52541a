"""The browser and the device of a session, in words."""

from __future__ import annotations

from django import template

from accounts import devices

register = template.Library()
register.filter("device", devices.device_of)
register.filter("is_mobile", devices.is_mobile)
