"""Start an analysis, wait for it, read the numbers: a partner's first program, as the contract describes it.

    OCHY_API_KEY=... python polling_snippet.py run.mp4

OCHY_API_URL names another server than the vendor's. Only what the contract documents is used.
"""

import json
import os
import sys
import time

import httpx

API_URL = os.environ.get("OCHY_API_URL", "https://partner-api.ochy-prod.com")
API_KEY = {"apiKey": os.environ["OCHY_API_KEY"]}
POLL_EVERY_S = 3

with open(sys.argv[1], "rb") as film:
    started = httpx.post(
        f"{API_URL}/analysis/start",
        params=API_KEY,
        files={"video": (os.path.basename(sys.argv[1]), film)},
        data={"analysis_type": "side_view", "height": 1.75, "weight": 70, "treadmill": True, "pace": "05:33"},
        timeout=60,
    )
if started.status_code != 202:
    sys.exit(f"not started: {started.json()['detail']}")
video_id = started.json()["video_id"]

while True:
    state = httpx.get(f"{API_URL}/analysis/{video_id}/results", params=API_KEY, timeout=30).json()
    if state["status"] == "success":
        break
    if state["status"] == "failed":
        sys.exit("the analysis failed")
    print(state["status"], state["percentage"], file=sys.stderr)
    time.sleep(POLL_EVERY_S)

numbers = httpx.get(f"{API_URL}/analysis/{video_id}/results/calculated_data", params=API_KEY, timeout=30).json()
print(json.dumps({"metrics": numbers["metrics"], "total_score": numbers["total_score"]}))
