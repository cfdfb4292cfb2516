"""What the record says: differences to random sampling, in tables for the guide."""

import json

import numpy as np
from _record_menu import IMAGES, MORE_CLASSES, NUMBERS, TEXTS, TWO_CLASSES
from _tables import with_interval
from scipy.stats import rankdata, ttest_1samp

RANDOM, MARGIN = "RandomSampling", "MarginSampling"
FEWEST = 10  # seeds, for a verdict
KINDS = {
    "two classes": TWO_CLASSES,
    "more classes": MORE_CLASSES,
    "images": IMAGES,
    "texts": (TEXTS,),
}
OF_CLASSES = tuple(name for names in KINDS.values() for name in names)
COUNTS = "better / noise / worse"


def difference(name, area, base):
    """Return what an area is beside another: points, or by how many % errors are less.

    Areas of errors are negative.
    """
    if name in NUMBERS:
        return 100 * (np.log(-base) - np.log(-area))
    return 100 * (area - base)


def pairs(record, name, strategy, than=RANDOM):
    """Return the differences to another strategy, seed by seed."""
    rows = record.runs.get(name, {})
    row, base = (
        dict(zip(rows[key]["seeds"], rows[key].get("area", ()))) if key in rows else {}
        for key in (strategy, than)
    )
    return np.array(
        [difference(name, row[seed], base[seed]) for seed in row if seed in base]
    )


def sign(pair, fewest=FEWEST):
    """Return 1 if better by a paired t-test at 5 %, -1 if worse, else 0."""
    if len(pair) < fewest or not pair.std():
        return 0
    return int(np.sign(pair.mean())) * int(ttest_1samp(pair, 0)[1] < 0.05)


def verdict(record, name, strategy):
    """Return whether a strategy is better (1) or worse (-1) than random on a set."""
    return sign(pairs(record, name, strategy))


def cells_of(record):
    """Return all pairs of a data set and a strategy that were run."""
    return [
        (name, strategy)
        for name, rows in record.runs.items()
        for strategy, row in rows.items()
        if row["seeds"] and strategy != RANDOM
    ]


def over_sets(found, n_draws=2000):
    """Return the mean over data sets, and its interval: sets drawn, then seeds."""
    rng, n = np.random.RandomState(0), len(found)
    drawn = rng.randint(n, size=(n_draws, n))
    means = np.empty((n_draws, n))
    for k, pair in enumerate(found):
        there = drawn == k
        seeds = rng.randint(len(pair), size=(there.sum(), len(pair)))
        means[there] = pair[seeds].mean(axis=1)
    mean = np.mean([pair.mean() for pair in found])
    return mean, *np.quantile(means.mean(axis=1), [0.025, 0.975])


def of_sets(record, strategy, names, than=RANDOM):
    """Return the differences on those of some data sets that have any."""
    found = {name: pairs(record, name, strategy, than) for name in names}
    return {name: pair for name, pair in found.items() if len(pair)}


def ranks(record, strategies, names):
    """Return mean ranks on the sets on which all have run, and how many these are."""
    rows = []
    for name in names:
        found = [pairs(record, name, strategy) for strategy in strategies]
        if all(len(pair) for pair in found):
            rows.append(rankdata([-pair.mean() for pair in found]))
    means = np.mean(rows, axis=0) if rows else [np.nan] * len(strategies)
    return dict(zip(strategies, means)), len(rows)


def strategies_on(record, names):
    """Return the strategies that have run on some data sets, the best ones first."""
    found = dict.fromkeys(
        strategy for name in names for strategy in record.runs.get(name, {})
    )
    means = {}
    for strategy in found:
        there = of_sets(record, strategy, names)
        if there:
            means[strategy] = np.mean([pair.mean() for pair in there.values()])
    return sorted(means, key=lambda strategy: -means[strategy])


def cost(record, strategy, names):
    """Return seconds of a query and MB, as text."""
    seconds = [
        each
        for name in names
        for each in record.runs.get(name, {}).get(strategy, {}).get("seconds", ())
    ]
    memory = record.strategies.get(strategy, {}).get("MB")
    return [f"{np.median(seconds):.3f}", "" if memory is None else f"{memory:g}"]


def counted(found):
    """Return on how many sets it was better, within noise and worse, as text."""
    signs = [sign(pair) for pair in found]
    return " / ".join(str(signs.count(each)) for each in (1, 0, -1))


