"""What a typed line means: names, beginnings, numbers, commands."""

import unicodedata

import numpy as np
import pytest

from skactive.oracles._typed import (
    COMMANDS,
    class_of,
    free_commands,
    has_keys,
    is_command,
)

TEN = [f"t{k}" for k in "abcdefghijkl"]
NFD = unicodedata.normalize("NFD", "café")


@pytest.mark.parametrize(
    ("classes", "typed", "expected"),
    [
        # numbers of classes
        (["cat", "dog"], "1", "cat"),
        (["cat", "dog"], "2", "dog"),
        (TEN, "9", "ti"),
        (TEN, "10", "tj"),
        (TEN, "12", "tl"),
        (["inf", "nan", "e1"], "2", "nan"),
        # beginnings
        (["cat", "dog"], "d", "dog"),
        (["cat", "dog"], "DO", "dog"),
        (["2d", "3d"], "2", "2d"),
        (["2024-01", "2025-01"], "2025", "2025-01"),
        (["cat", "1"], "c", "cat"),
        (["unknown", "known"], "un", "unknown"),
        # whole names before beginnings
        (["car", "carpet"], "car", "car"),
        (["car", "carpet"], "CAR", "car"),
        (["Cat", "cats"], "cat", "Cat"),
        (["Cat", "cat"], "cat", "cat"),
        (["S", "M", "L"], "s", "S"),
        (["u", "v"], "u", "u"),
        (["q", "quit"], "quit", "quit"),
        (["quail", "swan"], "qu", "quail"),
        (["?", "!"], "?", "?"),
        # spaces and accents
        ([" cat", "dog "], "cat", " cat"),
        (["a  big dog", "a cat"], "a big  dog", "a  big dog"),
        (["café", "tea"], NFD, "café"),
        ([NFD, "tea"], "café", NFD),
        (["ä", "b"], "Ä", "ä"),
        # classes that are numbers
        (["1", "2", "10"], "1", "1"),
        (["b", "1"], "1", "1"),
        ([10, 20], "10", 10),
        ([3, 1, 2], "1", 1),
        ([-1, 1], "-1", -1),
        ([-1, 1], "+1", 1),
        ([3, 7], "03", 3),
        ([1.0, 2.5], "1", 1.0),
        ([-0.5, 0.5], "-.5", -0.5),
        (np.array([0.1, 0.2], "f"), "0.1", np.float32(0.1).item()),
        (np.array([0.1, 0.2], "f"), "0.10", np.float32(0.1).item()),
        ([2**53, 2**53 + 1], "9007199254740993", 2**53 + 1),
        # yes and no
        ([False, True], "1", True),
        ([False, True], "0", False),
        ([False, True], "t", True),
    ],
)
def test_what_is_meant(classes, typed, expected):
    got = class_of(typed, np.asarray(classes))
    assert got == expected and type(got) is type(expected)


@pytest.mark.parametrize(
    ("classes", "typed"),
    [
        (["cat", "car"], "ca"),  # which of them?
        (["cat", "CAT", "dog"], "Cat"),
        (["cat", "dog"], "0"),
        (["cat", "dog"], "3"),
        (["cat", "dog"], "cats"),
        (["cat", "dog"], "-1"),
        (["cat", "dog"], "1.0"),
        (TEN, "t"),
        # numbers name classes there
        (["1", "20"], "2"),
        (["1", "20"], "02"),
        (["1", "20"], "20.0"),
        (["-1", "1"], "-"),
        (["0.5", "1.5"], "0"),
        (["1", "2e5"], "2e"),
        (["cat", "20"], "2"),
        (["cat", "20"], "3"),
        (["2d", "20"], "3"),
        ([10, 20], "1"),
        ([10, 20], "2"),
        ([1.5, 2.5], "2"),
        ([3, 7], "3.5"),
        ([False, True], "2"),
        ([3, 7], "nan"),
        ([3, 7], "seven"),
        # two meanings of a digit: the second class, and the first one's beginning
        (["3d", "2d"], "1"),
        (["2024-01", "2024-02"], "2"),
        # commands, in upper case too, and whatever begins so
        (["quail", "swan", "gull", "unicorn"], "q"),
        (["quail", "swan", "gull", "unicorn"], "S"),
        (["quail", "swan", "gull", "unicorn"], "U"),
        (["quail", "swan", "gull", "unicorn"], "G"),
        (["cat", "dog"], ""),
        (["cat", "dog"], "  "),
        (["?!", "!?"], "?"),
    ],
)
def test_what_may_mean_two_things_means_nothing(classes, typed):
    assert class_of(typed, np.asarray(classes)) is None


@pytest.mark.parametrize("command", COMMANDS)
def test_a_class_of_the_name_goes_before_a_command(command):
    classes = np.array([command, "other"])
    assert class_of(command, classes) == command
    assert command not in free_commands(classes)
    assert set(free_commands(np.array(["other"]))) == set(COMMANDS)
    assert set(free_commands(None)) == set(COMMANDS)
    assert is_command(command.upper())


@pytest.mark.parametrize(
    ("classes", "keys"),
    [
        (["cat", "dog"], True),
        (["inf", "b"], True),
        (["-1", "b"], False),
        (["2d", "b"], False),
        ([1, 2], False),
        ([1.5, 2], False),
        ([True, False], False),
    ],
)
def test_numbers_stand_for_classes_where_none_begins_with_a_digit(classes, keys):
    assert has_keys(np.asarray(classes)) is keys
