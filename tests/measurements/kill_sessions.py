"""Kill sessions of labeling at random moments, and look what is left of the answers.

A session runs in a process of its own, says what it is about to do and what was done,
and is ended by SIGKILL. What was done, a call of ``teach`` that came back or an answer
after which the next question was put, must be in the journal, once; what was begun may
be there, all of it or nothing. Sessions of two kinds go on where the last one ended::

    python tests/measurements/kill_sessions.py --kills 200

prints a line for each kind, and exits with 1 if an answer was lost or is there twice.
It takes some minutes, and needs fork and SIGKILL.
"""

import argparse
import json
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # processes are forked

import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.io import Journal
from skactive.oracles import InteractiveOracle
from skactive.uncertainty import MarginSampling

X = np.random.RandomState(0).normal(size=(6000, 2))
CLASSES = ["ant", "bee", "cow"]
#: Sessions on one journal, before there is a new one.
SESSIONS = 10
#: Seconds within which a session is killed; every second one while it opens, too.
LONGEST = 0.6


class Expected:
    """What a journal must say: a list of operations, the last of them begun or done.

    Each operation is ("teach", rows, answers) with None for a skip, ("forget", rows) or
    ("undo",).
    """

    def __init__(self):
        self.done, self.begun, self.n_confirmed = [], None, 0

    def hear(self, line):
        """Take a line of a session."""
        kind, _, value = line.partition(" ")
        if kind == "begin":
            self.begun = json.loads(value)
        elif kind == "done":
            self.n_confirmed += len(self.begun[1]) if self.begun[0] == "teach" else 0
            self.done, self.begun = self._with(self.begun), None

    def _with(self, operation):
        return self.done[:-1] if operation[0] == "undo" else [*self.done, operation]

    def settle(self, found):
        """Compare with what was found; return True if the begun one is in there."""
        if found == state_after(self.done):
            self.begun = None
            return False
        if self.begun is not None and found == state_after(self._with(self.begun)):
            self.done, self.begun = self._with(self.begun), None
            return True
        return None


def state_after(operations):
    """Return the answers {row: answer}, their cost and number of calls, by hand."""
    answers, cost = {}, 0
    for kind, rows, *given in operations:
        if kind == "forget":
            for row in rows:
                del answers[row]
            continue
        for row, answer in zip(rows, given[0], strict=True):
            cost += answers.get(row) is None  # corrections cost nothing
            answers[row] = answer
    return answers, cost, len(operations)


def n_calls_in(path):
    """Return how many calls of a journal were not taken back.

    A correction to the same class is seen by that alone.
    """
    n, last = 0, None
    for event in Journal(path).events():
        if event["event"] == "undo":
            n, last = n - 1, None
        elif event.get("call", last) != last:
            n, last = n + 1, event["call"]
    return n


def state_of(learner):
    """Return the same of a learner, and whether all rows are among those asked for."""
    known = np.flatnonzero(learner.labeled_mask_).tolist()
    answers = {row: learner.labels_[row] for row in known}
    answers.update((row, None) for row in learner.skipped_.tolist())
    order = learner.queried_indices_.tolist()
    return (
        answers,
        learner.cost_,
        n_calls_in(learner.journal),
        (set(order) >= set(answers)),
    )


def open_learner(path, **settings):
    model, strategy = LogisticRegression(), MarginSampling()
    learner = ActiveLearner(model, strategy, journal=path, random_state=0, **settings)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Journal.*the last line was cut off")
        return learner.fit(X)


# ------------------------------------------------------------------- the sessions


def by_hand(path, say, rng):
    """Teach, skip, correct, forget and take back, with and without a fit."""
    learner, n = open_learner(path), 0
    say("ready")
    while True:
        mask = learner.labeled_mask_
        known = np.flatnonzero(mask)
        chance, n = rng.uniform(), n + 1
        refit = n % 20 == 0
        if chance < 0.1 and len(known) > 20:
            rows = rng.choice(known, 3, replace=False).tolist()
            say(f"begin {json.dumps(['forget', rows])}")
            learner.forget(rows, refit=refit)
        elif chance < 0.2 and len(known):  # so that there is a call to take back
            say('begin ["undo"]')
            learner.undo(refit=refit)
        else:
            again = chance < 0.3 and len(known) > 20
            among = known if again else np.flatnonzero(~mask)
            rows = rng.choice(among, rng.randint(1, 6), replace=False).tolist()
            answers = rng.choice([*CLASSES, None], len(rows)).tolist()
            if again:
                answers = [answer or "ant" for answer in answers]
            say(f"begin {json.dumps(['teach', rows, answers])}")
            relabel = "replace" if again else "refuse"
            learner.teach(rows, answers, relabel=relabel, refit=refit)
        say("done")


