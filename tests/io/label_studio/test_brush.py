import json
from time import perf_counter

import numpy as np
import pytest

from skactive.io.label_studio import brush_decode, brush_encode


def slow_encode(mask):
    """Follow the description of the format, bit by bit."""
    values = [v for v in np.where(mask, 255, 0).ravel().tolist() for _ in range(4)]
    sizes = (3, 4, 8, 16)
    bits = f"{len(values):032b}{7:05b}" + "".join(f"{s - 1:04b}" for s in sizes)
    at = 0
    while at < len(values):
        stop = at
        while stop < len(values) and values[stop] == values[at] and stop - at < 65536:
            stop += 1
        k = next(k for k, s in enumerate(sizes) if stop - at <= 2**s)
        bits += f"1{k:02b}{stop - at - 1:0{sizes[k]}b}{values[at]:08b}"
        at = stop
    bits += "0" * (-len(bits) % 8)
    return [int(bits[k : k + 8], 2) for k in range(0, len(bits), 8)]


def blob(height, width):
    y, x = np.mgrid[:height, :width]
    return (x / width - 0.4) ** 2 + (y / height - 0.5) ** 2 < 0.09


SHAPES = [(1, 1), (1, 2), (2, 1), (3, 5), (1, 40), (37, 41), (120, 160)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["random", "blob", "empty", "full"])
def test_codes_are_those_of_the_description_and_come_back(shape, kind):
    mask = {
        "random": np.random.default_rng(0).random(shape) < 0.5,
        "blob": blob(*shape),
        "empty": np.zeros(shape, bool),
        "full": np.ones(shape, bool),
    }[kind]
    code = brush_encode(mask)
    assert code == slow_encode(mask)
    assert all(type(byte) is int for byte in code)
    for trailing in ([], [0]):
        back = brush_decode(code + trailing, *shape)
        assert back.dtype == bool
        np.testing.assert_array_equal(back, mask)


def test_runs_longer_than_a_length_can_say():
    mask = np.zeros((1, 3 * 16384 + 1), dtype=bool)
    mask[0, 16384:32768] = True  # exactly as long as can be said
    code = brush_encode(mask)
    assert code == slow_encode(mask)
    np.testing.assert_array_equal(brush_decode(code, *mask.shape), mask)


def test_values_one_by_one_and_alpha():
    """As other programs write them: literal values, of which alpha counts."""
    pixels = [(9, 9, 9, 255), (255, 255, 255, 0), (0, 0, 0, 127), (0, 0, 0, 128)]
    values = [v for pixel in pixels for v in pixel]
    bits = f"{16:032b}{7:05b}" + "".join(f"{s - 1:04b}" for s in (3, 4, 8, 16))
    bits += f"001{15:04b}" + "".join(f"{v:08b}" for v in values)
    bits += "0" * (-len(bits) % 8)
    code = [int(bits[k : k + 8], 2) for k in range(0, len(bits), 8)]
    assert brush_decode(code, 2, 2).tolist() == [[True, False], [False, True]]


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["import_brush", "export_brush", "export_brush_min"])
def test_recorded_codes_are_ours(data_dir, name):
    def regions(value):
        if isinstance(value, dict) and "rle" in value:
            yield value
        elif isinstance(value, (dict, list)):
            for each in value.values() if isinstance(value, dict) else value:
                yield from regions(each)

    text = (data_dir / "label_studio" / f"{name}.json").read_text()
    found = list(regions(json.loads(text)))
    assert len(found) >= 4
    for value in found:
        mask = brush_decode(value["rle"], 40, 60)
        rows, columns = np.nonzero(mask)
        assert {"sky": 209, "road": 529}[value["brushlabels"][0]] == mask.sum()
        corner = {"sky": (8, 6), "road": (10, 30)}[value["brushlabels"][0]]
        assert (rows.min(), columns.min()) == corner
        code = brush_encode(mask)
        assert value["rle"][: len(code)] == code
        assert value["rle"][len(code) :] in ([], [0])


def test_large_masks_are_fast():
    mask = blob(1024, 2048)
    begin = perf_counter()
    back = brush_decode(brush_encode(mask), 1024, 2048)
    assert perf_counter() - begin < 1
    np.testing.assert_array_equal(back, mask)


@pytest.mark.parametrize(
    ("mask", "match"),
    [
        (np.zeros((2, 2, 2)), "shape"),
        (np.zeros((0, 3)), "at least a pixel"),
        ([["a"]], "numbers"),
        (np.zeros(3), r"shape \(3,\)"),
    ],
)
def test_what_is_no_mask_is_refused(mask, match):
    with pytest.raises(ValueError, match=match):
        brush_encode(mask)


CODE = brush_encode(np.eye(6, dtype=bool))


@pytest.mark.parametrize(
    ("code", "size", "match"),
    [
        (CODE[:-3], (6, 6), "breaks off"),
        (CODE[:6], (6, 6), "no header"),
        ([], (6, 6), "no header"),
        (CODE, (6, 7), "four for each pixel"),
        (CODE, (3, 12), None),  # as many pixels: not noticed, and no crash
        ([*CODE[:-1], 256], (6, 6), "list of bytes"),
        ([*CODE[:-1], "7"], (6, 6), "list of bytes"),
        (None, (6, 6), "list of bytes"),
        (10**6, (6, 6), "list of bytes"),
        ("0,0,1", (6, 6), "list of bytes"),
        ([*CODE[:8], 255, *CODE[9:]], (6, 6), "values instead of|breaks off"),
    ],
)
def test_broken_codes_are_refused(code, size, match):
    if match is None:
        assert brush_decode(code, *size).shape == size
        return
    with pytest.raises(ValueError, match=match):
        brush_decode(code, *size)


def test_any_bytes_are_decoded_or_refused():
    rng = np.random.default_rng(0)
    for _ in range(300):
        code = list(CODE)
        for at in rng.integers(7, len(code), 3):
            code[at] = int(rng.integers(256))
        try:
            assert brush_decode(code, 6, 6).shape == (6, 6)
        except ValueError as error:
            assert "code of the brush" in str(error)
