"""Look at the built documentation as a newcomer does, in a browser: see .ci/browser."""

import argparse
import doctest
import functools
import http.server
import json
import re
import threading
from pathlib import Path

from devtools import Browser

HERE = Path(__file__).parent
TASKS = HERE / "browser.txt"
WIDTHS = (1280, 400)
MOST_CLICKS, FIRST_HITS = 2, 3
SITE = "https://skactive.github.io/skactive/"

#: The folder of the theme's scripts and that of downloads have no pages.
NO_PAGES = ("_static", "_downloads", "_sources", "_images")

# Links of the article and of the top bar; one behind a menu costs a click more.
LINKS = """
[...document.querySelectorAll("article a, header a")].map(a => [
  new URL(a.getAttribute("href") || a.getAttribute("xlink:href") || "", location).href,
  a.textContent.trim().replace(/\\s+/g, " "), a.checkVisibility() ? 1 : 2])
"""

# How far the page is wider than the window, what sticks out of it without a box that
# scrolls or cuts, and pictures that are not there.
FAULTS = """
(async () => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  const boxed = e => {
    // The theme's box around the article scrolls, too: that is the page as a whole.
    for (let up = e.parentElement; !up.matches("article"); up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible") return true;
    return false;
  };
  const out = [...document.querySelectorAll("article *")].filter(e => {
    const box = e.getBoundingClientRect();
    const formula = e.closest(".math"); // as it is typed, without a network
    return box.width && box.right > innerWidth + 1 && !formula && !boxed(e);
  }).map(e => e.tagName.toLowerCase() + ": " + e.textContent.trim().slice(0, 40));
  const pictures = [...document.querySelectorAll("article img")];
  pictures.forEach(one => one.loading = "eager");
  await Promise.all(pictures.map(one => one.decode().catch(() => null)));
  const broken = pictures.filter(one => !one.naturalWidth).map(one => one.src);
  return {wide, out: out.slice(0, 2), broken};
})()
"""

# What each copy button copies, and what is shown beside it.
COPIED = """
(() => {
  const found = [];
  const listen = event => found.push(event.target.value);
  document.addEventListener("copy", listen, true);
  const buttons = [...document.querySelectorAll("article .copybtn")];
  const shown = buttons.map(one => {
    const text = document.querySelector(one.dataset.clipboardTarget).textContent;
    const before = found.length;
    one.click();
    const python = !!one.closest(".highlight-python");
    return [text, found.length > before ? found.at(-1) : null, python];
  });
  document.removeEventListener("copy", listen, true);
  return shown;
})()
"""

SEARCH = """
[...document.querySelectorAll(".search-button__button")]
  .find(one => one.checkVisibility()).click()
"""

HITS = """
[...document.querySelectorAll("ul.search > li > a")].slice(0, 3).map(a => a.href)
"""


def read_tasks(path=TASKS):
    """Return [(task, words typed into the search, page, anchor)] of the list."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines if line and not line.startswith("#")]
    tasks = []
    for task, typed, answer in rows:
        page, _, anchor = answer.strip().partition("#")
        tasks.append((task.strip(), typed.strip(), page, anchor))
    return tasks


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server that does not say what it serves."""

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    """A server that does not mind when a page is left before all of it was sent."""

    def handle_error(self, *_):
        pass


