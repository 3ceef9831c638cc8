"""A headless Chromium, for tests of what a reader sees."""

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


class Browser:
    """A headless Chromium with one tab, driven by its DevTools protocol."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="site-browser-")
        flags = ["headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "hide-scrollbars"]
        flags += ["disable-background-networking", "disable-component-update", "disable-sync"]
        flags += ["remote-debugging-port=0", "host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
        self.process = subprocess.Popen(
            [CHROMIUM, *(f"--{flag}" for flag in flags), f"--user-data-dir={self.folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.loop = asyncio.new_event_loop()
        self.numbers, self.events = itertools.count(1), []
        try:
            address = self._address()
            self.socket = self._wait(lambda: websocket_connect(address, max_message_size=2**28), 30, "the browser")
            self.tab = None
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self.tab = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Network", "Runtime", "Log"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.close()
            raise

    def _address(self):
        port = Path(self.folder) / "DevToolsActivePort"
        for _ in range(300):
            if port.exists() and len(lines := port.read_text().splitlines()) == 2:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            if self.process.poll() is not None:
                raise RuntimeError(f"{CHROMIUM} ended at once with exit code {self.process.returncode}")
            time.sleep(0.1)
        raise TimeoutError(f"{CHROMIUM} opened no DevTools port within 30 s")

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
        message = {"id": number, "method": method, "params": params}
        if self.tab:
            message["sessionId"] = self.tab

        self._wait(lambda: self.socket.write_message(json.dumps(message)), 30, method)
        while True:
            answer = self._receive(method)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

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

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)
