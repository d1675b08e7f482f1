"""run.py - TAP: each provider's plugin against its emulator.

    run.py NAME...        in a network namespace, with a CA (tests/lib.sh)

For each: apex, wildcard and another name through acme-challenge with the CA;
the same through certbot certonly, and certbot renew from what that saved;
two values on one name beside somebody else's, each removed by itself; a rate
limit; wrong credentials; names that are in no zone; answers that are none.
Mostly they wait, so a few providers are looked at side by side.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import serve  # noqa: E402
from emulator import Emulator, unquoted  # noqa: E402

T = os.environ["T"]
PLUGINS = os.environ.get("PLUGINS", os.environ["ACME_BUILD"] + "/libexec/acme-tools")
SIDE_BY_SIDE = 3
N = 0
FAILED = 0
PRINTING = threading.Lock()


def result(good, what, *context):
    with PRINTING:
        report(good, what, context)
    return good


def report(good, what, context):
    global N, FAILED
    N += 1
    FAILED += not good
    print("%sok %d - %s" % ("" if good else "not ", N, what), flush=True)
    if not good:
        print("# failed: %s" % what, file=sys.stderr)
        for line in context:
            for part in str(line).split("\n")[:12]:
                print("#     %s" % part[:600], file=sys.stderr)


def write(path, text, mode=0o600):
    with open(path, "w") as f:
        os.chmod(path, mode)
        f.write(text)
    return path


class Plugin:
    """One conversation with dns-NAME."""

    def __init__(self, e, wrong=False, **config):
        env = dict(os.environ, **{k: v.replace("{T}", T) for k, v in e.ENV.items()})
        prefix = "dns_" + e.name.replace("-", "_") + "_"
        values = dict(e.CREDENTIALS)
        for name, text in e.FILES.items():
            write(os.path.join(T, name), text, e.MODE)
        if wrong:
            spoiled = "wrong" + values.get(e.WRONG, "")[5:] if e.WRONG in values else ""
            values[e.WRONG] = spoiled or "wrong"
            env.update({k: v for k, v in getattr(e, "WRONG_ENV", {}).items()})
        self.options = {"dns_propagation": None, "dns_resolvers": None,
                        "dns_no_alias": False, "propagation_seconds": None}
        if values:
            self.options["credentials"] = write(
                os.path.join(T, e.name + (".wrong" if wrong else "") + ".ini"),
                "".join("%s%s = %s\n" % (prefix, k, v.replace("{T}", T))
                        for k, v in values.items()))
        self.options.update({k: v.replace("{T}", T) for k, v in
                             getattr(e, "OPTIONS", {}).items()})
        self.options.update(config)
        self.env = env
        self.proc = subprocess.Popen(
            ["acme-net", "--", PLUGINS + "/dns-" + e.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=env, text=True)
        self.logs = []
        self.first = self.say("init", version=1, config=self.options,
                              interactive=False, dirs={"config": T, "work": T,
                                                       "logs": T})
        self.ready = self.say("prepare")

    def say(self, op, **members):
        self.tell(op, **members)
        return self.hear()

    def tell(self, op, **members):
        try:
            self.proc.stdin.write(json.dumps(dict(members, op=op)) + "\n")
            self.proc.stdin.flush()
        except BrokenPipeError:
            pass  # what it said last tells why

    def hear(self):
        while True:
            line = self.proc.stdout.readline()
            if not line:
                return {"error": {"detail": "ended: " + self.proc.stderr.read()}}
            answer = json.loads(line)
            if "log" not in answer:
                return answer
            self.logs.append(answer["log"]["text"])

    def hear_until(self, words):
        """Log lines up to one with these words; False when a reply comes first."""
        while True:
            answer = json.loads(self.proc.stdout.readline() or "{}")
            if "log" not in answer:
                return False
            self.logs.append(answer["log"]["text"])
            if words in self.logs[-1]:
                return True

    def kill(self):
        """SIGKILL for the plugin alone; acme-net ends with its command."""
        for pid in os.listdir("/proc"):
            try:
                with open("/proc/%s/cmdline" % pid, "rb") as f:
                    words = f.read().split(b"\0")
                with open("/proc/%s/stat" % pid) as f:
                    parent = int(f.read().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if parent == self.proc.pid and b"/dns-" in words[0]:
                os.kill(int(pid), 9)
        self.proc.stdin.close()
        self.proc.stdout.read()
        self.proc.wait()

    def end(self):
        self.proc.stdin.close()
        rest = self.proc.stdout.read() + self.proc.stderr.read()
        self.proc.wait()
        return rest


def challenge(name, value):
    return {"type": "dns-01", "identifier": {"type": "dns", "value": name},
            "token": value, "keyAuthorization": value, "validation": value}


def detail(answer):
    return answer.get("error", {}).get("detail", "")


V1 = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
V2 = "-pHuq5a6sO1FJ0R0Xl5fV0Y3T4bq0wz1yQ2kq3u4W_8"


def record(e, directory):
    """What our plugin sent and got, for tests/provider-check."""
    whole = {"name": e.zone_name, "values": [V1] if e.ONE_SLOT else [V1, V2],
             "credentials": e.CREDENTIALS, "options": getattr(e, "OPTIONS", {}),
             "env": e.ENV, "files": e.FILES, "calls": [
                 {"request": {k: c["request"][k] for k in ("method", "url", "body")},
                  "answer": c["answer"]} for c in e.log]}
    text = json.dumps(whole, indent=1, sort_keys=True)
    if hasattr(e, "key"):
        twice = json.dumps(json.dumps(e.key)[1:-1])[1:-1]
        for form in (twice, json.dumps(e.key)[1:-1]):
            text = text.replace(form, "{KEY}")
        text = text.replace(T, "{T}")
    with open(os.path.join(directory, e.name + ".json"), "w") as f:
        f.write(text + "\n")


def two_values(e):
    name = "_acme-challenge." + e.zone_name
    foreign = e.store.values(name)
    e.log.clear()
    p = Plugin(e)
    both = [challenge(e.zone_name, V1), challenge(e.zone_name, V2)]
    done = p.say("perform", challenges=both[:1] if e.ONE_SLOT else both)
    want = sorted(foreign + [V1, V2])
    result(done.get("ok") and (V1 in e.txt(name) if e.ONE_SLOT else
                               sorted(e.txt(name)) == want),
           "%s: two values on one name" % e.name, done, p.ready, p.logs, e.txt(name))
    if not e.ONE_SLOT:
        p.say("cleanup", challenges=both[:1])
        result(sorted(e.txt(name)) == sorted(foreign + [V2]),
               "%s: one is taken away" % e.name, p.logs, e.txt(name))
    p.end()
    result(sorted(e.txt(name)) == sorted(e.cleared(foreign)),
           "%s: at end of input the other, too; not what is somebody else's" % e.name,
           p.logs, e.txt(name))
    if os.environ.get("RECORD"):
        record(e, os.environ["RECORD"])


def rate_limit(e):
    if e.LIMIT is None:
        return
    p = Plugin(e)
    e.faults = [e.LIMIT, None, e.LIMIT]
    done = p.say("perform", challenges=[challenge("www." + e.zone_name, V1)])
    good = done.get("ok") and V1 in e.txt("_acme-challenge.www." + e.zone_name)
    e.faults = []
    p.end()
    result(good and V1 not in e.txt("_acme-challenge.www." + e.zone_name),
           "%s: a rate limit is waited out" % e.name, done, p.logs)


def refusals(e):
    if e.WRONG:
        p = Plugin(e, wrong=True)
        done = p.say("perform", challenges=[challenge(e.zone_name, V1)])
        text = detail(p.ready) or detail(done)
        rest = p.end()
        shown = text + rest + "".join(p.logs)
        secret = e.CREDENTIALS.get(e.WRONG, "")[5:]
        result(text != "" and (not secret or secret not in shown),
               "%s: wrong credentials: %s" % (e.name, text.replace("\n", " ").replace("#", "")),
               done, shown)
    if not e.NO_ZONE:
        return
    p = Plugin(e)
    done = p.say("perform", challenges=[challenge("www.elsewhere.example", V1)])
    result("elsewhere.example" in detail(done), "%s: no zone is told" % e.name, done, p.logs)
    p.end()


def nonsense(e):
    for body, what in ((b"<html>no</html>", "no JSON"), (b'"x"', "another form"),
                       (b"[" * 100000, "broken")):
        p = Plugin(e)
        e.faults = [(200, body, {})] * 400
        done = p.say("perform", challenges=[challenge(e.zone_name, V1)])
        e.faults = []
        p.end()
        result(detail(done) != "" and not done.get("ok"),
               "%s: an answer that is %s is an error" % (e.name, what), done)


def delegated(e):
    """A record's name that is a zone of its own."""
    name = "_acme-challenge.deleg." + e.zone_name
    zone = e.store.zones[name] = {"id": str(e.store.number()), "name": name, "records": []}
    p = Plugin(e)
    done = p.say("perform", challenges=[challenge("deleg." + e.zone_name, V1)])
    result(done.get("ok") and [unquoted(r["value"]) for r in zone["records"]] == [V1],
           "%s: a delegated challenge name is a zone" % e.name, done, p.logs, zone)
    p.end()
    result(zone["records"] == [], "%s: which is left empty" % e.name, p.logs, zone)
    del e.store.zones[name]


