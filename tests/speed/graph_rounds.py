"""Time the rounds of a learner on a graph, made once or in each round.

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/speed/graph_rounds.py [thousand rows] [rounds]

Rows of 64 columns from ten blobs, the entropy of label spreading, batches of 50. Both
ways run in one process; processor seconds of the whole run are printed, and whether
both asked for the same rows.
"""

import sys
import time

import numpy as np
from sklearn.datasets import make_blobs

from skactive import ActiveLearner
from skactive.graph import SparseLabelSpreading
from skactive.uncertainty import EntropySampling

BATCH = 50


def run(X, y, rounds, reuse):
    """Return the seconds of a run, and the rows it asked for."""
    learner = ActiveLearner(
        SparseLabelSpreading(),
        EntropySampling(),
        n_initial=BATCH,
        budget=BATCH * rounds,
        batch_size=BATCH,
        keep_estimators=False,
        reuse=reuse,
        random_state=0,
    )
    start = time.process_time()
    learner.fit(X, y)
    return time.process_time() - start, learner.queried_indices_


def main(thousands=20, rounds=20):
    """Print both times."""
    X, y = make_blobs(
        1000 * thousands, n_features=64, centers=10, cluster_std=8, random_state=0
    )
    (anew, rows), (kept, others) = (run(X, y, rounds, reuse) for reuse in (False, True))
    print(f"reuse=False {anew:.2f} s, reuse=True {kept:.2f} s, {anew / kept:.1f} to 1")
    print("same rows" if np.array_equal(rows, others) else "OTHER ROWS")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
