"""The front end of the stand-in in a real browser: log in, see the floor, see it change."""

import asyncio
import base64
import gzip
import hashlib
import os
import re
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from environments.standin.parts.frontend import SOURCES
from tests.conftest import ROOT
from tests.standin import chromium
from tests.standin.knocking import Door

PICTURES = ROOT / ".cache" / "standin" / "pictures"
LARGEST_BYTES = 50 * 1024
VIEWS = {
    "light": (1280, 800, "light"),
    "dark": (1280, 800, "dark"),
    "phone": (390, 844, "light"),
    "phone-dark": (390, 844, "dark"),
}
CONTRAST = """(() => {
  const light = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!c.endsWith(", 0)")) return c; } return "rgb(255,255,255)"; };
  const texts = [...document.querySelectorAll("h1,h2,h3,p,b,dt,dd,small,strong,output,button,label,li")].filter((e) => e.checkVisibility() && e.textContent.trim());
  return texts.map((e) => { const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x); return [(a + .05) / (b + .05), e.textContent.slice(0, 30)]; }).sort((x, y) => x[0] - y[0])[0];
})()"""


@pytest.fixture(scope="session")
def door(kept_up):
    return Door(kept_up)


@pytest.fixture
def browser(tmp_path):
    """A folder for a browser, where there is one. CI has one."""
    if chromium.program() is None:
        assert "CI" not in os.environ, "CI must have a Chromium: .ci/run installs it"
        pytest.skip("no Chromium here: the front end cannot be looked at (Debian: apt-get install chromium)")
    return tmp_path


def key_of(door):
    """What the browser is to trust."""
    pem = (Path(door.standin.references["ca_file"]).parent / "front-door.pem").read_bytes()
    key = x509.load_pem_x509_certificate(pem).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


async def log_in(page, door, role="operator", password=None):
    references = door.standin.references
    await page.do("Page.navigate", url=door.origin("app") + "/")
    await page.until("document.readyState === 'complete' && !document.getElementById('enter').hidden")
    values = (references[f"account_{role}_username"], password or references[f"account_{role}_password"])
    for name, value in zip(("username", "password"), values, strict=True):
        await page.do("Runtime.evaluate", expression=f"document.querySelector('[name={name}]').focus()")
        await page.do("Input.insertText", text=value)
    await page.do("Runtime.evaluate", expression="document.querySelector('form button').click()")


async def take_pictures(page):
    """One per view, kept for people; each can be read and fits."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, view in VIEWS.items():
        (PICTURES / f"dashboard-{name}.png").write_bytes(await page.look(*view))
        ratio, text = await page.value(CONTRAST)
        assert ratio >= 4.5, f"{name}: {text!r} has a contrast of {ratio:.1f}"
        assert await page.value("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"


def test_a_user_sees_the_floor_and_sees_it_change(browser, door):
    """Log in; lines, OEE, calls; a new call, a new OEE and a line's fault appear without loading; nothing goes elsewhere."""

    async def look():
        async with chromium.page(browser, key_of(door)) as page:
            await log_in(page, door)
            await page.until("document.getElementById('live').dataset.state === 'on'")
            assert await page.value("document.querySelector('#lines h3').textContent.startsWith('L-BAG1')")
            calls = await page.value("Number(document.getElementById('calls-count').textContent)")
            for drill in ("andon-called", "oee-calculated", "line-status"):
                await asyncio.to_thread(door.standin.act, drill)
            await page.until(f"Number(document.getElementById('calls-count').textContent) === {calls + 1}")
            await page.until("document.getElementById('lines').textContent.includes('73 %')")
            await page.until("document.querySelector('#lines li').dataset.status === 'fault'")
            await take_pictures(page)
            await page.do("Page.reload")  # the session outlives it
            await page.until("document.getElementById('live')?.dataset.state === 'on'")
            return page

    try:
        page = asyncio.run(look())
    finally:
        for drill in ("andon-called", "oee-calculated", "line-status"):
            door.standin.undo(drill)
    assert page.said == []
    elsewhere = [
        url for url in page.asked if not re.match(rf"(https|wss)://{re.escape(door.name('app'))}:{door.port()}/", url)
    ]
    assert elsewhere == []
    assert any(url.startswith("wss://") for url in page.asked)


def test_a_wrong_password_is_said_in_words(browser, door):
    """And nothing of the floor is shown."""

    async def look():
        async with chromium.page(browser, key_of(door)) as page:
            await log_in(page, door, "viewer", "wrong")
            await page.until("document.getElementById('refusal').textContent !== ''")
            return await page.value("document.getElementById('board').hidden")

    assert asyncio.run(look()) is True


def test_the_shell_is_kept_by_the_service_worker(browser, door):
    """When the front door is shut, the page still opens, and the service worker keeps nothing of the API."""

    async def look():
        async with chromium.page(browser, key_of(door)) as page:
            await page.do("Page.navigate", url=door.origin("app") + "/")
            await page.until("navigator.serviceWorker?.ready.then((ready) => Boolean(ready.active))")
            kept = await page.value(
                "caches.keys().then((names) => caches.open(names[0])).then((cache) => cache.keys()).then((all) => all.map((one) => new URL(one.url).pathname))"
            )
            await asyncio.to_thread(door.standin.act, "stop-nginx")
            await page.do("Page.reload")
            await page.until("document.getElementById('health')?.textContent === 'unreachable'")
            return kept

    try:
        kept = asyncio.run(look())
    finally:
        door.standin.undo("stop-nginx")
    assert kept[0] == "/"
    assert all(re.fullmatch(r"/assets/\w+\.[0-9a-f]{8}\.\w+", path) for path in kept[1:])


def test_it_is_small_and_names_no_other_host():
    """All of it is less than 50 kB, and every address in it is its own."""
    sources = [source.read_text() for source in SOURCES.iterdir()]

    assert sum(len(text.encode()) for text in sources) <= LARGEST_BYTES
    assert len(gzip.compress("".join(sources).encode())) <= LARGEST_BYTES // 4
    for text in sources:
        assert set(re.findall(r"https?://[\w.]+", text)) <= {"http://www.w3.org"}


def test_the_index_names_what_is_there(door):
    """Every asset in it loads with its type, and asks for no inline script or style."""
    index = door("/").body.decode()
    named = re.findall(r'"(/assets/[^"]+)"', index)
    types = {
        "js": "application/javascript",
        "css": "text/css",
        "svg": "image/svg+xml",
        "webmanifest": "application/manifest+json",
    }

    assert {name.rpartition(".")[2] for name in named} == set(types)
    for name in named:
        assert door(name).header("Content-Type") == types[name.rpartition(".")[2]]
    assert door("/service-worker.js").header("Cache-Control") == "no-cache"
    assert not re.search(r"<style|style=|<script>|\son\w+=", index)
