import sys

from storm.command import main

sys.exit(main())