def expiry(e):
    """The provider ends sessions before their time."""
    p = Plugin(e)
    both = [challenge(n + "." + e.zone_name, V1) for n in ("s1", "s2", "s3")]
    first = p.say("perform", challenges=both[:1])
    if e.expire():
        done = p.say("perform", challenges=both[1:])
        result(first.get("ok") and done.get("ok") and V1 in e.txt(
            "_acme-challenge.s2." + e.zone_name),
            "%s: a session that has ended is begun anew" % e.name, first, done, p.logs)
        e.expire()
    p.end()
    result(not any(e.txt("_acme-challenge.s%d.%s" % (i, e.zone_name)) for i in (1, 2, 3)),
           "%s: also to take away" % e.name, p.logs)


def rewritten(e):
    """Whether the provider's records are read, changed and written back."""
    with open("%s/dns-%s.json" % (PLUGINS, e.name)) as f:
        return json.load(f)["dns"]["model"] in ("rrset", "zone")


def side_by_side(e):
    """Processes that change one record set at the same time."""
    name = "_acme-challenge." + e.zone_name
    foreign = e.store.values(name)
    values = ["%d%s" % (i, V1[1:]) for i in range(4)]
    whole = e.handle

    def slow(request):
        if request.method != "GET":
            time.sleep(0.05)  # the others read meanwhile
        return whole(request)

    e.handle = slow
    all_ = [Plugin(e) for _ in values]
    for p, value in zip(all_, values):
        p.tell("perform", challenges=[challenge(e.zone_name, value)])
    done = [p.hear() for p in all_]
    result(all(d.get("ok") for d in done)
           and sorted(e.txt(name)) == sorted(foreign + values),
           "%s: four processes add to one name at once" % e.name, done, e.txt(name))
    for p in all_:
        p.proc.stdin.close()
    for p in all_:
        p.proc.stdout.read()
        p.proc.wait()
    e.handle = whole
    result(sorted(e.txt(name)) == sorted(foreign) and not [
        f for f in os.listdir(T) if f.startswith(".dns-%s-" % e.name)],
           "%s: and take theirs away at once" % e.name, e.txt(name), os.listdir(T))