def _beside_random(record, names, unit):
    """Return the table of all strategies on some data sets."""
    all_of_them = strategies_on(record, names)
    rank, n = ranks(record, all_of_them, names)
    header = ["strategy", "sets", f"{unit} beside random", f"rank, {n} sets", COUNTS]
    rows = []
    for strategy in all_of_them:
        found = list(of_sets(record, strategy, names).values())
        same = strategy == RANDOM
        rows.append(
            [
                name_of(strategy),
                len(found),
                "" if same else with_interval(*over_sets(found)),
                f"{rank[strategy]:.1f}",
                "" if same else counted(found),
                *cost(record, strategy, names),
            ]
        )
    return [*header, "s of a query", "MB"], rows


def name_of(strategy):
    """Return a name as pages show it."""
    return f"``{strategy}``"


def _by_kind(record):
    rows = []
    for strategy in strategies_on(record, OF_CLASSES):
        if strategy == RANDOM:
            continue
        cells = []
        for names in KINDS.values():
            found = list(of_sets(record, strategy, names).values())
            few = "" if not found else f"{np.mean([p.mean() for p in found]):+.1f}"
            cells.append(with_interval(*over_sets(found)) if len(found) > 1 else few)
        rows.append([name_of(strategy), *cells])
    return ["strategy", *KINDS], rows


def _of_each_set(record):
    header = ["data set", "random", "margin beside random", "strategies: " + COUNTS]
    rows = []
    for name in (*OF_CLASSES, *NUMBERS):
        title = name.partition("/")[2] or name
        if not record.runs.get(name):
            known = record.sets.get(name, {})
            rows.append([title, "", "", known.get("missing", "not run yet")])
            continue
        areas = record.runs[name][RANDOM]["area"]
        others = [each for each in record.runs[name] if each != RANDOM]
        found = [pair for each in others if len(pair := pairs(record, name, each))]
        margin = pairs(record, name, MARGIN)
        level = np.mean(areas)
        rows.append(
            [
                title,
                f"{-level:.3g}" if name in NUMBERS else f"{100 * level:.1f}",
                f"{margin.mean():+.1f}" if len(margin) else "",
                counted(found),
            ]
        )
    return header, rows


def _failed(record):
    rows = [
        [name, name_of(strategy), row["error"]]
        for name, rows in record.runs.items()
        for strategy, row in rows.items()
        if "error" in row
    ]
    return ["data set", "strategy", "why it did not run"], rows


def tables(record):
    """Return the tables of the user guide, by name."""
    return {
        "classes": _beside_random(record, OF_CLASSES, "points"),
        "numbers": _beside_random(record, NUMBERS, "% of error less"),
        "kinds": _by_kind(record),
        "sets": _of_each_set(record),
        "failed": _failed(record),
    }


def pictures(record):
    """Return the pictures of the user guide, by name: means and intervals."""
    found = {}
    for name, names, unit in (
        ("classes", OF_CLASSES, "points of area beside random sampling"),
        ("numbers", NUMBERS, "% of error less than with random sampling"),
    ):
        rows = [
            (strategy, *over_sets(list(of_sets(record, strategy, names).values())))
            for strategy in strategies_on(record, names)
            if strategy != RANDOM
        ]
        found[name] = f"{unit}, mean and interval over data sets", rows
    return found


def numbers(record, signs):
    """Return what sentences of the user guide say, by name."""
    took = [
        each
        for rows in record.runs.values()
        for row in rows.values()
        for each in row.get("took", ())
    ]
    found = {
        "hours of the table": f"{sum(took) / 3600:.1f}",
        "runs of the table": f"{len(took):,}",
    }
    for strategy in strategies_on(record, OF_CLASSES):
        sets = list(of_sets(record, strategy, OF_CLASSES).values())
        found[f"{strategy} beside random"] = with_interval(*over_sets(sets))
        sets = list(of_sets(record, strategy, OF_CLASSES, MARGIN).values())
        if sets:
            found[f"{strategy} beside margin"] = with_interval(*over_sets(sets))
    if signs.exists():
        rows = json.loads(signs.read_text("utf-8"))["cells"]
        kept = sum(before * after > 0 for *_, before, after in rows)
        found["signs kept"] = f"{kept} of {len(rows)}"
    return found


def write_signs(path, rows):
    """Write what became of signs with other seeds."""
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    path.write_text(f'{{"cells": [\n  {lines}\n]}}\n', "utf-8")
