"""What all tests share: small manners of the machine, and the real data."""

import os
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits


def pytest_runtest_setup(item):
    if item.get_closest_marker("deep") and find_spec("torch") is None:
        pytest.skip("torch is not installed")
    if item.get_closest_marker("real_data") and not os.environ.get("SKACTIVE_DATA"):
        pytest.skip("SKACTIVE_DATA does not name the folder of the data sets")
    named = os.environ.get("SKACTIVE_LABEL_STUDIO")
    if item.get_closest_marker("real_server") and not named:
        pytest.skip("SKACTIVE_LABEL_STUDIO does not name a label-studio command")


# Where more threads are asked for than there are cores, MKL uses fewer, until a process
# calls torch.set_num_threads. Bits of two processes are compared here.
os.environ["MKL_DYNAMIC"] = "FALSE"

WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
SHARE = max(1, (os.cpu_count() or 1) // WORKERS)
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@contextmanager
def share_of_the_cores():
    """Hold a test that runs beside others to its share of the cores.

    Threads of several workers on one core wait for each other. OMP_NUM_THREADS decides
    instead, where it is set: for this process too, in which something else may have
    changed it since, so that processes that the test begins compute the same bits.
    Doctests and pages, which are outside of this folder, have the threads that a user
    has.
    """
    variables = {name: os.environ.get(name) for name in THREADS}
    given = variables["OMP_NUM_THREADS"]
    if WORKERS == 1 and given is None:
        yield
        _restore(variables)
        return
    n_threads = SHARE if given is None else int(given.partition(",")[0])
    os.environ["OMP_NUM_THREADS"] = given or str(SHARE)
    torch = sys.modules.get("torch")  # not loaded for tests that do without it
    before = torch.get_num_threads() if torch else None
    with threadpool_limits(n_threads):
        if torch:
            torch.set_num_threads(n_threads)
        yield
    _restore(variables)
    if torch:
        torch.set_num_threads(before)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    """Share the cores from the first fixture on: those of a module train nets, too."""
    with share_of_the_cores():
        yield


def _restore(variables):
    """Leave the environment as it was: dask sets these for all that comes later."""
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


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
