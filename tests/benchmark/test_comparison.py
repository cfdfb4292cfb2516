"""A comparison of two strategies: its words, its table and its frame."""

import sys

import numpy as np
import pytest

from skactive.benchmark import Comparison
from skactive.benchmark._comparison import shown
from skactive.metrics import difference_over_datasets, paired_difference


def made(n_seeds=10, gains=(0.1, 0.2, 0.1, 0.3, -0.1), names="vwxyz", b="Other"):
    rng = np.random.RandomState(0)
    noise = [0.01 * rng.randn(n_seeds) for _ in gains]
    a = [0.5 + gain + each for gain, each in zip(gains, noise)]
    base = [np.full(n_seeds, 0.5)] * len(gains)
    return Comparison(
        "Mine",
        b,
        {n: paired_difference(*pair) for n, *pair in zip(names, a, base)},
        difference_over_datasets(a, base),
        {"gone": "where Mine has seeds [1] and Other has seeds [2]"},
    )


def test_verdicts_name_what_is_compared_with():
    found = made()
    assert found.verdicts == {
        **dict.fromkeys("vwxy", "better than Other"),
        "z": "worse than Other",
    }
    assert found.verdict == "Other within noise"
    assert made(gains=[0.1, 0.2, 0.1, 0.3, 0.1]).verdict == "better than Other"


@pytest.mark.parametrize("n_seeds", [1, 4, 9])
def test_below_ten_seeds_there_is_none(n_seeds):
    found = made(n_seeds, gains=[0.1] * 5)
    words = f"{n_seeds} seed{'s' * (n_seeds > 1)}: no verdict below ten"
    assert set(found.verdicts.values()) == {words} and found.verdict == words
    assert f"| {words} |" in found._repr_markdown_()


def test_a_notebook_shows_a_row_for_each_data_set_and_one_for_all():
    lines = made()._repr_markdown_().splitlines()
    assert lines[0].startswith("**Mine** minus **Other**")
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 2 + 5 + 1
    assert {row.count("|") for row in rows} == {6}
    assert rows[-1].startswith("| all 5 | +0.1")
    assert rows[-1].endswith("| 10 or more | above on 4 | Other within noise |")
    assert lines[-1].startswith("Left out: gone, where Mine has seeds ")


def test_names_of_any_kind_are_read_as_they_are():
    text = made(names=["a|b", "*c*", "x", "y", "z"], b="o|p")._repr_markdown_()
    assert "| a\\|b |" in text and "| \\*c\\* |" in text and "than o\\|p |" in text


def test_a_frame_has_a_row_for_each_data_set():
    found = made()
    frame = found.to_frame()
    assert frame["dataset"].tolist() == list("vwxyz")
    first = found.differences["v"]
    row = frame.iloc[0]
    assert (row["mean"], row["low"], row["high"]) == (first.mean, *first.interval)
    assert (row["n"], row["wins"], row["losses"]) == (10, 10, 0)
    assert row["verdict"] == "better than Other"
    assert frame["t_p_value"][0] == first.t_p_value


def test_a_frame_without_pandas_names_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="to_frame needs pandas: pip install pandas"):
        made().to_frame()


def test_without_an_interval_the_mean_stands_alone():
    assert shown(0.01, (float("nan"), float("nan"))) == "+0.0100"
    assert shown(-0.01, (-0.02, 0.0)) == "-0.0100 [-0.0200, +0.0000]"


def test_repr_is_short():
    text = repr(made())
    assert text.startswith("Comparison(a='Mine', b='Other', overall=")
    assert len(text) < 300
