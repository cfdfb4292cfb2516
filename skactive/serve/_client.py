"""Talk to a Label Studio server: tokens, repetition, and errors that say what to do."""

import http.client
import ipaddress
import json
import time
import urllib.error
import urllib.parse
import urllib.request

#: Seconds before each repetition of a request that may be repeated.
WAITS = (0.5, 2.0, 5.0)
#: Answers of a server, or of what is before it, that may be others soon.
PASSING = (429, 500, 502, 503, 504)
#: Seconds between two calls of a verb when the server is down, at most.
LONGEST_WAIT = 60.0
#: What goes wrong on the way.
BROKEN = (OSError, http.client.HTTPException)


class LabelStudioError(RuntimeError):
    """Something went wrong on the way to a Label Studio server, or there.

    Parameters
    ----------
    message : str
        What, where, and what to do.
    status : int or None, default=None
        The HTTP status; None if there was no answer that could be read.

    Attributes
    ----------
    status : int or None
        As given.

    Examples
    --------
    >>> from skactive.serve import LabelStudioError
    >>> LabelStudioError("The server is restarting.", 503).passing
    True
    """

    def __init__(self, message, status=None):
        super().__init__(message)
        self.status = status

    @property
    def passing(self):
        """Whether it may go by itself: no answer, or one that says "later"."""
        return self.status is None or self.status in PASSING


class LabelStudioClient:
    """Send requests to a Label Studio server.

    Parameters
    ----------
    url : str
        Address of the server, such as "http://localhost:8080".
    token : str
        Of the page "Account & Settings" of the tool: a personal access token, or a
        legacy token where the server still takes these.
    timeout : float, default=30
        Seconds to wait for an answer.

    See Also
    --------
    LabelStudioRun : Has a learner's questions answered there.

    Notes
    -----
    A personal access token is traded for one that lives five minutes, again whenever
    that has ended. Requests that read, and those that may arrive twice, are repeated
    three times, within eight seconds, if the server is down, drops the connection, or
    answers by 429 or 5xx. Others are sent once: whether they were heard must be asked.

    Redirections are refused, since the token would go with them.

    Cost: a request is one round trip, of some 10 to 700 ms on a server with SQLite.

    Examples
    --------
    >>> from skactive.serve import LabelStudioClient
    >>> client = LabelStudioClient("http://localhost:8080/", "0123456789abcdef")
    >>> client
    LabelStudioClient('http://localhost:8080')

    With a server, ``client.get("/api/projects/7")`` returns a dict.
    """

    def __init__(self, url, token, *, timeout=30):
        parts = urllib.parse.urlsplit(url if isinstance(url, str) else "")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(
                "url must be the address of a server, such as "
                f'"http://localhost:8080"; got {url!r}.'
            )
        if parts.query or parts.fragment:
            raise ValueError(f"url must end with the path of the server; got {url!r}.")
        if not isinstance(token, str) or not token.strip():
            raise ValueError(
                "token must be that of the tool's page Account & Settings, a string; "
                f"got one of type {type(token).__name__}."
            )
        self.url = url.rstrip("/")
        self.token = token.strip()
        self.timeout = timeout
        self._access = None

    def __repr__(self):
        return f"LabelStudioClient({self.url!r})"

    def get(self, path, query=None):
        """Read something.

        Parameters
        ----------
        path : str
            Such as "/api/projects/7".
        query : dict or list of pairs, default=None
            What comes after the question mark.

        Returns
        -------
        reply : dict or list
            The JSON of the answer.

        Raises
        ------
        LabelStudioError
            If there is no such answer.
        """
        if query:
            path = f"{path}?{urllib.parse.urlencode(query)}"
        return self._request("GET", path, None, repeat=True)

    def post(self, path, body, *, repeat=False):
        """Make something.

        Parameters
        ----------
        path : str
            Such as "/api/projects/".
        body : dict or list
            JSON values.
        repeat : bool, default=False
            Whether it does no harm twice, and may be sent again if no answer came.

        Returns
        -------
        reply : dict or list
            The JSON of the answer.

        Raises
        ------
        LabelStudioError
            As for ``get``. The server may have done it all the same, if the error has
            no ``status``.
        """
        return self._request("POST", path, body, repeat=repeat)

    def patch(self, path, body):
        """Change something to given values; repeated where no answer comes.

        Parameters
        ----------
        path : str
            Such as "/api/projects/7/".
        body : dict
            JSON values.

        Returns
        -------
        reply : dict or list
            The JSON of the answer.

        Raises
        ------
        LabelStudioError
            As for ``get``.
        """
        return self._request("PATCH", path, body, repeat=True)

    def create_project(self, title, config, **settings):
        """Make a project that asks what a labeling config says.

        Parameters
        ----------
        title : str
            Its name, of three characters or more.
        config : LabelConfig
            The labeling config.
        **settings : JSON values
            More settings, such as ``maximum_annotations=2`` to ask two people.

        Returns
        -------
        project : int
            Its number, for :class:`LabelStudioRun`.

        Raises
        ------
        LabelStudioError
            As for ``get``.
        """
        body = {"title": title, "label_config": config.to_xml(), **settings}
        return self.post("/api/projects/", body)["id"]

    def _request(self, method, path, body, repeat):
        """Send a request, again if that is allowed, and return the JSON."""
        waits = list(WAITS) if repeat else []
        renewed = False
        while True:
            try:
                return self._send(method, path, body, self._credentials())
            except LabelStudioError as error:
                if error.status == 401 and self._is_traded and not renewed:
                    self._access, renewed = None, True  # it lives five minutes
                elif error.passing and waits:
                    time.sleep(waits.pop(0))
                else:
                    raise

    @property
    def _is_traded(self):
        """Whether the token is a personal access token, which has three parts."""
        return self.token.count(".") == 2

    def _credentials(self):
        if not self._is_traded:
            return f"Token {self.token}"
        if self._access is None:
            body = {"refresh": self.token}
            try:
                reply = self._send("POST", "/api/token/refresh", body, None)
                self._access = reply["access"]
            except (LabelStudioError, KeyError, TypeError) as error:
                if getattr(error, "passing", False):
                    raise
                raise LabelStudioError(
                    f"{self.url} does not take the personal access token ({error}). "
                    "Make a new one on the page Account & Settings.",
                    getattr(error, "status", None) or 403,
                ) from error
        return f"Bearer {self._access}"

    def _send(self, method, path, body, credentials):
        """Send a request once and return the JSON of the answer, or raise."""
        headers = {"Accept": "*/*"}
        if credentials is not None:
            headers["Authorization"] = credentials
        data = None
        if body is not None:
            data = json.dumps(body, allow_nan=False).encode()
            headers["Content-Type"] = "application/json"
        where = f"{method} {self.url}{path.partition('?')[0]}"
        request = urllib.request.Request(
            self.url + path, data, headers=headers, method=method
        )
        try:
            with self._opener().open(request, timeout=self.timeout) as reply:
                return _parsed(reply.read(), where)
        except urllib.error.HTTPError as error:
            with error:
                try:
                    text = error.read()
                except BROKEN:
                    text = b""
                raise _refused(error, text, where, self._is_traded) from error
        except BROKEN as error:
            reason = getattr(error, "reason", error)
            raise LabelStudioError(
                f"{where}: no answer ({type(reason).__name__}: {reason}). Is the "
                "server running at this address? Repeat the call when it is; nothing "
                "that was answered is lost."
            ) from error

    def _opener(self):
        handlers = [_NoRedirection()]
        if _is_own_machine(urllib.parse.urlsplit(self.url).hostname):
            handlers.append(urllib.request.ProxyHandler({}))
        return urllib.request.build_opener(*handlers)


