"""An export as the server makes it of tasks that somebody answered."""

import json

import pytest


def _export(tasks, results=None, **changes):
    """Return tasks, each with one annotation, by default the prediction unchanged."""
    exported = []
    for k, task in enumerate(tasks):
        predicted = task.get("predictions", [{"result": []}])[0]["result"]
        annotation = {
            "id": 50 + k,
            "completed_by": 2,
            "was_cancelled": False,
            "lead_time": 1.5 + k,
            "updated_at": f"2026-11-25T18:00:{k:02d}.5Z",
            "result": predicted if results is None else results[k],
            **changes,
        }
        exported.append(
            {"id": 7 + k, "data": task["data"], "annotations": [annotation]}
        )
    return json.loads(json.dumps(exported, allow_nan=False))


@pytest.fixture
def export():
    return _export


@pytest.fixture
def region():
    """Return a region of a picture 60 wide and 40 high."""

    def make(kind, value, name="label", about="image", **changes):
        size = {"original_width": 60, "original_height": 40, "image_rotation": 0}
        own = {"id": "a", "from_name": name, "to_name": about, "type": kind}
        return {**own, **size, "value": value, **changes}

    return make
