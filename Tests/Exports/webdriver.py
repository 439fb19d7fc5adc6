"""A headless Chromium, driven by its own driver through the W3C protocol: HTTP and JSON, nothing to install but Debian's
packages chromium and chromium-driver."""
import base64
import json
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """A window of its own; closed when the with statement ends."""

    def __init__(self, width, height, dark=False):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        # It says on which port it listens.
        for line in self.driver.stdout:
            words = line.split()
            if "successfully" in words and words[-1].rstrip(".").isdigit():
                self.base = f"http://127.0.0.1:{words[-1].rstrip('.')}"
                break
        arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--force-device-scale-factor=1", f"--window-size={width},{height}",
                     "--disable-background-networking", "--disable-component-update", "--no-first-run"]
        made = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}})
        self.session = "/session/" + made["sessionId"]
        # The window's frame counts in its size; what the page sees is to be this wide. And the colours asked for.
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.cdp("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._call("DELETE", self.session)
        finally:
            # Not SIGTERM: whoever started us may have blocked it, and the driver has that from us.
            self.driver.kill()
            self.driver.wait()

    def _call(self, method, path, body=None):
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(
            self.base + path, data=data, method=method, headers={"Content-Type": "application/json"})
        # No proxy stands between this and the driver.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()[:2000]) from None

    def cdp(self, command, **parameters):
        return self._call("POST", self.session + "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, address):
        self._call("POST", self.session + "/url", {"url": address})

    def run(self, script, *arguments):
        """Runs a function's body in the page."""
        return self._call("POST", self.session + "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, condition, seconds=20):
        """Waits until an expression is true in the page; false where it does not become so."""
        end = time.monotonic() + seconds
        while not self.run(f"return {condition}"):
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def find(self, selector):
        found = self._call("POST", self.session + "/element", {"using": "css selector", "value": selector})
        return found[ELEMENT]

    def click(self, selector):
        self._call("POST", f"{self.session}/element/{self.find(selector)}/click")

    def type(self, selector, text):
        self._call("POST", f"{self.session}/element/{self.find(selector)}/value", {"text": text})

    def drag(self, selector, begin, end):
        """Presses at one place of an element, releases at another; places are parts of its width, at half its height."""
        self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center', behavior: 'instant'})", selector)
        box = self.run(
            "const b = document.querySelector(arguments[0]).getBoundingClientRect(); return [b.x, b.y, b.width, b.height]",
            selector)
        at = [(int(box[0] + box[2] * part), int(box[1] + box[3] / 2)) for part in (begin, (begin + end) / 2, end)]

        def move(place):
            return {"type": "pointerMove", "duration": 20, "x": place[0], "y": place[1], "origin": "viewport"}

        self._call("POST", self.session + "/actions", {"actions": [{
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
            "actions": [move(at[0]), {"type": "pointerDown", "button": 0}, move(at[1]), move(at[2]),
                        {"type": "pointerUp", "button": 0}]}]})

    def keys(self, *keys):
        """Presses keys where the focus is, one after the other; a pair is the first held while the second is pressed."""
        actions = []
        for key in keys:
            held, pressed = key if isinstance(key, tuple) else (None, key)
            if held:
                actions.append({"type": "keyDown", "value": held})
            actions += [{"type": "keyDown", "value": pressed}, {"type": "keyUp", "value": pressed}]
            if held:
                actions.append({"type": "keyUp", "value": held})
        self._call("POST", self.session + "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def log(self, kind):
        """What was logged since it was asked for last."""
        return self._call("POST", self.session + "/se/log", {"type": kind})

    def requests(self):
        """The addresses that were asked for since this was called last."""
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]

    def screenshot(self, path, whole=True, clip=None):
        """A picture of the page; of all of it, or of what is in view."""
        more = {} if clip is None else {"clip": dict(zip(("x", "y", "width", "height"), clip), scale=1)}
        picture = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **more)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))
