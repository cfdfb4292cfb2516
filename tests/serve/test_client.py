"""The way to the server: tokens, repetition, and errors that say what to do."""

import json
import socket
import threading
import urllib.request
from pathlib import Path

import pytest

from skactive.io.label_studio import LabelConfig
from skactive.serve import LabelStudioClient, LabelStudioError
from skactive.serve._client import _is_own_machine, _said, patiently

PROJECT = "/api/projects/1/"


@pytest.fixture
def project(setting):
    return setting.number


def failing(fake, what, times, paths=""):
    """Let the next requests of some paths fail."""
    left = [times]

    def fail(number, method, path):
        if left[0] and paths in path:
            left[0] -= 1
            return what

    fake.fail = fail


@pytest.mark.parametrize("what", ["drop", "cut", "500", "html"])
def test_reading_is_repeated(fake, client, project, what):
    failing(fake, what, 3)
    assert client.get(PROJECT)["title"] == "Texts"
    failing(fake, what, 4)
    n = len(fake.requests)
    with pytest.raises(LabelStudioError) as caught:
        client.get(PROJECT)
    assert caught.value.passing and len(fake.requests) == n + 4
    assert f"GET {fake.url}{PROJECT}" in str(caught.value)


@pytest.mark.parametrize("what", ["drop", "cut", "500", "html"])
def test_writing_is_not_unless_it_is_harmless(fake, client, project, what):
    failing(fake, what, 1)
    n = len(fake.projects)
    with pytest.raises(LabelStudioError):
        client.post("/api/projects/", {"title": "Another", "label_config": "<View/>"})
    assert len(fake.projects) == n + (what == "cut")
    failing(fake, what, 1)
    assert client.patch(PROJECT, {"title": "New"})["title"] == "New"


def test_a_page_is_named(fake, client, project):
    failing(fake, "html", 4)
    with pytest.raises(LabelStudioError, match="a page of HTML.*login page") as caught:
        client.get(PROJECT)
    assert caught.value.status is None


def test_a_server_that_is_down(monkeypatch):
    monkeypatch.setattr("skactive.serve._client.WAITS", (0.0,))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        client = LabelStudioClient(f"http://127.0.0.1:{free.getsockname()[1]}", "x")
        with pytest.raises(LabelStudioError, match="Is the server running") as caught:
            client.get(PROJECT)
        assert caught.value.passing


def test_a_server_that_says_nothing(monkeypatch):
    monkeypatch.setattr("skactive.serve._client.WAITS", ())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(LabelStudioError, match="imeout"):
            LabelStudioClient(url, "x", timeout=0.1).get(PROJECT)


@pytest.mark.parametrize(
    "reply",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\nTransfer-Encoding: chunked\r\n\r\nq",
        b"HTTP/1.1 500 Oh\r\nContent-Length: 90\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xfe\xfd",
    ],
)
def test_what_is_no_answer(monkeypatch, reply):
    monkeypatch.setattr("skactive.serve._client.WAITS", ())
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            with server.accept()[0] as connection:
                connection.recv(4096)
                connection.sendall(reply)

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(LabelStudioError, match=f"GET {url}") as caught:
            LabelStudioClient(url, "x", timeout=5).get(PROJECT)
        thread.join(5)
    assert caught.value.passing


def test_a_redirection_is_not_followed(monkeypatch):
    """The token would go along, and a POST would become a GET."""
    seen = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            with server.accept()[0] as connection:
                seen.append(connection.recv(4096))
                connection.sendall(
                    b"HTTP/1.1 302 Found\r\nLocation: https://labels.example/x\r\n"
                    b"Content-Length: 0\r\n\r\n"
                )

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(LabelStudioError, match="moved to https://labels.example/x"):
            LabelStudioClient(url, "x", timeout=5).post("/api/projects/", {})
        thread.join(5)
    assert len(seen) == 1


def test_a_personal_token_is_traded_and_renewed(fake, project, tokens):
    client = LabelStudioClient(fake.url, tokens[1])
    fake.lives = 3
    for _ in range(10):
        assert client.get(PROJECT)["id"] == 1
    assert fake.n_access == 4
    fake.access.clear()  # in the middle: writing is sent again, as it was not heard
    assert client.create_project("Another", LabelConfig.make("numbers", of="text")) == 2
    assert len(fake.projects) == 2
    fake.legacy = False
    assert client.get(PROJECT)["id"] == 1


