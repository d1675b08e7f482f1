"""replay.py - TAP: what others' clients sent, once more to the emulators, which
must answer as they did when those clients agreed with them. Then a table of all
providers: who agreed. One with whom nobody did is "unproven" in its descriptor,
and only such a one.

    replay.py RECORDINGS PROVIDERS
"""
import glob
import json
import os
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import emulator  # noqa: E402
import serve  # noqa: E402


def replay(path):
    name, client, _ = os.path.basename(path).rsplit(".", 2)
    e = serve.load(name)
    with open(path) as f:
        record = json.load(f)
    e.public = record.get("key", e.public)
    emulator.Emulator.shift = record["began"] - time.time()
    e.seed()
    for i, call in enumerate(record["calls"]):
        r, want = call["request"], call["answer"]
        url = urllib.parse.urlsplit(r["url"])
        status, _, data = e.handle(emulator.Request(
            r["method"], r["url"].split(url.netloc, 1)[1], r["headers"].items(),
            r["body"].encode(), url.netloc))
        if status != want["status"] or len(data) != len(want["body"].encode()):
            print("#     call %d: %s %s: %d %r, was %d %r" % (
                i, r["method"], r["url"], status, data[:200], want["status"],
                want["body"][:200]), file=sys.stderr)
            return "not ok", "%s: %s" % (name, client)
    return "ok", "%s: %d calls of %s" % (name, len(record["calls"]), client)


# Those without an emulator: others' servers, and one that is no more.
OTHERS = {"rfc2136": "certbot BIND (dns-beside.t, dns-rfc2136.t)", "powerdns": "pdns-server (dns-powerdns.t)",
          "cloudxns": "(the service is gone)"}


def who(name, recordings):
    clients = [os.path.basename(p).rsplit(".", 2)[1] for p in recordings
               if os.path.basename(p).rsplit(".", 2)[0] == name]
    return " ".join(sorted(clients)) or OTHERS.get(name)


def judge(path, recordings):
    """The row of one provider's descriptor."""
    with open(path) as f:
        d = json.load(f)
    name = d["name"][4:]
    agreed = who(name, recordings)
    print("# %-16s %s" % (name, agreed or "unproven"))
    told = ["unproven" in d.get("about", ""), "unproven" in d["moreInfo"],
            d["dns"].get("unproven", False)]
    return ("ok" if told == [agreed is None] * 3 else "not ok",
            "%s: %s" % (name, agreed or "unproven, as its descriptor says"))


recordings = sorted(glob.glob(sys.argv[1] + "/*.json"))
rows = [replay(p) for p in recordings]
rows += [judge(p, recordings) for p in sorted(glob.glob(sys.argv[2] + "/*.json"))]
for i, (word, text) in enumerate(rows):
    print("%s %d - %s" % (word, i + 1, text))
print("1..%d" % len(rows))
sys.exit(any(w != "ok" for w, _ in rows))
