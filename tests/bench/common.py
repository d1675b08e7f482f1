"""What the benchmarks share: the CA and the web server that clients meet, and
what a command takes."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("ACME_BUILD", ROOT / "build")).resolve()


def say(text):
    print(text, flush=True)


def child(argv, **options):
    return subprocess.Popen(["setpriv", "--pdeathsig", "TERM"] + argv,
                            stdin=subprocess.DEVNULL, **options)


class World:
    """The CA, the web server and a proxy for each round trip."""

    def __init__(self, top):
        self.top, self.children = pathlib.Path(top), []
        ca = self.top / "ca"
        self.start([str(ROOT / "tests/ca"), str(ca)], "ca.log")
        env = self.wait(lambda: self.read_env(ca / "env"))
        self.env = env
        self.webroot = self.top / "www"
        self.webroot.mkdir()
        self.start(["/usr/bin/python3", "-m", "http.server", "-b",
                    "127.0.0.1", "-d", str(self.webroot),
                    env["HTTP01_PORT"]], "web.log")
        self.proxies = {}

    @staticmethod
    def read_env(path):
        # The last line: then the file is whole.
        text = path.read_text() if path.exists() else ""
        if "CA_EAB_HMAC" not in text:
            return None
        lines = [line.split(" ", 1)[1] for line in text.splitlines()]
        return {k: v.strip("'") for k, v in
                (line.split("=", 1) for line in lines)}

    def start(self, argv, log):
        with open(self.top / log, "wb") as file:
            self.children.append(child(argv, stdout=file, stderr=file))

    @staticmethod
    def wait(ready):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            got = ready()
            if got:
                return got
            time.sleep(0.02)
        sys.exit("bench: a server does not start")

    def proxy(self, rtt):
        if rtt not in self.proxies:
            listen, control = free_port(), free_port()
            tls = self.top / "ca/tls"
            server = self.env["ACME_SERVER"]
            self.start(
                ["/usr/bin/python3", str(ROOT / "tests/helpers/faultd.py"),
                 "--listen", "127.0.0.1:%d" % listen,
                 "--control", "127.0.0.1:%d" % control,
                 "--cert", str(tls / "cert.pem"), "--key",
                 str(tls / "key.pem"), "--ca", str(tls / "root.pem"),
                 "--upstream", server.rpartition("/")[0],
                 "--rtt", str(rtt), "--http2"], "faultd-%d.log" % rtt)
            self.proxies[rtt] = ("https://localhost:%d/dir" % listen,
                                 "http://127.0.0.1:%d" % control)
            self.wait(lambda: self.answers(self.proxies[rtt][1]))
        return self.proxies[rtt]

    @staticmethod
    def answers(url):
        try:
            return control(url, "/counters")
        except OSError:
            return None

    def stop(self):
        for process in self.children:
            process.send_signal(signal.SIGTERM)
        for process in self.children:
            process.wait()


def free_port():
    import socket
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def control(url, path, data=None):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url + path, data, timeout=10) as answer:
        text = answer.read()
    return json.loads(text) if path == "/counters" else text


class Memory(threading.Thread):
    """The most memory that the children of PID had together, in KiB."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most, self.over = pid, 0, threading.Event()

    def run(self):
        while not self.over.wait(0.01):
            self.most = max(self.most, sum(map(self.pss, self.tree())))

    def tree(self):
        parents = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open("/proc/%s/stat" % entry, "rb") as file:
                        parent = int(file.read().rpartition(b")")[2].split()[1])
                    parents.setdefault(parent, []).append(int(entry))
                except OSError:
                    pass
        found, todo = [], [self.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo += parents.get(pid, [])
        return found

    @staticmethod
    def pss(pid):
        try:
            with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
                for line in file:
                    if line.startswith("Pss:"):
                        return int(line.split()[1])
        except OSError:
            pass
        return 0


def measure(argv, **options):
    """Seconds, and seconds of all processors, of a command and its children."""
    before = os.times()
    start = time.monotonic()
    status = subprocess.run(argv, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, check=False,
                            **options).returncode
    wall = time.monotonic() - start
    after = os.times()
    if status != 0:
        sys.exit("bench: status %d: %s" % (status, " ".join(argv)))
    return wall, (after.children_user - before.children_user +
                  after.children_system - before.children_system)


def memory_of(argv, **options):
    """The most KiB of the process tree."""
    process = child(argv, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL, **options)
    watch = Memory(process.pid)
    watch.start()
    process.wait()
    watch.over.set()
    return watch.most


def best(times, argv, **options):
    """The run of least processor time."""
    return min((measure(argv, **options) for _ in range(times)),
               key=lambda got: got[1])


def lineages(config, count, kind, days, *lines):
    subprocess.run([str(BUILD / "tests/helpers/lineages"), str(config),
                    str(count), kind, str(days), *lines], check=True)


def roots(here):
    return ["--config-dir", "%s/conf" % here, "--work-dir", "%s/work" % here,
            "--logs-dir", "%s/logs" % here]


def workplace():
    return tempfile.TemporaryDirectory(prefix="acme-tools-bench.")
