"""The report card: what was found, how sure it is, and what the run leaves open."""

import html
import re
from collections import Counter
from pathlib import Path

import numpy as np

from skactive.metrics import labels_to_reach

BASELINE = "RandomSampling"
FEW_SEEDS = 5

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto;
       padding: 0 1rem; color: #1b1f24; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #d0d7de; text-align: right; }
th:first-child, td:first-child { text-align: left; }
img { max-width: 100%; }
code { background: #f2f4f6; padding: .1rem .3rem; }
"""


def write_report(result, folder=None, scoring=None):
    """Return the report in Markdown; with a folder, write it there with pictures."""
    pictures = {}
    if folder is not None:
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        pictures = draw_pictures(result, folder, scoring)
    text = "\n".join(markdown(result, scoring, pictures))
    if folder is not None:
        (folder / "report.md").write_text(text, encoding="utf-8")
        (folder / "report.html").write_text(to_html(text), encoding="utf-8")
    return text


def draw_pictures(result, folder, scoring):
    """Draw curves and matrices; return the file names by what they show."""
    names = {}

    def save(key, display, **options):
        names[key] = re.sub(r"\W+", "_", key).strip("_") + ".png"
        figure = display.plot(**options).figure_
        figure.savefig(folder / names[key], dpi=120, bbox_inches="tight")
        close(figure)  # figures of dozens of data sets must not stay in memory

    for dataset in result.datasets:
        save(dataset, result.curves(dataset, scoring=scoring), band="sem")
    if enough_seeds(result):
        save("penalties", result.penalties(scoring=scoring))
    if enough_datasets(result):
        save("ranks", result.critical_differences(scoring=scoring))
    return names


def close(figure):
    """Free a figure that was only drawn to be saved."""
    import matplotlib.pyplot as plt

    plt.close(figure)


def markdown(result, scoring, pictures):
    """Yield the lines of the report."""
    if not result.runs:
        yield from ["# Benchmark", "", "No run was finished.", ""]
        yield from failures(result)
        return
    config = result.runs[0].config
    name = str(scoring or config["scoring"])
    yield from ["# Is it better than random?", ""]
    yield (
        f"{len(result.runs)} runs: {len(result.strategies)} strategies, "
        f"{len(result.datasets)} data set(s), {n_seeds(result)} paired seeds; "
        f"{config['n_initial']} labels to begin with, then "
        f"{config['budget'] + config['n_validation']} in batches of "
        f"{config['batch_size']}. Score: {name}. Differences are areas under the "
        "learning curve minus that of random sampling on the same split, start and "
        "seed, with 95 % bootstrap intervals over seeds."
    )
    yield ""
    areas, differences = (
        result.areas(scoring=scoring),
        result.differences(scoring=scoring),
    )
    if len(result.datasets) > 1:
        yield from summary(result, differences)
    for dataset in result.datasets:
        yield from [f"## {dataset}", ""]
        if dataset in pictures:
            yield from [f"![Learning curves on {dataset}]({pictures[dataset]})", ""]
        yield from dataset_table(result, dataset, areas, differences, scoring)
    yield from all_together(result, scoring, pictures)
    yield from failures(result)
    yield from pitfalls(result)
    yield from reproduction(result)


def summary(result, differences):
    """Yield one row per strategy, over all data sets."""
    yield from ["## All data sets", ""]
    yield "| strategy | better | random within noise | worse | mean difference |"
    yield "|---|---|---|---|---|"
    for strategy in result.strategies:
        own = [d[strategy] for d in differences.values() if strategy in d]
        if own:
            said = Counter(verdict(difference) for difference in own)
            words = ("better than random", "random within noise", "worse than random")
            counts = " | ".join(str(said[word]) for word in words)
            mean = np.mean([difference.mean for difference in own])
            yield f"| {strategy} | {counts} | {mean:+.4f} |"
    yield ""


def dataset_table(result, dataset, areas, differences, scoring):
    """Yield one row per strategy."""
    target = final_score_of_chance(result, dataset, scoring)
    yield (
        "| strategy | area | difference to random | wins | verdict | labels to reach "
        f"{target:.3f} | s/query |"
    )
    yield "|---|---|---|---|---|---|---|"
    for strategy, values in areas[dataset].items():
        runs = result.select(dataset, strategy).values()
        reached = [labels_to_reach(r.n_labeled, r.score(scoring), target) for r in runs]
        within = [n for n in reached if np.isfinite(n)]
        labels = f"{np.median(reached):.0f}" if len(within) > len(reached) / 2 else "–"
        if 0 < len(within) < len(reached):
            labels += f" ({len(within)} of {len(reached)})"
        seconds = np.mean([r.query_time[:-1].mean() for r in runs])
        query = f"{seconds:.4f}" if seconds else "–"  # a replay has no queries
        row = [strategy, f"{values.mean():.4f}"]
        difference = differences[dataset].get(strategy)
        row += ["", "", ""] if difference is None else compared(difference)
        yield f"| {' | '.join([*row, labels, query])} |"
    yield ""


def compared(difference):
    """Return the cells that compare a strategy with random sampling."""
    low, high = difference.interval
    cells = [
        f"{difference.mean:+.4f} [{low:+.4f}, {high:+.4f}]",
        f"{difference.wins} of {difference.n}",
    ]
    return [*cells, verdict(difference)]


def verdict(difference):
    """Return the verdict in words, as far as the seeds allow one."""
    low, high = difference.interval
    if difference.n < FEW_SEEDS:
        return f"too few seeds ({difference.n}) to say"
    if low > 0:
        return "better than random"
    if high < 0:
        return "worse than random"
    return "random within noise"


def all_together(result, scoring, pictures):
    """Yield what holds over data sets."""
    if "penalties" in pictures:
        yield from ["## Who beats whom", ""]
        yield (
            "Entry (row, column): in how many rounds, as a share and summed over data "
            "sets, the row beat the column at p < 0.05 in a paired t-test, uncorrected "
            "for the number of tests. Low column means are good."
        )
        yield from ["", f"![Pairwise penalty matrix]({pictures['penalties']})", ""]
    if "ranks" in pictures:
        yield from ["## Ranks over data sets", ""]
        yield from [f"![Critical differences]({pictures['ranks']})", ""]


def failures(result):
    """Yield the runs that failed."""
    if result.failures:
        yield from [f"## {len(result.failures)} run(s) failed", ""]
        for failure in result.failures:
            yield (
                f"* {failure['dataset']}, {failure['strategy']}, seed "
                f"{failure['seed']}: `{failure['error']}`"
            )
        yield ""


def pitfalls(result):
    """Yield the pitfalls of Lüth et al. (2023), avoided or not, and a few more."""
    yield from ["## Pitfalls", ""]
    for avoided, text in _checked_pitfalls(result):
        yield f"* {'avoided' if avoided else '**open**'} – {text}"
    yield ""
    yield (
        "All labels of the pool were known: this is a simulation. Parameters chosen by "
        "looking at it are tuned on this data set, and prove nothing about the next."
    )
    yield ""


def _checked_pitfalls(result):
    """Return pairs: was it avoided, and which pitfall."""
    config = result.runs[0].config
    seeds, n_data = n_seeds(result), len(result.datasets)
    validation = "validation: none used, so no labels are spent on it"
    if config["n_validation"]:
        validation = (
            f"validation: {config['n_validation']} labels, paid from the budget"
        )
    training = "joint training: no strategy alters the training"
    if any(run.trained_by != "estimator" for run in result.runs):
        training = "joint training: told apart from selection by clean retraining"
    data = f"data distributions: {n_data} data set(s); five or more tell more"
    model = (
        "classifier configuration: one model for all label counts, not tuned here; if "
        "it was tuned before, on what?"
    )
    return [
        (n_data >= 5, data),
        (False, f"starting budgets: one, {config['n_initial']} labels"),
        (False, f"query sizes: one, {config['batch_size']} labels"),
        (False, model),
        (False, "self- and semi-supervised learning: not part of this run"),
        (True, "pairing: same split, start and model seed for every strategy"),
        (seeds >= FEW_SEEDS, f"seeds: {seeds}; no mark of significance below five"),
        (True, "baselines: random sampling is always on, and margin where it can be"),
        (True, "label counts: areas are taken over the labels actually paid for"),
        (True, validation),
        (True, "test labels: never seen in selection, training or stopping"),
        (True, training),
    ]


def reproduction(result):
    """Yield what is needed to do it again."""
    run = result.runs[0]
    made = ", ".join(f"{name} {number}" for name, number in run.versions.items())
    seeds = sorted({r.seed for r in result.runs})
    yield from ["## To do it again", ""]
    yield f"* made with {made}"
    yield f"* seeds {seeds}"
    yield f"* estimator `{plain(run.config['estimator'])}`"
    yield ""


def plain(config):
    """Write a described estimator as a call."""
    if isinstance(config, dict) and "class" in config:
        name = config["class"].rsplit(".", 1)[-1]
        params = {k: v for k, v in config.items() if k != "class"}
        if "steps" in params:
            return f"{name}({', '.join(plain(step) for _, step in params['steps'])})"
        return f"{name}(...)" if params else f"{name}()"
    return str(config)


def n_seeds(result):
    """Return how many seeds the least complete strategy has."""
    return min(
        len(result.select(d, s))
        for d in result.datasets
        for s in result.strategies
        if result.select(d, s)
    )


def enough_seeds(result):
    """Tell whether a penalty matrix may be drawn."""
    return n_seeds(result) >= FEW_SEEDS and len(result.strategies) > 1


def enough_datasets(result):
    """Tell whether ranks over data sets may be drawn."""
    return len(result._complete_datasets()) >= 5 and len(result.strategies) > 2


def final_score_of_chance(result, dataset, scoring):
    """Return the mean score of random sampling at the end: a target for all."""
    runs = result.select(dataset, BASELINE) or result.select(
        dataset, result.strategies[0]
    )
    return float(np.mean([run.score(scoring)[-1] for run in runs.values()]))


def to_html(text):
    """Turn the Markdown that is written here (no other) into a page of HTML."""
    body, table, bullets = [], [], []

    def flush():
        if table:
            head, _, *rows = table
            body.append("<table>" + row_of(head, "th"))
            body.extend(row_of(row, "td") for row in rows)
            body.append("</table>")
        if bullets:
            body.append("<ul>" + "".join(f"<li>{b}</li>" for b in bullets) + "</ul>")
        table.clear()
        bullets.clear()

    for line in text.splitlines():
        if line.startswith("|"):
            table.append(line)
            continue
        if line.startswith("* "):
            bullets.append(inline(line[2:]))
            continue
        flush()
        if match := re.match(r"(#+) (.*)", line):
            level = len(match[1])
            body.append(f"<h{level}>{inline(match[2])}</h{level}>")
        elif match := re.match(r"!\[(.*)\]\((.*)\)$", line):
            body.append(f'<img alt="{inline(match[1])}" src="{match[2]}">')
        elif line:
            body.append(f"<p>{inline(line)}</p>")
    flush()
    title = html.escape(text.splitlines()[0].lstrip("# "))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def row_of(line, cell):
    """Return a table row of HTML."""
    cells = line.strip().strip("|").split("|")
    return (
        "<tr>"
        + "".join(f"<{cell}>{inline(c.strip())}</{cell}>" for c in cells)
        + "</tr>"
    )


def inline(text):
    """Return text of HTML, with code and bold."""
    text = re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text))
    return re.sub(r"\*\*([^*]*)\*\*", r"<b>\1</b>", text)
