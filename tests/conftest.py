"""What all tests share: small manners of the machine, and the real data."""

import os
import sys
from pathlib import Path

import pytest


def pytest_runtest_setup(item):
    if item.get_closest_marker("real_data") and not os.environ.get("SKACTIVE_DATA"):
        pytest.skip("SKACTIVE_DATA does not name the folder of the data sets")
    # Tests run side by side; torch is not loaded for those that do without.
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


@pytest.fixture
def data_dir():
    """Folder of the data sets, for tests marked real_data."""
    folder = Path(os.environ["SKACTIVE_DATA"])
    assert folder.is_dir(), f"SKACTIVE_DATA names {folder}, which is no folder"
    return folder


@pytest.fixture
def fresh_workers():
    """Let joblib begin with new processes.

    Those that other tests left behind take the loading of torch for a memory leak
    and stop in the middle of the work.
    """
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)