def keeps_one(e):
    """Whether there is room for one process's value only."""
    with open("%s/dns-%s.json" % (PLUGINS, e.name)) as f:
        return json.load(f)["dns"]["model"] == "slot"


def one_after_other(e):
    """Two processes want the same place: the second waits for the first's end."""
    name = "_acme-challenge." + e.zone_name
    other = "2" + V1[1:]
    first, second = Plugin(e), Plugin(e)
    done = first.say("perform", challenges=[challenge(e.zone_name, V1)])
    second.tell("perform", challenges=[challenge(e.zone_name, other)])
    told = second.hear_until("another process has done with the records")
    there = e.txt(name)
    result(done.get("ok") and told and V1 in there and other not in there,
           "%s: another process waits for the only place" % e.name, done, told, there)
    first.say("cleanup", challenges=[challenge(e.zone_name, V1)])
    done = second.hear() if told else {}  # it has replied too early
    result(done.get("ok") and other in e.txt(name), "%s: and has it then" % e.name,
           done, e.txt(name))
    second.end()
    third = Plugin(e)
    done = third.say("perform", challenges=[challenge(e.zone_name, V1)])
    third.end()
    first.end()
    result(done.get("ok") and not [f for f in os.listdir(T)
                                   if f.startswith(".dns-%s-" % e.name)],
           "%s: and leaves it" % e.name, done, os.listdir(T))