def test_a_token_that_is_none(fake, project):
    with pytest.raises(LabelStudioError, match="does not take the personal") as caught:
        LabelStudioClient(fake.url, "a.b.c").get(PROJECT)
    assert not caught.value.passing
    fake.legacy = False
    with pytest.raises(LabelStudioError, match="refuse legacy tokens") as caught:
        LabelStudioClient(fake.url, "0123").get(PROJECT)
    assert caught.value.status == 401
    assert fake.requests.count(("GET", PROJECT)) == 1  # not repeated


def test_an_access_that_is_refused_twice(fake, project, tokens):
    fake.lives = 0
    with pytest.raises(LabelStudioError) as caught:
        LabelStudioClient(fake.url, tokens[1]).get(PROJECT)
    assert caught.value.status == 401 and fake.n_access == 2


def test_the_server_is_down_while_the_token_is_traded(fake, project, tokens):
    failing(fake, "500", 2, "refresh")
    assert LabelStudioClient(fake.url, tokens[1]).get(PROJECT)["id"] == 1


def test_what_a_refusal_says(fake, client, project):
    with pytest.raises(LabelStudioError, match="404, Not found. Is the number"):
        client.get("/api/projects/77/")
    tasks = [{"data": {"txt": "x"}}]
    with pytest.raises(LabelStudioError, match='item 0: "text" key') as caught:
        client.post(f"{PROJECT}import", tasks)
    assert caught.value.status == 400
    with pytest.raises(LabelStudioError, match="model_version: Model version doesn't"):
        client.patch(PROJECT, {"model_version": "nope"})


@pytest.mark.real_data
def test_recorded_refusals(data_dir):
    path = Path(data_dir) / "label_studio" / "errors.json"
    errors = json.loads(path.read_text())
    said = {name: _said(reply) for name, (_, reply) in errors.items()}
    assert said["no_token"] == "Authentication credentials were not provided."
    assert "toName=\"zzz\" not found in names: ['cls', 'text']" in said["bad_config"]
    assert '"text" key is expected' in said["missing_data_key"]
    assert "doesn't exist either" in said["unknown_model_version"]
    assert "reserved network address" in said["loopback_refused"]
    assert "There are no tasks" in said["no_task_left"]


@pytest.mark.parametrize("reply", [None, [], "x", {"a": 1}, {"validation_errors": [1]}])
def test_refusals_of_another_form(reply):
    assert isinstance(_said(reply), str)


def test_no_message_holds_the_token(fake, client, project, tokens):
    for token in tokens:
        client = LabelStudioClient(fake.url, token)
        assert token not in repr(client)
        with pytest.raises(LabelStudioError) as caught:
            client.get("/api/projects/77/")
        assert token not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["localhost:8080", "", None, 3, "ftp://x", "http://", "http://x/?a=1"]
)
def test_what_is_no_address(url):
    with pytest.raises(ValueError, match="url must"):
        LabelStudioClient(url, "x")


@pytest.mark.parametrize("token", ["", "  ", None, 3, b"0123"])
def test_what_is_no_token(token):
    with pytest.raises(ValueError, match="token must"):
        LabelStudioClient("http://localhost", token)


@pytest.mark.parametrize(
    ("host", "own"),
    [("localhost", True), ("127.0.0.1", True), ("127.8.0.1", True), ("::1", True)]
    + [("labels.example", False), ("10.0.0.1", False), ("localhost.example", False)],
)
def test_no_proxy_is_asked_for_the_own_machine(host, own):
    assert _is_own_machine(host) is own


def test_a_proxy_does_not_come_between(fake, client, project, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert urllib.request.getproxies()["http"]
    assert client.get(PROJECT)["id"] == 1


def test_a_verb_is_called_again_while_the_server_is_down(monkeypatch):
    waited, now = [], [0.0]

    def sleep(seconds):
        waited.append(seconds)
        now[0] += seconds

    monkeypatch.setattr("skactive.serve._client.time.sleep", sleep)
    monkeypatch.setattr("skactive.serve._client.time.monotonic", lambda: now[0])
    failures = [LabelStudioError("down"), LabelStudioError("later", 503)]

    def verb(value, *, more):
        if failures:
            raise failures.pop()
        return value + more

    assert patiently(verb, 600, 1, more=2) == 3 and waited == [1.0, 2.0]

    def never():
        raise LabelStudioError("down")

    with pytest.raises(LabelStudioError):
        patiently(never, 600)
    assert 400 < sum(waited) <= 603 and max(waited) == 60

    def refused():
        raise LabelStudioError("no", 403)

    n = len(waited)
    with pytest.raises(LabelStudioError):
        patiently(refused, 600)
    assert len(waited) == n
