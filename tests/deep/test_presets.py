"""Strategies by the name of a preset, and the settings of their parts."""

import inspect

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from skactive.deep import REVIVAL, SRAAL, VAAL, GCNPropagator
from skactive.deep._presets import PresetMixin
from skactive.nets import VAEEmbedding
from skactive.testing import all_strategies
from skactive.utils import set_random_states

pytestmark = pytest.mark.deep


class Part(BaseEstimator):
    def __init__(self, size=1, speed=1, random_state=None):
        self.size = size
        self.speed = speed
        self.random_state = random_state


def as_part(value):
    if isinstance(value, str) and value != "small":
        raise ValueError(f"no part is called {value!r}")
    return Part() if value is None or isinstance(value, str) else value


class Whole(PresetMixin, BaseEstimator):
    _parts = {"part": as_part}
    _presets = {
        "default": {},
        "fast": {"part__speed": 9, "depth": 3},
        "small": {"part": "small", "part__size": 0},
    }

    def __init__(self, first=0, *, part=None, depth=1, random_state=None):
        self.first = first
        self.part = part
        self.depth = depth
        self.random_state = random_state


def said(whole):
    part = as_part(whole.part)
    return whole.first, whole.depth, part.size, part.speed


@pytest.mark.parametrize(
    "name, first, settings, expected",
    [
        ("default", (), {}, (0, 1, 1, 1)),
        ("fast", (), {}, (0, 3, 1, 9)),
        ("fast", (7,), {"depth": 5}, (7, 5, 1, 9)),
        ("fast", (), {"first": 7, "part__size": 4}, (7, 3, 4, 9)),
        ("fast", (), {"part__speed": 2}, (0, 3, 1, 2)),
        ("fast", (), {"part": "small"}, (0, 3, 1, 9)),
        ("small", (), {}, (0, 1, 0, 1)),
        ("small", (), {"part__size": 6}, (0, 1, 6, 1)),
        ("default", (), {"part": Part(8), "part__speed": 5}, (0, 1, 8, 5)),
    ],
)
def test_settings_go_before_those_of_the_preset(name, first, settings, expected):
    assert said(Whole.from_preset(name, *first, **settings)) == expected


def test_nothing_of_the_preset_is_shared_by_what_it_makes():
    one, other = Whole.from_preset("small"), Whole.from_preset("small")
    assert one.part is not other.part
    one.set_params(part__size=5)
    assert said(Whole.from_preset("small")) == (0, 1, 0, 1)


def test_a_given_part_is_copied_and_left_alone():
    part = Part(8)
    made = Whole.from_preset("default", part=part, part__speed=5)
    assert made.part is not part and part.speed == 1


def test_a_whole_part_beside_a_preset_of_it_is_refused():
    with pytest.raises(ValueError, match="'fast' sets part__speed, and a whole part"):
        Whole.from_preset("fast", part=Part())
    assert Whole.from_preset("fast").set_params(part=Part(2)).part.speed == 1


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="'slow' of Whole; .* 'default', 'fast', 'sm"):
        Whole.from_preset("slow")
    with pytest.raises(ValueError, match="Invalid parameter 'weight'"):
        Whole.from_preset("fast", part__weight=1)
    with pytest.raises(TypeError, match="weight"):
        Whole.from_preset("fast", weight=1)
    with pytest.raises(ValueError, match="no part is called 'large'"):
        Whole.from_preset("fast", part="large")


def test_a_part_that_is_none_or_a_word_can_be_set():
    for given in (None, "small"):
        whole = Whole(part=given).set_params(part__size=4, depth=2)
        assert said(whole) == (0, 2, 4, 1)
    assert said(Whole().set_params(part=Part(3), part__speed=2)) == (0, 1, 3, 2)
    kept = Part()
    assert Whole(part=kept).set_params(part__size=4).part is kept


def test_the_seed_of_a_part_is_not_drawn():
    """So a strategy has the same seed with a part as without."""
    seeds = []
    for part in (None, Part()):
        whole = Whole(part=part)
        set_random_states(whole, 0)
        seeds.append(whole.random_state)
    assert seeds[0] == seeds[1]
    params = Whole(part=Part(3)).get_params()
    assert params["part__size"] == 3 and "part__random_state" not in params
    assert clone(Whole(part=Part(random_state=5))).part.random_state == 5


# ------------------------------------------------------------- what the strategies have

RELEASED = {
    VAAL: VAAL(
        fused=False,
        autoencoder=VAEEmbedding(recon_reduction="mean", kl_reduction="sum"),
    ),
    SRAAL: SRAAL(
        fused=False,
        stl_weight=5.0,
        recon_weight=5.0,
        autoencoder=VAEEmbedding(recon_reduction="mean", kl_reduction="batch_mean"),
    ),
}


@pytest.mark.parametrize("cls", RELEASED, ids=lambda cls: cls.__name__)
def test_released_is_what_was_released(cls):
    assert repr(cls.from_preset("released")) == repr(RELEASED[cls])
    assert repr(cls.from_preset("default")) == repr(cls())


def test_a_word_for_the_propagator_keeps_what_the_preset_sets_of_it():
    made = REVIVAL.from_preset("boostmis", propagator="sgc")
    assert type(made.propagator).__name__ == "SGCPropagator"
    assert (made.propagator.xi, made.eps) == (10.0, 1.0)
    with pytest.raises(ValueError, match="sets propagator__xi"):
        REVIVAL.from_preset("boostmis", propagator=GCNPropagator())
    paper = REVIVAL.from_preset("paper", propagator=GCNPropagator(hidden=3))
    assert paper.propagator.hidden == 3 and paper.oversample == 2


def test_no_constructor_has_more_than_twenty_parameters():
    classes = [VAAL, SRAAL, REVIVAL, VAEEmbedding, GCNPropagator]
    counts = {cls.__name__: len(inspect.signature(cls).parameters) for cls in classes}
    assert max(counts.values()) <= 20, counts


def test_every_preset_can_be_built_and_checked():
    with_presets = [
        cls for cls in all_strategies(deep=True) if issubclass(cls, PresetMixin)
    ]
    assert {VAAL, SRAAL, REVIVAL} <= set(with_presets)
    for cls in with_presets:
        for name in cls._presets:
            cls.from_preset(name)._validate_params()


def test_one_autoencoder_may_serve_two_strategies():
    part = VAEEmbedding(width=2, n_iterations=2)
    rng = np.random.RandomState(0)
    X, y, X_pool = rng.normal(size=(12, 4)), np.arange(12) % 2, rng.normal(size=(9, 4))
    X = StandardScaler().fit_transform(X)
    for strategy in (
        VAAL(4, autoencoder=part),
        SRAAL(LogisticRegression(), latent_dim=6, autoencoder=part),
    ):
        assert len(strategy.fit(X, y, X_pool).query(3)) == 3
    assert (part.latent_dim, hasattr(part, "net_")) == (32, False)
