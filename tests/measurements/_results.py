"""Checksums of the results: pages show what scripts measured, not what was typed.

    python tests/measurements/_results.py            # add the checksums of new files
    python tests/measurements/_results.py NAME ...   # these were measured once more

The first form never takes a file for measured that has changed since: a number that
was typed into one is found, as is half a merge. ``sha256sum -c checksums.txt`` in the
folder does the same check.
"""

import hashlib
import sys
from pathlib import Path

FOLDER = Path(__file__).parent / "results"
SUMS = "checksums.txt"


def sum_of(path):
    """Return the checksum of a file, whatever its line ends are here."""
    content = path.read_bytes()
    if path.suffix == ".json":
        content = content.replace(b"\r\n", b"\n")
    return hashlib.sha256(content).hexdigest()


def kept(folder=FOLDER):
    """Return the checksums that are written down, by the name of the file."""
    path = folder / SUMS
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def fault(path):
    """Return what is wrong with a file of results, None if nothing is."""
    if not path.exists():
        return f"{path.name} is not there: restore it, or run its script again."
    known = kept(path.parent).get(path.name)
    if known is None:
        return (
            f"{path.name} has no checksum. After its script has measured: "
            "python tests/measurements/_results.py"
        )
    if known != sum_of(path):
        return (
            f"{path.name} is not what its script wrote: it was edited. Restore it (git "
            f"checkout -- tests/measurements/results/{path.name}), or let its script "
            "measure again (--help of it says how) and then: python "
            f"tests/measurements/_results.py {path.name}"
        )
    return None


def files_of(script, folder=FOLDER):
    """Return the files that a script wrote: those whose names begin with its name."""
    found = {*folder.glob(f"{script}.json"), *folder.glob(f"{script}_*.json")}
    return sorted(found) or [folder / f"{script}.json"]


def check(script, folder=FOLDER):
    """Refuse results of a script that it did not write."""
    faults = [said for path in files_of(script, folder) if (said := fault(path))]
    if faults:
        raise ValueError(" ".join(faults))


def seal(names=(), folder=FOLDER):
    """Write down the checksums of new files, and of those that are named."""
    sums = kept(folder)
    files = [*folder.glob("*.json"), *folder.glob("*.npz")]
    there = {path.name: sum_of(path) for path in sorted(files)}
    unknown = sorted(set(names) - set(there))
    if unknown:
        raise ValueError(f"There are no {unknown}, but {sorted(there)}.")
    changed = [name for name in there if name in sums and sums[name] != there[name]]
    refused = [name for name in changed if name not in names]
    if refused:
        raise ValueError(" ".join(fault(folder / name) for name in refused))
    lines = [f"{digest}  {name}\n" for name, digest in sorted(there.items())]
    (folder / SUMS).write_text("".join(lines), "utf-8")
    return [name for name in there if sums.get(name) != there[name]]


if __name__ == "__main__":
    try:
        print("written down:", ", ".join(seal(sys.argv[1:])) or "nothing new")
    except ValueError as error:
        sys.exit(f"error: {error}")