def died(e):
    """The plugin is killed; another process of it removes what it has added."""
    name = "_acme-challenge." + e.zone_name
    foreign = e.txt(name)
    p = Plugin(e)
    both = [challenge(e.zone_name, V1), challenge("d." + e.zone_name, V2)]
    both = both[:1] if e.ONE_SLOT else both
    p.say("perform", challenges=both)
    there = e.txt(name)
    p.kill()
    p = Plugin(e)
    done = p.say("cleanup", challenges=both, left=True)
    again = p.say("cleanup", challenges=both, left=True)
    result(V1 in there and done.get("ok") and again.get("ok")
           and sorted(e.txt(name)) == sorted(e.cleared(foreign))
           and V2 not in e.txt("_acme-challenge.d." + e.zone_name),
           "%s: what a killed process has added is removed by another" % e.name,
           there, done, again, p.logs, e.txt(name))
    p.end()


def interrupted(e):
    """The host ends while the API still works on the request."""
    gate = threading.Event()
    waiting = threading.Event()
    whole = e.answer

    def slow(request):
        if request.method == "POST":
            waiting.set()
            gate.wait(10)
        return whole(request)

    e.answer = slow
    p = Plugin(e)
    p.proc.stdin.write(json.dumps({"op": "perform", "challenges": [
        challenge(e.zone_name, V1)]}) + "\n")
    p.proc.stdin.flush()
    waiting.wait(10)
    p.proc.stdin.close()
    gate.set()
    p.proc.stdout.read()
    p.proc.wait()
    e.answer = whole
    result(V1 not in e.txt("_acme-challenge." + e.zone_name),
           "%s: nothing is left of a request that was on its way" % e.name)


def waiting(e):
    """The host ends while the plugin waits for the name servers."""
    p = Plugin(e, propagation_seconds=3600)
    p.say("perform", challenges=[challenge("w." + e.zone_name, V1)])
    there = e.txt("_acme-challenge.w." + e.zone_name)
    p.tell("wait")
    p.end()
    result(there == [V1] and e.txt("_acme-challenge.w." + e.zone_name) == [],
           "%s: a host that ends while it waits" % e.name, there, p.logs)


def strange(e):
    """Answers that no client may believe, and what cannot be waited for."""
    kinds = ((200, b'"' + b"x" * (5 << 20) + b'"', {}), "too large", "too large|larger"), \
        ((302, b"", {"Location": "https://elsewhere.test/"}), "a redirect", "status 302"), \
        ((429, b"{}", {"Retry-After": "300"}), "patience of five minutes", "status 429")
    for fault, what, words in kinds:
        p = Plugin(e)
        e.faults = [fault] * 3
        began = time.monotonic()
        done = p.say("perform", challenges=[challenge(e.zone_name, V1)])
        e.faults = []
        p.end()
        result(re.search(words, detail(done)) and time.monotonic() - began < 60,
               "%s: %s is an error" % (e.name, what), done)


def echoing(e):
    """An API that says our secret back to us."""
    secret = e.CREDENTIALS[e.WRONG]
    said = {"errors": [{"code": 1, "message": "bad token %s here" % secret}]}
    for n in (0, 1):  # finding the zone, adding
        p = Plugin(e)
        e.faults = [None] * n + [(400, said, {})]
        done = p.say("perform", challenges=[challenge(e.zone_name, V1)])
        e.faults = []
        rest = p.end()
        result("bad token *** here" in detail(done)
               and secret not in json.dumps(done) + rest + "".join(p.logs),
               "%s: a secret that comes back is not shown" % e.name, done)


