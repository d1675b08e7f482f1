"""emulator.py - what the emulators of DNS providers' APIs have in common.

A module NAME.py beside this one has a class derived from Emulator with

    HOSTS        the API's host names
    CREDENTIALS  keys of the credentials file (without dns_NAME_)
    WRONG        which of them is wrong in the test of wrong credentials
    ENV, FILES   what else the plugin and other clients need
    LEGO         (code, environment, ...) when lego speaks the provider
    CERTBOT      Debian's certbot plugin, when there is one
    LEXICON      (provider, options) of lexicon, where nobody else speaks it
    SDK          (name, npm packages, parameters) of the provider's own client
                 library, where none of these speaks it (sdk.mjs)

and methods marked by route(METHOD, PATH), a regular expression for the whole
path. Each checks authentication by itself and refuses what the API refuses.
"""
import base64
import hashlib
import hmac
import json
import re
import threading
import time
import urllib.parse

__all__ = ["Emulator", "Refuse", "Malformed", "route", "clock", "opened", "relative",
           "absolute", "Store", "unquoted", "quoted",
           "base64", "hashlib", "hmac", "json", "re", "urllib"]


def clock():
    """The time of day; a recording is played back at its own."""
    return time.time() + Emulator.shift


class Refuse(Exception):
    """An answer that is an error."""

    def __init__(self, status, body=None, headers=None):
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


class Malformed(Exception):
    """A call that no client may make: noted, so that the test fails."""


def unquoted(value):
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return value[1:-1].replace('\\"', '"')
    return value


def quoted(value):
    return '"%s"' % unquoted(value)


def route(method, path):
    def mark(fn):
        fn.routes = getattr(fn, "routes", []) + [
            (method, re.compile(path + r"\Z"))]
        return fn
    return mark


class Store:
    """Zones and single records; names without final dot, lower case."""

    def __init__(self, zones):
        self.zones, self.next, self.changes = {}, 1000, 0
        for name in zones:
            self.zones[name] = {"id": str(self.number()), "name": name,
                                "records": []}

    def number(self):
        self.next += 1
        return self.next

    def zone(self, name):
        return self.zones.get(name.rstrip(".").lower())

    def by_id(self, ident):
        for zone in self.zones.values():
            if zone["id"] == str(ident):
                return zone
        return None

    def add(self, zone, name, kind, value, ttl):
        name = name.rstrip(".").lower()
        if name != zone["name"] and not name.endswith("." + zone["name"]):
            raise Malformed("%s is not in %s" % (name, zone["name"]))
        self.changes += 1
        record = {"id": str(self.number()), "name": name, "type": kind,
                  "value": value, "ttl": ttl}
        zone["records"].append(record)
        return record

    def find(self, zone, name=None, kind=None):
        return [r for r in zone["records"]
                if (name is None or r["name"] == name.rstrip(".").lower())
                and (kind is None or r["type"] == kind)]

    def remove(self, zone, ident):
        left = [r for r in zone["records"] if r["id"] != str(ident)]
        gone = len(left) != len(zone["records"])
        zone["records"] = left
        self.changes += gone
        return gone

    def replace(self, zone, name, kind, values, ttl):
        """A record set."""
        for record in self.find(zone, name, kind):
            self.remove(zone, record["id"])
        for value in values:
            self.add(zone, name, kind, value, ttl)

    def values(self, name, kind="TXT"):
        return sorted(unquoted(r["value"]) for z in self.zones.values()
                      for r in self.find(z, name, kind))


def relative(name, zone, apex="@"):
    name, zone = name.rstrip(".").lower(), zone.rstrip(".").lower()
    return apex if name == zone else name[:-len(zone) - 1]


def absolute(rel, zone):
    rel = rel.rstrip(".").lower()
    return zone if rel in ("", "@") else "%s.%s" % (rel, zone)


class Request:
    def __init__(self, method, target, headers, body, host):
        parts = urllib.parse.urlsplit(target)
        self.method, self.target, self.path = method, target, parts.path
        self.raw_query, self.host = parts.query, host
        self.headers = {k.lower(): v for k, v in headers}
        self.body = body
        self.query = dict(urllib.parse.parse_qsl(parts.query,
                                                 keep_blank_values=True))
        self.url = "https://%s%s" % (host, target)

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            raise Malformed("the body is no JSON: %r" % self.body[:200])

    def form(self):
        return dict(urllib.parse.parse_qsl(self.body.decode(),
                                           keep_blank_values=True))

    def bearer(self, want, scheme="Bearer", status=401, body=None):
        if self.headers.get("authorization") != "%s %s" % (scheme, want):
            raise Refuse(status, body or {"message": "unauthorized"})

    def basic(self, user, password, body=None):
        want = base64.b64encode(("%s:%s" % (user, password)).encode()).decode()
        self.bearer(want, "Basic", 401, body)


