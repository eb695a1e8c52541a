import sys

from door import Stop
from storm.command import main

try:
    sys.exit(main())
except Stop as stop:
    sys.exit(str(stop))