def half(e):
    """One of two cannot be added, and one of two cannot be removed."""
    names = ["f1." + e.zone_name, "f2." + e.zone_name]
    both = [challenge(n, V1) for n in names]
    at = ["_acme-challenge." + n for n in names]
    whole, refused = e.answer, []

    def refusing(request):
        text = request.target + request.body.decode()
        if request.method not in refused or "f2" not in text and request.method == "POST":
            return whole(request)
        return 400, {"message": "not today"}, {}

    e.answer = refusing
    p = Plugin(e)
    refused[:] = ["POST"]
    done = p.say("perform", challenges=both)
    refused.clear()
    parts = [bool(r.get("ok")) for r in done.get("results", [])]
    result(parts == [True, False] and e.txt(at[0]) == [V1],
           "%s: one of two names cannot be added" % e.name, done, e.txt(at[0]))
    p.end()
    result(e.txt(at[0]) == [], "%s: the other is taken away" % e.name, p.logs)
    p = Plugin(e)
    p.say("perform", challenges=both)
    refused[:] = ["DELETE"]
    done = p.say("cleanup", challenges=both[:1])
    refused.clear()
    told = json.dumps(done) + "".join(p.logs)
    result("may be left behind" in told and at[0] in told,
           "%s: what could not be removed is named" % e.name, done, p.logs)
    told = p.end()
    e.answer = whole
    result(e.txt(at[1]) == [], "%s: the other is removed all the same" % e.name, told)
    for name in at:
        e.store.replace(e.zone, name, "TXT", [], 60)


def endless(e):
    """Pages without end."""
    whole, calls = e.answer, []

    def turning(request):
        if request.method != "GET" or not request.path.endswith("/records"):
            return whole(request)
        calls.append(1)
        return 200, {"domain_records": [], "meta": {"total": 10 ** 9}, "links": {"pages": {
            "next": "https://%s%s?page=%d" % (request.host, request.path,
                                              len(calls) + 1)}}}, {}

    p = Plugin(e)
    p.say("perform", challenges=[challenge("e." + e.zone_name, V1)])
    e.answer = turning
    done = p.say("cleanup", challenges=[challenge("e." + e.zone_name, V1)])
    e.answer = whole
    result("do not come to an end" in json.dumps(done) + "".join(p.logs) and len(calls) <= 200,
           "%s: pages without end come to one" % e.name, done, p.logs[-3:], len(calls))
    p.end()
    e.store.replace(e.zone, "_acme-challenge.e." + e.zone_name, "TXT", [], 60)


def registers(e):
    """acme-dns: a domain without a registration gets one, and works then."""
    p = Plugin(e)
    one = [challenge("new." + e.zone_name, V1)]
    told = detail(p.say("perform", challenges=one))
    where = re.search("CNAME record of ([^,]+),", told)
    done = p.say("perform", challenges=one)
    rest = p.end()
    path = os.path.join(T, "acmedns.json")
    with open(path) as f:
        kept = json.load(f)
    result(where and done.get("ok") and e.txt(where.group(1)) == [V1]
           and sorted(kept) == sorted(list(json.loads(e.FILES["acmedns.json"]))
                                      + ["new." + e.zone_name])
           and os.stat(path).st_mode & 0o777 == 0o600,
           "%s: a registration is made and kept" % e.name, told, done, kept)
    secret = kept.get("new." + e.zone_name, {}).get("password", "?")
    result(secret not in told + rest + "".join(p.logs),
           "%s: and its password is not shown" % e.name, p.logs)


def with_ca(e):
    env = Plugin.__new__(Plugin)
    p = Plugin(e)
    env = p.env
    p.end()
    args = []
    for key, value in p.options.items():
        if value:
            args.append("--%s=%s" % (key.replace("_", "-"), value))
    names = [e.zone_name, "*." + e.zone_name, "www." + e.zone_name]
    order = subprocess.run(
        ["acme-order", "new", "--account-dir", T + "/accounts", "-"]
        + [x for n in names for x in ("-d", n)],
        stdin=open(T + "/account.json"), stdout=subprocess.PIPE, check=True)
    done = subprocess.run(
        ["acme-challenge", "dns-" + e.name, "--account-dir", T + "/accounts"] + args,
        input=order.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    document = json.loads(done.stdout)
    result(done.returncode == 0 and all(
        a["status"] == "valid" for a in document["authorizations"]),
        "%s: the CA validates %s" % (e.name, " and ".join(names)),
        document.get("error"), done.stderr.decode())


def names_in(path):
    text = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName",
                           "-in", path], stdout=subprocess.PIPE, text=True).stdout
    return sorted(w.strip(",")[4:] for w in text.split() if w.startswith("DNS:"))


def contents(directory):
    found = {}
    for at, _, files in os.walk(directory):
        for name in files:
            with open(os.path.join(at, name), errors="replace") as f:
                found[os.path.join(at, name)] = f.read()
    return found


