"""Loaded by every Python that finds this folder on its PYTHONPATH: write down where it connects to.

One file for each process in the folder HEARD, of lines of JSON: that it was loaded, then each address it connects or
sends to and each name it asks for. What a C library opens by itself, as PostgreSQL's does, is not heard.
"""

import json
import os
import subprocess
import sys

FOLDER = os.environ["HEARD"]
OPENED = {"socket.connect", "socket.sendto", "socket.sendmsg"}
STARTED = subprocess.Popen.__init__


def note(event, to):
    line = json.dumps({"command": sys.orig_argv, "event": event, "to": to}) + "\n"
    # A fork writes a file of its own; nothing is kept open that a server could close.
    with open(os.path.join(FOLDER, f"{os.getpid()}.jsonl"), "a") as file:
        file.write(line)


def hear(event, arguments):
    if event in OPENED:
        address = arguments[1]
        note(event, list(address[:2]) if isinstance(address, tuple) else [os.fsdecode(address or "")])
    elif event == "socket.getaddrinfo":
        host = arguments[0]
        note(event, [host.decode() if isinstance(host, bytes) else host])


def start(process, arguments, *more, **how):
    # Some of ours begin with an empty environment; they are to be heard like all others.
    if how.get("env") is not None:
        how["env"] = {**how["env"], "HEARD": FOLDER, "PYTHONPATH": os.path.dirname(__file__)}
    STARTED(process, arguments, *more, **how)


note("loaded", [])
subprocess.Popen.__init__ = start
sys.addaudithook(hear)
