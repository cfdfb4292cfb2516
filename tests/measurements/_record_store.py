"""What is kept of the record: decisions, areas and seconds of finished runs.

An npz file, which is replaced whole, has all of it. The JSON beside it is what pages
show, and is made of it.
"""

import json
import os
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from skactive.benchmark._differs import differing, told
from skactive.benchmark._versions import MADE_BY, versions

NONE = 65535  # no row has this number
ELSEWHERE = "Measure all of it into another file: --results FILE"


class Record:
    """The runs that are kept, by data set and strategy.

    Parameters
    ----------
    path : Path
        The JSON file, beside the npz file of the same name.
    decisions : bool, default=True
        Whether to read the npz file, to go on from it. False: what pages show.

    Attributes
    ----------
    strategies : dict
        By name: "settings", as :func:`describe` has them, and "MB".
    sets : dict
        By name: what the runs on a data set have in common, or "missing".
    runs : dict of dict
        By data set and strategy: lists with one entry for each seed ("seeds", "area",
        "seconds", "asked"), and "error", if one had one.
    starts : dict of dict
        By data set and seed: rows that were labeled to begin with.
    """

    def __init__(self, path, decisions=True):
        self.path = Path(path)
        self.strategies, self.sets, self.runs, self.starts = {}, {}, {}, {}
        self.versions = versions()
        if not decisions:
            self._read(self.path.read_text("utf-8"))
        elif self.decisions_path.exists():
            with np.load(self.decisions_path) as file:
                self._read(file["said"].tobytes().decode())
                self._read_decisions(file)

    @property
    def decisions_path(self):
        """The file of what was asked for."""
        return self.path.with_suffix(".npz")

    def _read(self, text):
        found = json.loads(text)
        self.versions = found.pop("versions")
        self.strategies, self.sets = found.pop("strategies"), found.pop("sets")
        for key, row in found.items():
            name, _, strategy = key.rpartition(": ")
            self.runs.setdefault(name, {})[strategy] = row

    def _read_decisions(self, file):
        for name, rows in self.runs.items():
            low, high = file[f"{name}/asked"].astype(np.int64)
            asked = iter(_without_gaps(low + 256 * high))
            for row in rows.values():
                row["asked"] = [next(asked) for _ in row["seeds"]]
            start = _without_gaps(file[f"{name}/start"].astype(np.int64))
            self.starts[name] = dict(zip(file[f"{name}/seeds"].tolist(), start))

    def check(self):
        """Refuse to go on with what another version measured."""
        now = versions()
        other = [
            f"{name} {self.versions[name]}, here is {now[name]}"
            for name in MADE_BY
            if self.versions[name] != now[name]
        ]
        if other:
            raise ValueError(
                f"{self.path.name} was measured with {', '.join(other)}. {ELSEWHERE}."
            )

    def know(self, name, settings):
        """Refuse to go on with a strategy, or a data set, that is not as it was."""
        kept = self.strategies if "class" in settings else self.sets
        known = kept.setdefault(name, {})
        if "settings" in known and known["settings"] != settings:
            found = told(differing(known["settings"], settings))
            raise ValueError(
                f"{name} is not what is in {self.path.name} ({found}). To measure it "
                f"again: --again {name!r}. {ELSEWHERE}."
            )
        known["settings"] = settings
        known.pop("missing", None)

    def forget(self, name):
        """Drop the runs of a strategy, or of a data set."""
        self.strategies.pop(name, None)
        self.sets.pop(name, None)
        self.runs.pop(name, None)
        self.starts.pop(name, None)
        for rows in self.runs.values():
            rows.pop(name, None)

    def seeds(self, name, strategy):
        """Return the seeds that are kept of a strategy on a data set."""
        return self.runs.get(name, {}).get(strategy, {}).get("seeds", [])

    def add(self, name, strategy, seed, kept, start=None):
        """Keep a run: a dict with "area", "seconds" and "asked"."""
        if start is not None:
            known = self.starts.setdefault(name, {}).setdefault(seed, start)
            self._same(known, start, name, strategy, seed)
        row = self.runs.setdefault(name, {}).setdefault(strategy, {"seeds": []})
        row.pop("error", None)
        if seed in row["seeds"]:
            known = row["asked"][row["seeds"].index(seed)]
            self._same(known, kept["asked"], name, strategy, seed)
            return
        row["seeds"].append(seed)
        for key, value in kept.items():
            row.setdefault(key, []).append(value)

    def fail(self, name, strategy, error):
        """Keep the error of a run that failed."""
        row = self.runs.setdefault(name, {}).setdefault(strategy, {"seeds": []})
        row["error"] = error

    def _same(self, known, found, name, strategy, seed):
        if not np.array_equal(known, found):
            raise ValueError(
                f"{strategy} on {name} with seed {seed} asks for other samples than in "
                f"{self.path.name}: another machine or other libraries. {ELSEWHERE}."
            )

    def write(self):
        """Replace both files, the one that has all of it first."""
        text = self._written().encode()
        arrays = {"said": np.frombuffer(text, dtype=np.uint8)}
        for name, rows in self.runs.items():
            asked = [each for row in rows.values() for each in row.get("asked", ())]
            starts = self.starts.get(name, {})
            asked = _in_one(asked)
            # In two planes of bytes, the second of which can be compressed.
            arrays[f"{name}/asked"] = np.stack([asked & 255, asked >> 8]).astype("u1")
            arrays[f"{name}/start"] = _in_one(starts.values())
            arrays[f"{name}/seeds"] = np.array(list(starts), dtype=np.uint16)
        _replace(self.decisions_path, lambda file: np.savez_compressed(file, **arrays))
        _replace(self.path, lambda file: file.write(text))

    def _written(self):
        """Return the JSON, a line for each strategy on each data set."""
        lines = [f'"versions": {json.dumps(self.versions)}']
        for title, found in (("strategies", self.strategies), ("sets", self.sets)):
            each = ",\n  ".join(
                f"{json.dumps(name)}: {json.dumps(found[name])}" for name in found
            )
            lines.append(f'"{title}": {{\n  {each}\n }}')
        for name, rows in self.runs.items():
            for strategy, row in rows.items():
                row = {key: value for key, value in row.items() if key != "asked"}
                lines.append(f"{json.dumps(f'{name}: {strategy}')}: {json.dumps(row)}")
        return "{\n " + ",\n ".join(lines) + "\n}\n"


def _in_one(rows):
    """Return numbers of rows as one array; a run that began later asks for fewer."""
    rows = list(rows)
    found = np.full((len(rows), max(map(len, rows), default=0)), NONE, dtype=np.uint16)
    for line, each in zip(found, rows):
        line[: len(each)] = each
    return found


def _without_gaps(rows):
    return [line[line != NONE] for line in rows]


def _replace(path, dump):
    """Write a file under another name, and move it into place."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            dump(file)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def told_failures(failures):
    """Return the commonest error of a strategy, by name of the strategy."""
    found = {}
    for failure in failures:
        found.setdefault(failure["strategy"], []).append(failure["error"])
    return {name: Counter(said).most_common(1)[0][0] for name, said in found.items()}