class Emulator:
    HOSTS = []
    CREDENTIALS = {}
    WRONG = None
    ENV = {}
    FILES = {}
    LEGO = None
    CERTBOT = None
    LEXICON = None
    SDK = None
    SUFFIX = ".test"  # lexicon takes only names with a public suffix
    LIMIT = (429, {"message": "slow down"}, {"Retry-After": "1"})
    ONE_SLOT = False  # one value at a name only
    NO_ZONE = True  # it knows which zones there are
    MODE = 0o600  # of FILES
    shift = 0
    public = None  # what signatures are checked with, where it is made for each run

    def __init__(self):
        self.name = self.__module__.replace("_", "-")
        self.zone_name = self.name + self.SUFFIX
        self.store = Store(["z1.test", "z2.test", "my" + self.zone_name,
                            self.zone_name, "test-" + self.zone_name, "z3.test"])
        self.zone = self.store.zone(self.zone_name)
        self.lock = threading.RLock()
        self.faults, self.bad, self.log = [], [], []
        self.began = int(clock())
        self.routes = [(m, p, fn) for fn in
                       (getattr(self, a) for a in dir(self))
                       if callable(fn) and hasattr(fn, "routes")
                       for m, p in fn.routes]

    def expire(self):
        """All sessions end; False where there are none."""
        return False

    def restore(self):
        """As it was after seed()."""
        self.store.__init__(list(self.store.zones))
        self.zone = self.store.zone(self.zone_name)
        self.seed()

    def seed(self):
        """What belongs to somebody else and must stay."""
        self.store.add(self.zone, "www." + self.zone_name, "A", "192.0.2.7", 3600)
        if not self.ONE_SLOT:
            self.store.add(self.zone, "_acme-challenge." + self.zone_name, "TXT",
                           self.spelled("foreign"), 3600)

    def spelled(self, value):
        """How the API shows a value that was stored."""
        return value

    def cleared(self, foreign):
        """What a name has after the clean-up."""
        return foreign

    def txt(self, name):
        """What the name servers answer."""
        return self.store.values(name)

    def authorize(self, request):
        pass

    def answer(self, request):
        """(status, body, headers)"""
        if self.faults:
            fault = self.faults.pop(0)
            if fault is not None:
                return fault
        known = False
        for method, pattern, fn in self.routes:
            match = pattern.match(request.path)
            if not match:
                continue
            known = True
            if method != request.method:
                continue
            if not getattr(fn, "open", False):
                self.authorize(request)
            result = fn(request, *(urllib.parse.unquote(g) if g else g
                                   for g in match.groups()))
            return result if isinstance(result, tuple) else (200, result, {})
        self.bad.append("no such call: %s %s" % (request.method, request.target))
        return (405 if known else 404), {"message": "no such call"}, {}

    def handle(self, request):
        with self.lock:
            try:
                status, body, headers = self.answer(request)
            except Refuse as e:
                status, body, headers = e.status, e.body, e.headers
            except Malformed as e:
                self.bad.append("%s %s: %s" % (request.method, request.target, e))
                status, body, headers = 400, {"message": str(e)}, {}
            except (KeyError, TypeError, IndexError, AttributeError,
                    ValueError) as e:
                self.bad.append("%s %s %r: %r" % (
                    request.method, request.target, request.body[:300], e))
                status, body, headers = 400, {"message": "malformed"}, {}
        headers = dict(headers)
        if isinstance(body, (dict, list)) or body is None and status == 200:
            data = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        elif body is None:
            data = b""
        else:
            data = body.encode() if isinstance(body, str) else body
            headers.setdefault("Content-Type", "text/xml"
                               if data.startswith(b"<") else "text/plain")
        self.log.append({"request": {"method": request.method,
                                     "url": request.url,
                                     "headers": request.headers,
                                     "body": request.body.decode(errors="replace")},
                         "answer": {"status": status, "headers": headers,
                                    "body": data.decode(errors="replace")}})
        return status, headers, data


def opened(fn):
    """A call that needs no authentication."""
    fn.open = True
    return fn
