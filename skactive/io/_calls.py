"""What the lines of a journal amount to: the calls, rounds and answers that count."""

#: What a table shows of the answers that stand.
COLUMNS = ["answer", "event", "who", "time", "round", "cost", "seconds"]

#: What a line of each kind has, beside "event".
KEYS = {
    "answer": {"id", "answer", "who", "round", "cost", "seconds", "call"},
    "skip": {"id", "who", "round", "cost", "seconds", "call"},
    "kept": {"id", "answer"},
    "revise": {"id", "answer", "call"},
    "forget": {"id", "who", "call"},
    "undo": set(),
    "fit": {"n_labeled", "cost", "fit_time"},
    "extend": {"n_samples"},
}

WHOLE = ("round", "call", "n_labeled", "n_samples")
NUMBERS = (*WHOLE, "cost", "fit_time")


def check_events(lines, owner):
    """Refuse lines that are no events of a journal, or take back what is not there.

    Parameters
    ----------
    lines : list of dict
        Lines of a journal but the first.
    owner : str
        The file, for messages.

    Examples
    --------
    >>> from skactive.io._calls import check_events
    >>> check_events([{"event": "undo"}], "'a.jsonl'")
    Traceback (most recent call last):
        ...
    ValueError: Line 2 of 'a.jsonl' takes back a call, and there is none before it. ...
    """
    n_calls, last = 0, None
    for n, line in enumerate(lines, 2):
        kind = line.get("event")
        known = isinstance(kind, str) and kind in KEYS
        lacks = KEYS[kind] - set(line) if known else {"event"}
        if lacks:
            raise ValueError(
                f"Line {n} of {owner} is no event that is known here: it has "
                f"event={kind!r}, and lacks {sorted(lacks)}. Restore the line, or take "
                "the version of skactive that wrote it."
            )
        strange = {k: line[k] for k in NUMBERS if k in line and not _fits(k, line[k])}
        if strange:
            raise ValueError(
                f"Line {n} of {owner} says {strange}, which are no numbers of at least "
                "0. Restore the line."
            )
        if kind == "undo" and not n_calls:
            raise ValueError(
                f"Line {n} of {owner} takes back a call, and there is none before it. "
                "Restore the lines that are missing."
            )
        if kind == "undo":
            n_calls, last = n_calls - 1, None
        elif "call" in line and line["call"] != last and kind != "revise":
            n_calls, last = n_calls + 1, line["call"]


def _fits(key, value):
    kind = int if key in WHOLE else (int, float)
    return isinstance(value, kind) and not isinstance(value, bool) and value >= 0


def read_calls(events):
    """Return the calls that were not taken back, and the rounds that count.

    Parameters
    ----------
    events : list of dict
        Lines of a journal but the first.

    Returns
    -------
    calls : list of (list of dict, int)
        The lines of each call of ``teach`` or ``forget``, and how many rounds there
        were before it.
    rounds : list of dict
        The lines of the rounds.

    Examples
    --------
    >>> from skactive.io._calls import read_calls
    >>> events = [
    ...     {"event": "answer", "id": 7, "answer": "cat", "call": 0},
    ...     {"event": "fit", "n_labeled": 1},
    ...     {"event": "answer", "id": 9, "answer": "dog", "call": 1},
    ...     {"event": "fit", "n_labeled": 2},
    ...     {"event": "undo"},
    ... ]
    >>> calls, rounds = read_calls(events)
    >>> len(calls), [line["n_labeled"] for line in rounds]
    (1, [1])
    """
    calls, rounds = [], []
    for event in events:
        if event["event"] == "undo":
            _, n_fits = calls.pop()
            del rounds[n_fits:]
        elif event["event"] == "fit":
            rounds.append(event)
        elif "call" in event:
            if not calls or calls[-1][0][0]["call"] != event["call"]:
                calls.append(([], len(rounds)))
            calls[-1][0].append(event)
    return calls, rounds


def standing(events):
    """Return the answers and skips that were not taken back, by the id of the sample.

    Examples
    --------
    >>> from skactive.io._calls import standing
    >>> events = [
    ...     {"event": "answer", "id": 7, "answer": "cat", "call": 0},
    ...     {"event": "answer", "id": 9, "answer": "dog", "call": 1},
    ...     {"event": "undo"},
    ... ]
    >>> list(standing(events))
    [7]
    """
    now = {}
    for event in (event for lines, _ in read_calls(events)[0] for event in lines):
        if event["event"] == "forget":
            now.pop(event["id"], None)
        elif event["event"] == "revise":  # who answered, and when, stays
            now[event["id"]] = {**now[event["id"]], "answer": event["answer"]}
        elif event.get("vote"):  # the label is what is made of all votes
            was = {**event, "event": "answer", "answer": event["was"]}
            now.setdefault(event["id"], was)
        else:
            now[event["id"]] = event
    return now
