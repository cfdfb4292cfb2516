"""The tables of the report: one for each data set, and one over all of them."""

from collections import Counter

import numpy as np

from skactive.benchmark._comparison import shown
from skactive.benchmark._costs import curve_of, xs_to_show
from skactive.benchmark._page import code, escaped
from skactive.benchmark._verdict import MIN_SEEDS, verdict, verdict_over_datasets
from skactive.metrics import labels_to_reach

OVER = {"cost": "over what the labels cost", "n_labeled": "over the number of labels"}
#: Letters of an error that a cell of a table has room for; the whole is below.
LONGEST_ERROR = 100


def xs_of_dataset(result, dataset):
    """Return what the curves on a data set can be drawn over."""
    return xs_to_show(run for run in result.runs if run.dataset == dataset)


def tables(result, scoring=None, pictures=None):
    """Yield a table for each data set, and before them one for all."""
    if len(result.datasets) > 1:
        for x in (xs := xs_to_show(result.runs)):
            differences = result.differences(scoring=scoring, x=x)
            overall = result.differences_over_datasets(scoring=scoring, x=x)
            over = OVER[x] if len(xs) > 1 else ""
            yield from summary(result, differences, overall, over)
    for dataset in result.datasets:
        yield from [f"## {escaped(dataset)}", ""]
        for x in (xs := xs_of_dataset(result, dataset)):
            if len(xs) > 1:
                yield from [f"### {OVER[x].capitalize()}", ""]
            picture = (pictures or {}).get((dataset, x) if x == "cost" else dataset)
            if picture is not None:
                alt = f"Learning curves on {escaped(dataset)}"
                yield from [f"![{alt}]({picture})", ""]
            yield from dataset_table(result, dataset, scoring, x)
        yield from seeds_used(result, dataset)


def seeds_used(result, dataset):
    """Yield which seeds the areas are of, where strategies have different ones."""
    runs = [list(result.select(dataset, name)) for name in result.strategies]
    shared = result.shared_seeds(dataset)
    if all(seeds == shared for seeds in runs if seeds):
        return
    if shared:
        yield (
            "Not all strategies have the same seeds. Areas and labels are those of the "
            f"seeds that all have: {shared}. Differences are those of the seeds that a "
            "strategy shares with random sampling."
        )
    else:
        yield (
            "No seed is shared by all strategies here: areas and labels are those of "
            "the seeds that each has, and not to be compared with each other."
        )
    yield ""


