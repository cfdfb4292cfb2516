"""Oracles that change their mind: labels of before are revised before each fit."""

from dataclasses import dataclass

import numpy as np

from skactive.utils._fit_params import weight_name


@dataclass
class Revised:
    """An oracle has other answers now to rows that it answered before.

    It belongs to the event before it: they are taken back together.

    Parameters
    ----------
    rows : list of int
        Distinct labeled rows.
    answers : list
        Their answers of now.
    n_fits : int, default=0
        How many rounds there were before.
    """

    rows: list
    answers: list
    n_fits: int = 0

    def lines(self, run, call):
        """Return the lines of a journal, before the event has changed the run."""
        to_json, values = run.ledger.answers.to_json, run.ledger.values
        return [
            {
                "event": "revise",
                "row": row,
                "answer": to_json(answer),
                "call": call,
                "was": to_json(values[row]) if run.ledger.known[row] else None,
            }
            for row, answer in zip(self.rows, self.answers, strict=True)
        ]

    def apply(self, run):
        """Change the run, where nothing can fail any more; tell if labels changed."""
        given = [True] * len(self.rows)
        run.ledger.record(self.rows, self.answers, given, n_iter=0)
        return True


def changes_its_mind(oracle):
    """Tell whether an oracle may give other answers later."""
    return hasattr(oracle, "revise")


def params_to_come(oracle, model, run):
    """Return what the fit of the model will be given, the weights of labels too.

    A model that takes no weights is refused before a label is paid for.
    """
    if not (changes_its_mind(oracle) and getattr(oracle, "weigh", False)):
        return run.fit_params
    name = weight_name(model)
    if name is None:
        raise ValueError(
            f"{type(oracle).__name__} has weigh=True, and the fit of {model!r} takes "
            "no sample_weight. Take another model, or weigh=False."
        )
    return {name: np.ones(len(run.ledger.known)), **run.fit_params}


def revise(learner, run, oracle):
    """Have an oracle look again at its answers, before a model is fitted on them."""
    if not changes_its_mind(oracle):
        if run.trust is not None:  # what people said since is not doubted
            name, weights = run.trust
            its = set(rows_of_oracle(run).tolist())
            run.trust = name, {r: w for r, w in weights.items() if r in its}
        return
    rows = rows_of_oracle(run)
    if len(rows):
        told = run.ledger.answers.each(oracle.revise(rows), len(rows))
        others = [k for k, answer in enumerate(told) if answer is not None]
        told = [told[k] for k in others]
        told, given = run.ledger.check(rows[others], told, "replace")
        to_json, values = run.ledger.answers.to_json, run.ledger.values
        now = {
            int(row): answer
            for row, answer, is_label in zip(rows[others], told, given, strict=True)
            if is_label and to_json(answer) != to_json(values[row])
        }
        if now:
            n_fits = len(learner.history_["n_labeled"])
            run.happen(Revised(list(now), list(now.values()), n_fits))
    run.trust = None
    if getattr(oracle, "weigh", False):
        run.trust = (weight_name(learner._parts()[0]), _weights(run, oracle, rows))


def rows_of_oracle(run):
    """Return the labeled rows whose label is the oracle's, ascending."""
    its = np.zeros(len(run.ledger.known), dtype=bool)
    for event in run.events:
        if not isinstance(event, Revised):
            its[event.rows] = getattr(event, "by_oracle", False)
    return np.flatnonzero(its & run.ledger.known)


def n_revised(run, n_fits):
    """Return how many labels an oracle revised since a round, in all."""
    events = [event for event in run.events if isinstance(event, Revised)]
    return sum(len(event.rows) for event in events if event.n_fits == n_fits)


def weighed(params, trust, rows):
    """Return arguments of a model's fit, with the weights of labels multiplied in.

    Parameters
    ----------
    params : dict
        Arguments, cut to the labeled rows.
    trust : (str, dict of float) or None
        The name of the weights, and how much the labels of some rows count; those of
        others count 1.
    rows : ndarray of int of shape (n_labeled,)
        The labeled rows.
    """
    if trust is None:
        return params
    name, given = trust[0], params.get(trust[0])
    weights = np.array([trust[1].get(row, 1.0) for row in rows.tolist()])
    return {**params, name: weights if given is None else np.asarray(given) * weights}


def _weights(run, oracle, rows):
    told = np.asarray(oracle.confidence(rows), dtype=float)
    fine = told.shape == rows.shape and (np.isfinite(told) & (told >= 0)).all()
    alone = 0 < len(rows) == len(run.ledger.labeled)
    if not fine or (alone and not told.any()):
        raise ValueError(
            f"{type(oracle).__name__}.confidence must return a finite number of at "
            f"least 0 for each of {len(rows)} rows, not all 0; got {told!r}. The "
            "labels are kept: with weigh=False, resume() goes on."
        )
    return dict(zip(rows.tolist(), told.tolist(), strict=True))
