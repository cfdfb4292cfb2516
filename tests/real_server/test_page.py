"""The page "Label Studio in ten minutes", each step of it, at a real server."""

import re
import textwrap
import threading
import time
from pathlib import Path

import pytest
from sklearn.datasets import load_digits

pytestmark = pytest.mark.real_server

PAGE = Path(__file__).parents[2] / "docs" / "user_guide" / "label_studio.rst"


def blocks():
    """Return the Python code of the page, block by block."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.findall(r"^\.\. code-block:: python\n((?:\n|   .*\n)+)", text, re.M)
    return [textwrap.dedent(block) for block in found]


@pytest.fixture
def people(server):
    """People who answer what a project asks, rightly, until the test ends."""
    end, threads = threading.Event(), []
    y = load_digits().target

    def answer(project, n):
        while n and not end.is_set():
            task = server.admin.next(project)
            if task is None:
                time.sleep(0.2)
                continue
            row = task["data"]["skactive_id"]
            server.admin.choose(task["id"], str(y[row]), of="image")
            n -= 1

    def begin(project, n):
        thread = threading.Thread(target=answer, args=(project, n), daemon=True)
        thread.start()
        threads.append(thread)
        return thread

    yield begin
    end.set()
    for thread in threads:
        thread.join(60)


@pytest.mark.filterwarnings("ignore:There is no model to ask")  # as the page says
def test_each_step(server, people, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # journal and state go there
    ask, learn, loop, to_backend, register = blocks()
    ask = ask.replace("http://localhost:8080", server.url)
    ask = ask.replace("your token", server.admin.pat)
    to_backend = to_backend.replace("port=9090", "port=0")
    names = {}

    exec(ask, names)
    people(names["project"], 20).join(120)
    exec(learn, names)
    assert names["run"].status()["labeled"] == 20
    people(names["project"], 60)
    exec(loop, names)
    assert names["run"].status()["labeled"] == 80
    assert (tmp_path / "digits.jsonl").read_text().count("\n") >= 80
    before = names["learner"].score(names["X"], [str(k) for k in load_digits().target])
    assert before > 0.7

    exec(to_backend, names)
    exec(register, names)
    backend = names["backend"]
    try:
        people(names["project"], 25).join(120)
        assert backend.wait(120)
    finally:
        names["server"].shutdown()
        names["server"].server_close()
    assert backend.error is None
    assert backend.version.startswith("skactive-25-")
    settings = server.admin.get(f"/api/projects/{names['project']}/")
    assert settings["model_version"] == backend.version
