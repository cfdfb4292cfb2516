"""When a strategy is called better or worse, and why it is not."""

#: Pairs of runs of a data set below which nothing is called better or worse.
MIN_SEEDS = 10
#: Data sets below which nothing is called so over all of them, as for ranks.
MIN_DATASETS = 5


def verdict(difference, than="random"):
    """Return what the pairs of one data set say, in words.

    Parameters
    ----------
    difference : PairedDifference
        Of two strategies, over seeds.
    than : str, default="random"
        What the second one is called.

    Returns
    -------
    words : str
        Below ten pairs how many there are. From there on the interval decides.
    """
    if difference.n < MIN_SEEDS:
        return too_few(difference.n)
    return _in_words(difference.interval, than)


def verdict_over_datasets(difference, than="random"):
    """Return what the pairs of several data sets say, in words.

    Parameters
    ----------
    difference : DifferenceOverDatasets
        Of two strategies, over data sets and their seeds.
    than : str, default="random"
        What the second one is called.

    Returns
    -------
    words : str
        Below five data sets, or ten pairs on one of them, how many there are. From
        there on the interval decides.
    """
    if difference.n < MIN_DATASETS:
        one = "1 data set" if difference.n == 1 else f"{difference.n} data sets"
        return f"{one}: no verdict below five"
    if difference.fewest_seeds < MIN_SEEDS:
        return too_few(difference.fewest_seeds)
    return _in_words(difference.interval, than)


def too_few(n):
    """Say that so many seeds are too few."""
    return f"{n} {'seed' if n == 1 else 'seeds'}: no verdict below ten"


def _in_words(interval, than):
    low, high = interval
    if low > 0:
        return f"better than {than}"
    if high < 0:
        return f"worse than {than}"
    return f"{than} within noise"
