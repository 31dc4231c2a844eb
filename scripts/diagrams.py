"""Draw every process of a folder as SVG and PNG, as the pages show it (`make diagrams`)."""

from __future__ import annotations

import functools
import http.server
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from scripts.machine import CHROMIUM_FLAGS, find_chromium

DIST: Final = Path(__file__).resolve().parent.parent / "web" / "static" / "dist"
_PIXELS_PER_UNIT: Final = 1.5
#: bpmn-js numbers the markers of arrows at random; drawn again, a file must stay the same.
_RANDOM_ID: Final = re.compile(r"marker-(?!start|mid|end)[0-9a-z]+")
_VIEWER: Final = """<!doctype html><html lang="zh-Hans"><meta charset="utf-8">
<link rel="stylesheet" href="/dist/fonts.css"><link rel="stylesheet" href="/dist/viewer.css">
<link rel="stylesheet" href="/dist/style.css"><body>
<script type="module" src="/dist/viewer.js"></script>
<figure class="diagram" data-diagram-url="/source/{name}"></figure>"""
_DRAW: Final = """async () => {
  const figure = document.querySelector("figure");
  const viewer = figure.diagram;
  const drawings = [];
  for (const root of viewer.get("canvas").getRootElements()) {
    viewer.get("canvas").setRootElement(root);
    const { svg } = await viewer.saveSVG();
    drawings.push({ id: root.businessObject.id, svg });
  }
  return drawings;
}"""

_SHOW: Final = """markup => {
  document.body.innerHTML = markup;
  document.body.style.background = "#fff";
  document.querySelector("svg").style.maxWidth = "none";
}"""


class _Files(http.server.SimpleHTTPRequestHandler):
    """Serves the built viewer below /dist and the diagrams below /source."""

    def __init__(self, *arguments: object, folders: dict[str, Path], **named: object) -> None:
        self.folders = folders
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # as the server passes them

    def do_GET(self) -> None:
        if self.path.startswith("/page/"):
            body = _VIEWER.format(name=self.path.removeprefix("/page/")).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        head, _, name = path.lstrip("/").partition("/")
        folder = self.folders.get(head)
        target = (folder / name).resolve() if folder else None
        if folder and target and target.is_relative_to(folder):
            return str(target)
        return "/nonexistent"

    def log_message(self, format: str, *args: object) -> None:
        pass


def main(arguments: list[str]) -> int:
    """`python -m scripts.diagrams SOURCE TARGET`: returns 1 when a diagram cannot be drawn."""
    if len(arguments) != 2:
        print("usage: python -m scripts.diagrams SOURCE TARGET", file=sys.stderr)
        return 2
    source, target = (Path(argument).resolve() for argument in arguments)
    chromium = find_chromium()
    if chromium is None:
        print("Drawing needs Chromium; on Debian: apt-get install chromium", file=sys.stderr)
        return 1
    target.mkdir(parents=True, exist_ok=True)
    failed = False
    with _served(source) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*CHROMIUM_FLAGS])
        page = browser.new_page(device_scale_factor=_PIXELS_PER_UNIT, locale="zh-CN")
        for file in sorted(source.glob("*.bpmn")):
            drawn = draw(page, f"{address}/page/{file.name}", target, file.stem)
            print(f"{file.name}: {', '.join(drawn) or 'could not be drawn'}")
            failed = failed or not drawn
        browser.close()
    return 1 if failed else 0


def draw(page: Page, address: str, target: Path, name: str) -> list[str]:
    """Write NAME.svg and NAME.png, and NAME.SUBPROCESS.* for collapsed ones; none when it fails."""
    page.goto(address)
    page.wait_for_selector(".diagram-tools, .diagram-error")
    if page.query_selector(".diagram-error"):
        return []
    written = []
    for position, drawing in enumerate(page.evaluate(_DRAW)):
        stem = name if position == 0 else f"{name}.{drawing['id'].removesuffix('_plane')}"
        svg = _with_stable_ids(drawing["svg"])
        (target / f"{stem}.svg").write_text(svg, encoding="utf-8")
        _photograph(page, svg, target / f"{stem}.png")
        written.append(stem)
    return written


def _photograph(page: Page, svg: str, path: Path) -> None:
    markup = svg[svg.index("<svg") :]
    page.evaluate(_SHOW, markup)
    page.evaluate("() => document.fonts.ready.then(() => true)")
    page.locator("body > svg").screenshot(path=path)


def _with_stable_ids(svg: str) -> str:
    names: dict[str, str] = {}
    for found in _RANDOM_ID.finditer(svg):
        names.setdefault(found[0], f"marker-{len(names) + 1}")
    return _RANDOM_ID.sub(lambda found: names[found[0]], svg)


@contextmanager
def _served(source: Path) -> Iterator[str]:
    handler = functools.partial(_Files, folders={"dist": DIST, "source": source})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
