"""Make an environment that holds a Label Studio server, for the tests of this folder.

    python tests/real_server/make_environment.py FOLDER

The server brings some 155 packages of its own, so that it never goes into the
environment of the library. Prints the variable that the tests read.
"""

import subprocess
import sys
import venv
from pathlib import Path

#: What the recorded replies in the folder of the data sets are from.
VERSION = "1.23.2"


def command_of(folder):
    """Return the path of the command in an environment, made or not."""
    windows = sys.platform == "win32"
    return folder / ("Scripts/label-studio.exe" if windows else "bin/label-studio")


def make(folder):
    """Make the environment, unless it is there; return the path of the command."""
    command = command_of(folder)
    if not command.exists():
        venv.create(folder, with_pip=True)
        python = command.parent / Path(sys.executable).name
        python = python if python.exists() else command.parent / "python"
        pip = [str(python), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, f"label-studio=={VERSION}"], check=True)
    return command


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(f"export SKACTIVE_LABEL_STUDIO={make(Path(sys.argv[1]).resolve())}")