class Site:
    """The built pages, served on this machine and open in a browser."""

    def __init__(self, folder, browser, gallery=True):
        # What pictures of scripts that were not run are called.
        self.excused = "\n" if gallery else "/sphx_glr_"
        handler = functools.partial(Quiet, directory=str(folder))
        server = Server(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.root = f"http://127.0.0.1:{server.server_port}/"
        self.folder, self.browser, self.faults = folder, browser, []
        self.links = {}

    def pages(self):
        """Return all pages, without those that lead elsewhere by themselves."""
        paths = [path.relative_to(self.folder) for path in self.folder.rglob("*.html")]
        return sorted(p.as_posix() for p in paths if p.parts[0] not in NO_PAGES)

    def name(self, address):
        """Return where in the site an address leads to, None outside of it."""
        if not address.startswith(self.root):
            return None
        name, _, anchor = address.removeprefix(self.root).partition("#")
        name = name.partition("?")[0] or "index.html"
        return f"{name}#{anchor}" if anchor else name

    def fault(self, page, text):
        if self.excused in text:
            return
        self.faults.append(f"{page}: {text}")
        print(f"  fault  {page}: {text}", flush=True)

    def open(self, page):
        for error in self.browser.open(self.root + page):
            self.fault(page, error)

    def look(self, page):
        """Look at one page in each width, and keep its links."""
        self.browser.size(max(WIDTHS))
        self.open(page)
        links = self.browser.run(LINKS)
        self.links[page] = [(self.name(to), text, n) for to, text, n in links]
        for width in WIDTHS:
            self.browser.size(width)
            found = self.browser.run(FAULTS)
            if found["wide"] > 0:
                self.fault(page, f"scrolls sideways by {found['wide']} of {width}")
            for text in found["out"]:
                self.fault(page, f"sticks out at {width}: {text!r}")
        for source in found["broken"]:
            self.fault(page, f"no picture {source}")

    def snippets(self, page):
        """Hold what the copy button copies against the code of the page's source."""
        source = self.folder / "_sources" / page.replace(".html", ".rst.txt")
        buttons = []
        for text, copy, python in self.browser.run(COPIED):
            if ">>> " in text:
                buttons.append((text, copy))
            elif python:
                self.compile(page, copy or "")
        shown = "\n\n".join(text for text, _ in buttons)
        if source.is_file() and ">>> " in (text := source.read_text("utf-8")):
            shown = text
        copied = " ".join(copy or "" for _, copy in buttons)
        if typed(shown) != copied.split():
            self.fault(page, "the copy button copies other code than is tested")
        return len(buttons)

    def compile(self, page, code):
        """Code that is not run, as it needs a server or another package, is Python."""
        try:
            compile(code, page, "exec")
        except SyntaxError as error:
            self.fault(page, f"the copy button copies no Python: {error}")

    def ways(self, start="index.html"):
        """Return {page, with or without a place: (clicks, words clicked)}."""
        found = {start: (0, [])}
        for clicks in range(MOST_CLICKS):
            for page, (so_far, words) in list(found.items()):
                if so_far != clicks:
                    continue
                for to, text, n in self.links.get(page, []):
                    for place in {to, to and to.partition("#")[0]} - {None}:
                        if so_far + n < found.get(place, (MOST_CLICKS + 1,))[0]:
                            found[place] = (so_far + n, [*words, text])
        return found

    def hits(self, typed_words):
        """Type words into the search of the front page; return the first pages."""
        self.open("index.html")
        self.browser.errors.clear()
        self.browser.run(SEARCH)
        self.browser.until('document.activeElement.name === "q"')
        self.browser.type(typed_words)
        done = '(document.querySelector(".search-summary") || {}).innerText || ""'
        self.browser.until(f"location.pathname.endsWith('search.html') && ({done})")
        places = [self.name(address) for address in self.browser.run(HITS)]
        for error in self.browser.errors:
            self.fault("search.html", f"{typed_words!r}: {error}")
        return [place.partition("#")[0] for place in places]

    def shoot(self, shots, name, address):
        """Write pictures of a place in each width, and of a dark one."""
        self.open(address)
        anchor = address.partition("#")[2]
        to_place = f"document.getElementById({json.dumps(anchor)})?.scrollIntoView()"
        for width, dark in [*((width, False) for width in WIDTHS), (max(WIDTHS), True)]:
            self.browser.size(width)
            self.browser.dark(dark)
            self.browser.run(to_place)
            self.browser.picture(shots / f"{name}-{'dark' if dark else width}.png")
        self.browser.dark(False)


def typed(text):
    """Return the words of the code that doctest runs in a text."""
    examples = doctest.DocTestParser().get_examples(text)
    code = "".join(example.source for example in examples)
    return re.sub(r" *# doctest:.*", "", code).split()


def find_all(site, tasks, shots):
    """Say of each task how it is found, and return how many are not."""
    ways, lost = site.ways(), 0
    for number, (task, words, page, anchor) in enumerate(tasks, 1):
        address = f"{page}#{anchor}" if anchor else page
        found = [ways[place] for place in (address, page) if place in ways]
        clicks, path = min(found, key=lambda way: way[0], default=(None, []))
        site.browser.size(WIDTHS[number % len(WIDTHS)])  # its button is another one
        hits = site.hits(words)
        rank = hits.index(page) + 1 if page in hits else None
        site.shoot(shots, f"{number:02}", address)
        there = site.browser.run(f"!!document.getElementById({json.dumps(anchor)})")
        if anchor and not there:
            site.fault(page, f"nothing is called #{anchor}")
        ok = clicks is not None and rank is not None
        lost += not ok
        print(
            f"{number:2}  {'ok  ' if ok else 'LOST'}  clicks {clicks or '-'}  "
            f"search {rank or '-'}  {task} | {' > '.join(path)} | {words!r}",
            flush=True,
        )
        if rank is None:
            print("      found instead:", *hits)
    return lost


def main():
    parser = argparse.ArgumentParser(prog=".ci/browser", description=__doc__)
    parser.add_argument("html", type=Path, help="folder of the built pages")
    parser.add_argument("--shots", type=Path, help="folder for pictures of the pages")
    parser.add_argument(
        "--no-gallery",
        action="store_true",
        help="the pages were built without the pictures of the gallery",
    )
    parser.add_argument(
        "--tasks-only", action="store_true", help="do not look at every page"
    )
    given = parser.parse_args()
    if not (given.html / "searchindex.js").is_file():
        raise SystemExit(f"{given.html} holds no pages built by Sphinx")
    shots = given.shots or given.html.parent / "browser"
    shots.mkdir(parents=True, exist_ok=True)
    switcher = (given.html / "_static" / "switcher.json").read_bytes()
    with Browser({f"{SITE}_static/switcher.json": switcher}) as browser:
        site = Site(given.html.resolve(), browser, not given.no_gallery)
        pages = site.pages()
        if given.tasks_only:
            front = "index.html"
            site.look(front)
            near = {(to or "").partition("#")[0] for to, *_ in site.links[front]}
            near &= set(pages)
            pages = sorted({front, *near, *(task[2] for task in read_tasks())})
        snippets = 0
        for page in pages:
            site.look(page)
            snippets += site.snippets(page)
        lost = find_all(site, read_tasks(), shots)
    print(
        f"{len(pages)} pages at {WIDTHS} pixels, {snippets} snippets copied, "
        f"{len(site.faults)} faults, {lost} tasks lost; pictures are in {shots}"
    )
    raise SystemExit(bool(site.faults or lost))


if __name__ == "__main__":
    main()
