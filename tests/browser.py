"""Browsers without a window, for tests of what a reader sees: Chromium, and Firefox where there is one."""

import asyncio
import itertools
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tornado.websocket import websocket_connect

from surrogates.book.printed import CHROMIUM

FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
NO_FIREFOX = "no Firefox is installed (looked for firefox-esr, firefox)"
SETTINGS = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.proxy.type": 1,  # all but this machine is asked of a port where nobody answers
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "ui.prefersReducedMotion": 0,
}
"""Of Firefox, which otherwise asks its makers for this and that."""

KEYS = {
    "Tab": (9, "\ue004"),
    "Shift": (16, "\ue008"),
    "PageDown": (34, "\ue00f"),
    "Home": (36, "\ue011"),
    "ArrowUp": (38, "\ue013"),
    "ArrowRight": (39, "\ue014"),
}
"""What Chromium and Firefox call them."""


class Driven:
    """A browser with one tab, driven over a socket; each kind says how it is started, asked and called."""

    def __init__(self, program, *arguments):
        self.program, self.folder = program, tempfile.mkdtemp(prefix="site-browser-")
        self.loop = asyncio.new_event_loop()
        self.numbers, self.events, self.tab = itertools.count(1), [], None
        self.prepare()
        self.process = subprocess.Popen(
            [program, *(argument.format(folder=self.folder) for argument in arguments)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = self._address()
            self.socket = self._wait(lambda: websocket_connect(address, max_message_size=2**28), 30, "the browser")
            self.begin()
        except BaseException:
            self.close()
            raise

    def prepare(self):
        """What its folder needs before it is started."""

    def _address(self):
        port = Path(self.folder) / self.PORT
        for _ in range(300):
            if port.exists() and (address := self.address(port.read_text())):
                return address
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.program} ended at once with exit code {self.process.returncode}")
            time.sleep(0.1)
        raise TimeoutError(f"{self.program} opened no port within 30 s")

    def _wait(self, start, seconds, what):
        async def bounded():
            return await asyncio.wait_for(start(), seconds)

        try:
            return self.loop.run_until_complete(bounded())
        except TimeoutError:
            raise TimeoutError(f"no answer from {what} within {seconds} s") from None

    def _receive(self, what):
        message = self._wait(self.socket.read_message, 60, what)
        if message is None:
            raise ConnectionError(f"the browser closed the connection during {what}")
        return json.loads(message)

    def call(self, method, **params):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params} | self.to_tab()
        self._wait(lambda: self.socket.write_message(json.dumps(message)), 30, method)
        while True:
            answer = self._receive(method)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer.get('message') or answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Browser(Driven):
    """Chromium, by its DevTools protocol."""

    PORT = "DevToolsActivePort"

    def __init__(self):
        flags = ["headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "hide-scrollbars"]
        flags += ["disable-background-networking", "disable-component-update", "disable-sync"]
        flags += ["remote-debugging-port=0", "host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
        super().__init__(CHROMIUM, *(f"--{flag}" for flag in flags), "--user-data-dir={folder}", "about:blank")

    def address(self, said):
        lines = said.splitlines()
        return f"ws://127.0.0.1:{lines[0]}{lines[1]}" if len(lines) == 2 else None

    def begin(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.tab = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def to_tab(self):
        return {"sessionId": self.tab} if self.tab else {}

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def open(self, url, width, height, mobile=False):
        """Load a page in a window of width x height CSS pixels and wait until it has loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=mobile,
        )
        self.call("Page.navigate", url="about:blank")
        self.evaluate("0")
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._receive(url))

    def press(self, key, shift=False):
        for kind in ("rawKeyDown", "keyUp"):
            code = KEYS[key][0]
            modifiers = 8 if shift else 0
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, modifiers=modifiers
            )

    def drag(self, start, end, touch=False):
        for kind, (x, y) in (("press", start), ("move", end), ("release", end)):
            if touch:
                name = {"press": "touchStart", "move": "touchMove", "release": "touchEnd"}[kind]
                points = [] if kind == "release" else [{"x": x, "y": y}]
                self.call("Input.dispatchTouchEvent", type=name, touchPoints=points)
            else:
                name = {"press": "mousePressed", "move": "mouseMoved", "release": "mouseReleased"}[kind]
                self.call("Input.dispatchMouseEvent", type=name, x=x, y=y, button="left", clickCount=1)

    def complaints(self, origin):
        """What went wrong since the last `open`: requests to other hosts, failed loads, errors in scripts."""
        urls = {}
        for event in self.events:
            method, params = event.get("method"), event.get("params", {})
            if method == "Network.requestWillBeSent":
                url = urls[params["requestId"]] = params["request"]["url"]
                if not url.startswith((origin, "data:", "blob:", "about:")):
                    yield f"request to another host: {url}"
            elif method == "Network.loadingFailed" and not params.get("canceled"):
                yield f"failed to load {urls.get(params['requestId'])}: {params['errorText']}"
            elif method == "Network.responseReceived" and params["response"]["status"] >= 400:
                yield f"status {params['response']['status']} for {params['response']['url']}"
            elif method == "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                yield f"exception: {details.get('exception', {}).get('description', details['text'])}"
            elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
                yield f"console: {[argument.get('value') for argument in params['args']]}"
            elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
                yield f"log: {params['entry']['text']} {params['entry'].get('url', '')}"


class Firefox(Driven):
    """Firefox, by WebDriver BiDi; what a test needs of it is called as with Chromium."""

    PORT = "WebDriverBiDiServer.json"

    def __init__(self):
        super().__init__(FIREFOX, "--headless", "--remote-debugging-port=0", "--no-remote", "--profile", "{folder}")

    def prepare(self):
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in SETTINGS.items()]
        (Path(self.folder) / "user.js").write_text("\n".join(lines))

    def address(self, said):
        return f"ws://127.0.0.1:{json.loads(said)['ws_port']}/session" if said else None

    def begin(self):
        self.call("session.new", capabilities={})
        # Its first tab never has the focus where there is no window.
        self.tab = self.call("browsingContext.create", type="tab")["context"]
        self.call("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent", "network.fetchError"])

    def to_tab(self):
        return {}

    def evaluate(self, expression):
        answer = self.call(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self.tab},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))

    def open(self, url, width, height, mobile=False):
        """Load a page in a window of width x height CSS pixels and wait until it has loaded."""
        self.call("browsingContext.setViewport", context=self.tab, viewport={"width": width, "height": height})
        self.events.clear()
        self.call("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def _act(self, kind, actions, **parameters):
        source = {"type": kind, "id": kind, "actions": actions} | parameters
        self.call("input.performActions", context=self.tab, actions=[source])
        self.call("input.releaseActions", context=self.tab)

    def press(self, key, shift=False):
        keys = [KEYS[name][1] for name in ("Shift", key)[not shift :]]
        downs = [{"type": "keyDown", "value": value} for value in keys]
        self._act("key", [*downs, *({"type": "keyUp", "value": value} for value in reversed(keys))])

    def drag(self, start, end, touch=False):
        to, away = ({"type": "pointerMove", "x": round(x), "y": round(y)} for x, y in (start, end))
        presses = [to, {"type": "pointerDown", "button": 0}, away, {"type": "pointerUp", "button": 0}]
        self._act("pointer", presses, parameters={"pointerType": "touch" if touch else "mouse"})

    def complaints(self, origin):
        """What went wrong since the last `open`: requests to other hosts, failed loads, errors in scripts."""
        for event in self.events:
            method, params = event.get("method"), event.get("params", {})
            url = params.get("request", {}).get("url", "")
            if method == "network.beforeRequestSent" and not url.startswith((origin, "data:", "blob:", "about:")):
                yield f"request to another host: {url}"
            elif method == "network.fetchError":
                yield f"failed to load {url}: {params['errorText']}"
            elif method == "log.entryAdded" and params["level"] == "error":
                yield f"log: {params['text']}"
