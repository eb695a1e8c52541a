"""Every operation against its description, with inputs nobody thought of: the vendor's contract, and our own file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from door import ROOT

pytestmark = pytest.mark.slow  # the server is four processes

OURS = ROOT / "engine" / "openapi.yaml"
CONTRACT = ROOT.parent / "shared" / "contracts" / "ochy-partner-api.openapi.yaml"

SETTINGS = """
[auth.openapi.{scheme}]
api_key = "{key}"

[parameters]
analysis_id = "{measured}"

# A made-up film is no film: a well-formed start is refused for what the film is, which no schema can say.
[[operations]]
include-name = "POST /analysis/start"
[operations.checks]
positive_data_acceptance.enabled = false
[operations.phases]
coverage.enabled = {cover_start}
"""


def schemathesis(server, measured: str, description: Path, folder: Path, *, scheme: str, cover_start: str) -> str:
    settings = folder / "schemathesis.toml"
    settings.write_text(SETTINGS.format(scheme=scheme, key=server.key, measured=measured, cover_start=cover_start))
    program = "from schemathesis.cli import schemathesis; schemathesis()"
    command = [sys.executable, "-c", program, "--config-file", settings, "run", description, "--url", server.url]
    command += ["--phases", "coverage,fuzzing", "--max-examples", "16", "--workers", "1"]
    command += ["--generation-deterministic", "--continue-on-failure", "--no-color"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


def test_the_server_is_as_it_describes_itself(server, measured, tmp_path):
    said = schemathesis(server, measured, OURS, tmp_path, scheme="apiKey", cover_start="true")
    assert "Tested: 13" in said, said


@pytest.mark.skipif(not CONTRACT.exists(), reason="not run: ../shared/contracts is absent")
def test_the_server_is_as_the_contract_says(server, measured, tmp_path):
    # The tool cannot cover a form whose rules are conditional and which holds a file; it fuzzes it all the same.
    said = schemathesis(server, measured, CONTRACT, tmp_path, scheme="apiKeyQuery", cover_start="false")
    assert "Tested: 13" in said, said


def test_the_description_is_served_as_it_stands_in_the_repository(server):
    answer = server.client.get(server.url + "/openapi.yaml")
    assert answer.headers["Content-Type"] == "application/yaml"
    assert answer.text == OURS.read_text()


def test_the_description_names_the_thirteen_operations():
    paths = yaml.safe_load(OURS.read_text())["paths"]
    named = {path[method]["operationId"] for path in paths.values() for method in path.keys() - {"parameters"}}
    assert named == {
        "startAnalysis",
        "listAnalyses",
        "getAnalysisResults",
        "getCalculatedData",
        "getRawData",
        "listSubjects",
        "createSubject",
        "getSubject",
        "updateSubject",
        "deleteSubject",
        "listSubjectAnalyses",
        "getWebhook",
        "configureWebhook",
    }