def summary(result, differences, overall, over=""):
    """Yield one row per strategy, over all data sets."""
    yield from [f"## All data sets{over and f', {over}'}", ""]
    yield (
        "| strategy | data sets | better | random within noise | worse | no verdict "
        "| mean difference | over data sets |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    too_few = set()
    for strategy in result.strategies:
        own = [d[strategy] for d in differences.values() if strategy in d]
        if not own:
            continue
        few = {difference.n for difference in own if difference.n < MIN_SEEDS}
        said = Counter(verdict(difference) for difference in own)
        words = ("better than random", "random within noise", "worse than random")
        counts = [said[word] for word in words]
        found, too_few = overall[strategy], too_few | few
        row = [escaped(strategy), len(own), *counts, len(own) - sum(counts)]
        row += [shown(found.mean, found.interval), verdict_over_datasets(found)]
        yield f"| {' | '.join(map(str, row))} |"
    yield ""
    yield (
        "The interval is one over data sets: these are drawn first, then the seeds of "
        "each."
    )
    if too_few:
        seeds = " to ".join(map(str, sorted({min(too_few), max(too_few)})))
        yield (
            f"No verdict is given below ten seeds, and here are {seeds}. To add some, "
            "give the same call more of them, and the same store."
        )
    yield ""


def dataset_table(result, dataset, scoring, x="n_labeled"):
    """Yield one row per strategy."""
    target = final_score_of_chance(result, dataset, scoring)
    shared = result.shared_seeds(dataset)
    differences = result._differences(dataset, result.chance, scoring, "linear", x)
    what, last = ("cost", "cost/label") if x == "cost" else ("labels", "s/query")
    yield (
        f"| strategy | area | difference to random | wins | verdict | {what} to reach "
        f"{target:.3f} | {last} |"
    )
    yield "|---|---|---|---|---|---|---|"
    for strategy, values in result._areas(dataset, scoring, "linear", x).items():
        by_seed = result.select(dataset, strategy)
        if shared:
            values = result._over_shared(dataset, strategy, values)
        runs = [by_seed[seed] for seed in (shared or by_seed)]
        row = [escaped(strategy), f"{values.mean():.4f}"]
        difference = differences.get(strategy)
        row += ["", "", ""] if difference is None else compared(difference)
        row += [to_reach(runs, scoring, target, x)]
        row += [cost_per_label(runs) if x == "cost" else seconds_per_query(runs)]
        yield f"| {' | '.join(row)} |"
    yield from failed_rows(result, dataset)
    yield ""


def failed_rows(result, dataset):
    """Yield a row for each strategy of which no run on a data set was finished."""
    errors = {}
    for failure in result.failures:
        if failure["dataset"] == dataset:
            errors.setdefault(failure["strategy"], []).append(failure["error"])
    for strategy, found in errors.items():
        if not result.select(dataset, strategy):
            error = found[0].strip()
            if len(error) > LONGEST_ERROR:
                error = f"{error[:LONGEST_ERROR]}..."
            cells = ["–", escaped(error), "", f"failed ({len(found)} runs)"]
            yield f"| {' | '.join([escaped(strategy), *cells, '–', '–'])} |"


def to_reach(runs, scoring, target, x):
    """Return the labels or the cost that it takes to reach a score, in the median."""
    reached = [labels_to_reach(*curve_of(run, scoring, x), target) for run in runs]
    within = [n for n in reached if np.isfinite(n)]
    half = len(within) > len(reached) / 2
    labels = amount(np.median(reached), x) if half else "–"
    if 0 < len(within) < len(reached):
        labels += f" ({len(within)} of {len(reached)})"
    return labels


def amount(value, x="cost"):
    """Return a number of labels, or an amount in a unit that may be large or small."""
    return f"{value:.0f}" if x == "n_labeled" or value >= 100 else f"{value:.3g}"


def cost_per_label(runs):
    """Return what a label cost that was asked for after the beginning."""
    paid = sum(run.cost[-1] - run.cost[0] for run in runs)
    n_asked = sum(run.n_labeled[-1] - run.n_labeled[0] for run in runs)
    return amount(paid / n_asked) if n_asked else "–"


def seconds_per_query(runs):
    """Return the mean time of a query; after the last round nothing is asked."""
    seconds = np.mean(
        [r.query_time[:-1].sum() / max(1, len(r.query_time) - 1) for r in runs]
    )
    return f"{seconds:.4f}" if seconds else "–"  # a replay asks nothing


def compared(difference):
    """Return the cells that compare a strategy with random sampling."""
    cells = [
        shown(difference.mean, difference.interval),
        f"{difference.wins} of {difference.n}",
    ]
    return [*cells, verdict(difference)]


def failures(result):
    """Yield the runs that failed."""
    if result.failures:
        yield from [f"## {len(result.failures)} run(s) failed", ""]
        for failure in result.failures:
            yield (
                f"* {escaped(failure['dataset'])}, {escaped(failure['strategy'])}, "
                f"seed {failure['seed']}: {code(failure['error'])}"
            )
        yield ""


def final_score_of_chance(result, dataset, scoring):
    """Return the mean score of random sampling at the end: a target for all.

    Where no run of it was finished, that of the first strategy that has runs.
    """
    names = [result.chance, *result.strategies]
    runs = next(found for name in names if (found := result.select(dataset, name)))
    seeds = result.shared_seeds(dataset) or runs
    return float(np.mean([runs[seed].score(scoring)[-1] for seed in seeds]))