class Certbot:
    """The driver, with directories of its own for each provider."""

    def __init__(self, e):
        p = Plugin(e)
        p.end()
        self.name, self.env = "dns-" + e.name, p.env
        self.at = os.path.join(T, "certbot-" + e.name)
        self.options = dict({k: v for k, v in p.options.items() if v},
                            propagation_seconds="0")
        self.secret = e.CREDENTIALS.get(e.WRONG) or e.ENV.get("AWS_SECRET_ACCESS_KEY")
        self.shown = ""

    def run(self, *words):
        done = subprocess.run(
            ["certbot", *words, "-n", "--config-dir", self.at + "/c", "--work-dir",
             self.at + "/w", "--logs-dir", self.at + "/l"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=self.env, cwd="/", text=True)
        self.shown += done.stdout
        return done.returncode

    def flags(self):
        return ["--" + self.name] + ["--%s-%s=%s" % (
            self.name, k.replace("_", "-"), v) for k, v in self.options.items()]

    def saved(self):
        """The options that the renewal file lacks."""
        with open(self.at + "/c/renewal/lineage.conf") as f:
            lines = f.read().split("\n")
        prefix = self.name.replace("-", "_") + "_"
        want = ["authenticator = " + self.name] + [
            "%s%s = %s" % (prefix, k, v) for k, v in self.options.items()]
        return [w for w in want if w not in lines]

    def live(self):
        path = self.at + "/c/live/lineage/cert.pem"
        return (os.path.basename(os.readlink(path)), names_in(path)) \
            if os.path.islink(path) else None


def with_certbot(e, before):
    c = Certbot(e)
    names = [e.zone_name, "*." + e.zone_name]
    status = c.run("certonly", "-vvv", "--agree-tos", "--register-unsafely-without-email",
                   "--server", os.environ["ACME_SERVER"], "--cert-name", "lineage",
                   *[x for n in names for x in ("-d", n)], *c.flags())
    result(status == 0 and c.live() == ("cert1.pem", sorted(names))
           and snapshot(e) == before,
           "%s: certbot certonly --dns-%s, and nothing is left" % (e.name, e.name),
           status, c.live(), snapshot(e), c.shown[-3000:])
    if status:
        return
    result(c.saved() == [], "%s: its options are saved" % e.name, c.saved())
    c.shown = ""
    status = c.run("renew", "-vvv", "--force-renewal", "--no-random-sleep-on-renew")
    result(status == 0 and c.live() == ("cert2.pem", sorted(names))
           and c.saved() == [] and snapshot(e) == before,
           "%s: certbot renew, from what was saved" % e.name,
           status, c.live(), c.saved(), snapshot(e), c.shown[-3000:])
    files = contents(c.at)
    shows = [p for p, text in files.items() if c.secret and c.secret in text]
    result(len(files) > 10 and not shows and not (c.secret and c.secret in c.shown),
           "%s: no secret in its files and messages at -vvv" % e.name, shows)


def check(e):
    e.seed()
    e.txt("_acme-challenge." + e.zone_name)
    before = snapshot(e)
    with_ca(e)
    with_certbot(e, before)
    two_values(e)
    rate_limit(e)
    refusals(e)
    if type(e).expire is not Emulator.expire:
        expiry(e)
    if rewritten(e):
        side_by_side(e)
    if keeps_one(e):
        one_after_other(e)
    died(e)
    if e is FIRST:
        delegated(e)
        nonsense(e)
        interrupted(e)
        waiting(e)
    if e.name == "cloudflare":
        strange(e)
        echoing(e)
        half(e)
    if e.name == "acmedns":
        registers(e)
    if e.name == "digitalocean":
        endless(e)
    result(snapshot(e) == before, "%s: the zones are as they were" % e.name,
           before, snapshot(e))
    result(not e.bad, "%s: no call was malformed" % e.name, *e.bad[:5])


def snapshot(e):
    return sorted((r["name"], r["type"], unquoted(r["value"]), str(r["ttl"]))
                  for z in e.store.zones.values() for r in z["records"])


if __name__ == "__main__":
    emulators = [serve.load(n) for n in sys.argv[1:]]
    FIRST = emulators[0]
    serve.start(emulators, os.environ["CA_DIR"] + "/tls/cert.pem",
                os.environ["CA_DIR"] + "/tls/key.pem")
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for each in [pool.submit(check, one) for one in emulators]:
            each.result()
    print("1..%d" % N)
    sys.exit(FAILED > 0)
