"""The command: runs, reports, and errors without a traceback."""

import subprocess
import sys
from pathlib import Path


def test_the_command(tmp_path):
    command = [sys.executable, "-m", "skactive.benchmark"]
    options = "--dataset iris --strategies random CoreSet --seeds 5 --n-initial 6"
    options += f" --budget 12 --batch-size 6 --store {tmp_path}"
    done = subprocess.run(
        [*command, *options.split()], capture_output=True, text=True, check=True
    )
    assert "[15/15]" in done.stderr
    assert "| CoreSet |" in done.stdout
    again = subprocess.run(
        [*command, "report", str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "| CoreSet |" in again.stdout
    assert Path(tmp_path / "report" / "report.html").exists()
    wrong = subprocess.run(
        [*command, "--dataset", "iriss"], capture_output=True, text=True
    )
    assert wrong.returncode == 2 and "iris" in wrong.stderr
    assert "Traceback" not in wrong.stderr
