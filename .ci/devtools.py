"""A browser without a window, spoken to through a pipe; the standard library alone."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 60

# Colors that change do so within a moment; what turns forever is not waited for.
STILL = """
Promise.race([
  Promise.all(document.getAnimations().map(one => one.finished)).catch(() => null),
  new Promise(done => setTimeout(done, 1000)),
]).then(() => null)
"""


def find_browser():
    """Return the command of a browser; say what to install where there is none."""
    wanted = os.environ.get("CHROMIUM")
    for name in [wanted] if wanted else NAMES:
        if path := shutil.which(name):
            return path
    raise SystemExit(
        f"no browser: {', '.join(NAMES)} are not on the PATH. Install one (apt-get "
        "install chromium, dnf install chromium, brew install chromium), or name its "
        "command in the variable CHROMIUM."
    )


class Browser:
    """One tab. ``answers`` maps the addresses outside of the site to what is sent.

    What is not in it is not sent for: the pages are looked at as without a network.
    """

    def __init__(self, answers=None):
        self.answers = answers or {}
        self.messages, self.replies, self.loaded, self.number = b"", {}, False, 0
        self.errors = []
        self.folder = tempfile.mkdtemp(prefix="browser-")

    def __enter__(self):
        to_read, self.write_to = os.pipe()
        self.read_from, to_write = os.pipe()
        # Out of the way of 3 and 4, which is where the browser looks for them.
        ours = [
            fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (to_read, to_write)
        ]

        def put():
            os.dup2(ours[0], 3)
            os.dup2(ours[1], 4)

        self.process = subprocess.Popen(
            [
                find_browser(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--no-first-run",
                f"--user-data-dir={self.folder}",
                "--remote-debugging-pipe",
                "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=put,
        )
        for end in (to_read, to_write, *ours):
            os.close(end)
        self.session = None
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send("Fetch.enable", patterns=[{"urlPattern": "https://*"}])
        return self

    def __exit__(self, *_):
        os.close(self.write_to)  # the browser ends when nothing speaks to it
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.read_from)
        shutil.rmtree(self.folder, ignore_errors=True)

    def post(self, method, **params):
        """Send a message, and do not wait for what is said to it."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write_to, data) :]
        return self.number

    def send(self, method, **params):
        """Send a message, and return what is said to it."""
        number = self.post(method, **params)
        self.wait(lambda: number in self.replies, method)
        reply = self.replies.pop(number)
        if "error" in reply:
            raise RuntimeError(f"{method}: {reply['error']}")
        return reply["result"]

    def wait(self, done, what):
        """Read messages until something is so."""
        end = time.monotonic() + SECONDS
        while not done():
            if not select.select([self.read_from], [], [], end - time.monotonic())[0]:
                raise SystemExit(f"the browser said nothing for {SECONDS} s: {what}")
            data = os.read(self.read_from, 1 << 20)
            if not data:
                raise SystemExit(f"the browser ended: {what}")
            *whole, self.messages = (self.messages + data).split(b"\0")
            for message in whole:
                self.take(json.loads(message))

    def take(self, message):
        """Take in one message: a reply, or an event."""
        params = message.get("params", {})
        match message.get("method"):
            case None:
                self.replies[message["id"]] = message
            case "Page.loadEventFired":
                self.loaded = True
            case "Fetch.requestPaused":
                self.answer(params["requestId"], params["request"]["url"])
            case "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                text = details.get("exception", {}).get("description", details["text"])
                self.errors.append(text.splitlines()[0])
            case "Runtime.consoleAPICalled" if params["type"] == "error":
                said = [a.get("value", a.get("description")) for a in params["args"]]
                self.errors.append(" ".join(map(str, said)))
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                entry = params["entry"]
                if not entry.get("url", "").startswith("https://"):  # not sent for
                    self.errors.append(f"{entry['text']} {entry.get('url', '')}")

    def answer(self, request, url):
        """Answer a request to another site, or refuse it."""
        body = self.answers.get(url.partition("?")[0])
        if body is None:
            self.post("Fetch.failRequest", requestId=request, errorReason="Aborted")
            return
        self.post(
            "Fetch.fulfillRequest",
            requestId=request,
            responseCode=200,
            responseHeaders=[{"name": "Access-Control-Allow-Origin", "value": "*"}],
            body=base64.b64encode(body).decode(),
        )

    def size(self, width, height=900):
        """Set the size of the window; narrower than a real window may be."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def dark(self, on):
        """Say whether the reader's system is dark."""
        value = "dark" if on else "light"
        feature = {"name": "prefers-color-scheme", "value": value}
        self.send("Emulation.setEmulatedMedia", features=[feature])

    def open(self, url):
        """Open a page, and return the errors that it had."""
        self.loaded, self.errors = False, []
        if "loaderId" not in self.send("Page.navigate", url=url):
            self.send("Page.reload")  # another place of the same page is not loaded
        self.wait(lambda: self.loaded, url)
        return self.errors

    def run(self, script):
        """Return what a script in the page returns, if need be after a promise."""
        found = self.send(
            "Runtime.evaluate",
            expression=script,
            returnByValue=True,
            awaitPromise=True,
            userGesture=True,
        )
        if "exceptionDetails" in found:
            raise RuntimeError(f"{script[:70]}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def until(self, script):
        """Wait until a script in the page returns something true, and return it."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                if found := self.run(script):
                    return found
            except RuntimeError:  # the page is just left for another
                pass
            time.sleep(0.02)
        raise SystemExit(f"did not come true in {SECONDS} s: {script}")

    def type(self, text):
        """Type a line into the field that has the cursor."""
        self.send("Input.insertText", text=text)
        for kind in ("keyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key="Enter",
                code="Enter",
                text="\r" if kind == "keyDown" else "",
                windowsVirtualKeyCode=13,
            )

    def picture(self, path, height=None):
        """Write a picture of the window, or of the page's first rows."""
        self.run(STILL)
        more = {}
        if height:
            width = self.run("innerWidth")
            clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
            more = {"clip": clip, "captureBeyondViewport": True}
        path.write_bytes(
            base64.b64decode(self.send("Page.captureScreenshot", **more)["data"])
        )