def at_the_terminal(path, say, rng):
    """Type classes, skip rows and take answers back."""
    asked = []

    def read(prompt):
        if asked and asked[-1] is not None:
            say("done")
        first = "(1 of" in prompt
        typed = rng.choice([*"12345", "s", "u"])
        if typed == "u" and first:
            typed = "1"
        row = shown[-1]
        if typed == "u":
            say('begin ["undo"]')
        else:
            answer = {"s": None}.get(typed, CLASSES[(int(typed) if typed != "s" else 0)
                                                    % 3 - 1])  # fmt: skip
            typed = "s" if answer is None else answer
            say(f"begin {json.dumps(['teach', [row], [answer]])}")
        asked.append(typed)
        return typed

    shown = []
    oracle = InteractiveOracle(
        CLASSES,
        show=lambda row, x: shown.append(int(row)),
        input_fn=read,
        output_fn=lambda text: None,
    )
    open_learner(path, oracle=oracle, budget=10**6)
    say("done")


# -------------------------------------------------------------------- the killing


def kill_one(session, path, delay, seed, *, opened):
    """Run a session in a process, kill it, and return what it said.

    The delay is counted from the start, or from the first word: ``opened``.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            session(
                path,
                lambda line: os.write(writing, f"{line}\n".encode()),
                np.random.RandomState(seed),
            )
        except BaseException as error:
            os.write(writing, f"failed {error!r}\n".encode())
        finally:
            os._exit(0)
    os.close(writing)
    first = os.read(reading, 1) if opened else b""
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as said:
        lines = (first + said.read()).decode().splitlines()
    os.waitpid(child, 0)
    return lines


def measure(session, n_kills, folder, seed=0):
    """Kill a session many times; return counts, and the faults in words."""
    rng = np.random.RandomState(seed)
    counts = dict.fromkeys(("kills", "confirmed", "in the middle", "of these kept"), 0)
    faults = []
    for k in range(n_kills):
        if k % SESSIONS == 0:
            path, expected = folder / f"{session.__name__}_{k}.jsonl", Expected()
        delay, own_seed = rng.uniform(0, LONGEST), int(rng.randint(2**31))
        lines = kill_one(session, path, delay, own_seed, opened=k % 2 == 0)
        faults += [f"{path.name}: {line}" for line in lines if line[:6] == "failed"]
        for line in lines:
            expected.hear(line)
        counts["kills"] += 1
        counts["in the middle"] += expected.begun is not None
        learner = open_learner(path)
        *found, in_order = state_of(learner)
        kept = expected.settle(tuple(found))
        if kept is None or not in_order:
            faults.append(f"{path.name} after kill {k}: {expected.begun}, {lines[-2:]}")
            break
        counts["of these kept"] += kept
        twice = len(learner.queried_indices_) - len(np.unique(learner.queried_indices_))
        if twice and not any(each[0] == "forget" for each in expected.done):
            faults.append(f"{path.name} after kill {k}: {twice} rows twice")
        counts["confirmed"] += expected.n_confirmed
        expected.n_confirmed = 0
        del learner  # lets the journal go
    return counts, faults


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(argv)
    all_faults = []
    warnings.filterwarnings("ignore", "There is no model to ask")
    for session in (by_hand, at_the_terminal):
        with tempfile.TemporaryDirectory() as folder:
            counts, faults = measure(session, given.kills, Path(folder), given.seed)
        print(
            session.__name__, *(f"{what}: {n}" for what, n in counts.items()), sep=", "
        )
        all_faults += faults
    print(*all_faults, f"faults: {len(all_faults)}", sep="\n")
    return bool(all_faults)


if __name__ == "__main__":
    sys.exit(main())
