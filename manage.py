#!/usr/bin/env python
"""Django's command line for the portal."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coachportal.settings")
    from django.core.management import execute_from_command_line
    from environs import EnvError

    from accounts import wall

    wall.open_for("whoever may run this may read the whole database")

    try:
        execute_from_command_line(sys.argv)
    except EnvError as error:
        sys.exit(f"{error} .env.example explains each setting.")


if __name__ == "__main__":
    main()