def patiently(verb, patience, *args, **kwargs):
    """Call a verb again and again, for a while, as long as the server is down.

    Parameters
    ----------
    verb : callable
        May raise LabelStudioError.
    patience : float
        For how many seconds.
    *args, **kwargs : object
        What it is given.

    Examples
    --------
    >>> from skactive.serve._client import patiently
    >>> patiently(max, 60, 3, 5)
    5
    """
    until, wait = time.monotonic() + patience, 1.0
    while True:
        try:
            return verb(*args, **kwargs)
        except LabelStudioError as error:
            if not error.passing or time.monotonic() + wait > until:
                raise
            time.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    """Let a redirection be an error: it would take the token elsewhere."""

    def redirect_request(self, *args):
        return None


def _is_own_machine(host):
    """Tell whether no proxy can reach a host."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parsed(data, where):
    """Return the JSON of an answer; nothing is None."""
    if not data.strip():
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        text = data[:2000].decode("utf-8", errors="replace")
        what = "a page of HTML" if _is_page(text) else repr(text[:60])
        raise LabelStudioError(
            f"{where}: the answer is no JSON but {what}. Is this the address of a "
            "Label Studio server, or of something before it, such as a login page?"
        ) from error


def _is_page(text):
    return text.lstrip().startswith("<")


def _refused(error, data, where, is_traded):
    """Return the error for an answer that is none."""
    status = error.code
    text = data.decode("utf-8", errors="replace")
    if 300 <= status < 400:
        to = error.headers.get("Location")
        said = f"it is moved to {to}. Give the address that it is moved to as url"
        return LabelStudioError(f"{where}: {said}.", status)
    try:
        said = _said(json.loads(text))
    except ValueError:
        said = "a page of HTML" if _is_page(text) else text[:200]
    advice = {
        401: " Is the token right, and the user still active?"
        if is_traded
        else " New servers refuse legacy tokens: make a personal access token on the "
        "page Account & Settings.",
        403: " Is the user a member of the project's organization?",
        404: " Is the number of the project right, and may this user see it?",
        413: " Give pictures as paths, or ask for fewer at once.",
    }.get(status, "")
    return LabelStudioError(f"{where}: {status}, {said.rstrip('.')}.{advice}", status)


def _said(reply):
    """Return what the JSON of an error says."""
    if not isinstance(reply, dict):
        return str(reply)[:200]
    faults = reply.get("validation_errors") or {}
    if isinstance(faults, dict):
        faults = [
            f"{key}: {'; '.join(map(str, _as_list(each)))}"
            for key, each in faults.items()
        ]
    said = [str(reply.get("detail", "")), *map(str, _as_list(faults))]
    return ": ".join(part for part in said if part)[:1000] or str(reply)[:200]


def _as_list(value):
    return value if isinstance(value, (list, tuple)) else [value]
