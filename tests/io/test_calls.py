"""What the lines of a journal amount to, after all that was taken back."""

import pytest

from skactive.io._calls import check_events, read_calls, standing


def said(name, call, event="answer", **more):
    line = {"event": event, "id": name, "who": None, "round": 0, "cost": 1}
    line |= {"seconds": None, "call": call, **more}
    return {**line, "answer": name.upper()} if event == "answer" else line


FIT = {"event": "fit", "n_labeled": 1, "cost": 1, "fit_time": 0.1}
UNDO = {"event": "undo"}


def test_calls_of_several_lines_and_their_rounds():
    lines = [said("a", 0), said("b", 0), FIT, said("c", 1), FIT]
    calls, rounds = read_calls(lines)
    assert [[line["id"] for line in call] for call, _ in calls] == [["a", "b"], ["c"]]
    assert [n for _, n in calls] == [0, 1] and len(rounds) == 2


def test_undo_takes_back_the_last_call_and_its_round():
    lines = [said("a", 0), FIT, said("b", 1), FIT, UNDO, said("c", 2), FIT]
    calls, rounds = read_calls(lines)
    assert [call[0]["id"] for call, _ in calls] == ["a", "c"] and len(rounds) == 2
    calls, rounds = read_calls([*lines, UNDO, UNDO])
    assert calls == [] and rounds == []


def test_what_stands_after_second_thoughts():
    lines = [
        said("a", 0), said("b", 0), said("c", 1, "skip"), said("a", 2),
        said("b", 3, "forget"), said("d", 4), UNDO,
        {"event": "kept", "id": "a", "answer": "Y"},
    ]  # fmt: skip
    lines[3]["answer"] = "X"
    now = standing(lines)
    assert list(now) == ["a", "c"]
    assert now["a"]["answer"] == "X" and now["c"]["event"] == "skip"
    again = standing([*lines, UNDO])
    assert sorted(again) == ["a", "b", "c"] and again["b"]["answer"] == "B"


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ({}, r"event=None, and lacks \['event'\]"),
        ({"event": "vote"}, "event='vote'"),
        ({"event": ["answer"]}, r"event=\['answer'\]"),
        ({"event": "answer", "answer": 1}, "lacks .*'id'"),
        ({"event": "fit"}, "lacks .*'n_labeled'"),
        (said("a", 1, round=None), r"{'round': None}, which are no numbers"),
        (said("a", 1, cost="2"), "{'cost': '2'}"),
        (said("a", 1, cost=-2), "{'cost': -2}"),
        (said("a", 1, cost=float("nan")), "{'cost': nan}"),
        (said("a", "1"), "{'call': '1'}"),
        (said("a", True), "{'call': True}"),
        ({**FIT, "n_labeled": 1.5}, "{'n_labeled': 1.5}"),
        (UNDO, "takes back a call, and there is none"),
    ],
)
def test_lines_that_are_no_events_are_named(line, match):
    check_events([said("a", 0), UNDO, FIT], "'a'")
    with pytest.raises(ValueError, match=f"Line 5 of 'a' .*{match}"):
        check_events([said("a", 0), UNDO, FIT, line], "'a'")


def test_a_revision_belongs_to_its_call_and_changes_the_answer_alone():
    revised = {"event": "revise", "id": "a", "answer": "B", "call": 0, "was": "A"}
    lines = [said("a", 0, who="Ada"), FIT, said("b", 1), UNDO, revised, FIT]
    calls, rounds = read_calls(lines)
    assert [[line["event"] for line in call] for call, _ in calls] == [
        ["answer", "revise"]
    ]
    assert len(rounds) == 2
    assert standing(lines)["a"]["answer"] == "B"
    assert standing(lines)["a"]["who"] == "Ada"
    check_events([*lines, UNDO], "'a.jsonl'")
    with pytest.raises(ValueError, match="takes back a call"):
        check_events([*lines, UNDO, UNDO], "'a.jsonl'")
    del revised["answer"]
    with pytest.raises(ValueError, match=r"lacks \['answer'\]"):
        check_events(lines, "'a.jsonl'")
