#!/usr/bin/python3
"""Debian's certbot DNS plugins and ours, with the same input: what each says.

usage: dns-beside.py DIRECTORY OURS THEIRS SECRET

Writes to the files OURS and THEIRS a line for each plugin and matter: texts of
the descriptor, options, the hint, what comes of credentials files that are not
good, and of conversations with the name server on 127.0.0.1 (RFC 2136), whose
keys have the SECRET. PYTHONPATH has Debian's plugins (tests/peer-debs).
"""
import argparse
import importlib
import io
import json
import logging
import os
import subprocess
import sys

import dns.resolver
from certbot import errors
from certbot._internal.display import obj as display_obj

ROOT, OURS, THEIRS, SECRET = sys.argv[1:]
BUILD = os.environ["ACME_BUILD"]
NAMES = ["cloudflare", "digitalocean", "dnsimple", "gehirn", "google", "linode", "ovh",
         "rfc2136", "route53", "sakuracloud"]
VALIDATION = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"


def theirs_class(name):
    module = importlib.import_module("certbot_dns_%s._internal.dns_%s" % (name, name))
    return module.Authenticator


def txt(name):
    """The values at a name."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    try:
        return sorted(r.to_text() for r in resolver.resolve(name, "TXT"))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []


class Options:
    """What add_parser_arguments declares."""

    def __init__(self, cls):
        self.rows = {}
        cls.add_parser_arguments(self.add)

    def add(self, name, **how):
        self.rows[name] = how

    def texts(self):
        for name, how in sorted(self.rows.items()):
            default = how.get("default")
            yield name, " ".join(how["help"].split()), default


class Heard(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        if record.name.startswith("certbot"):
            self.lines.append(record.getMessage())


def theirs_does(plugin, name, domain):
    if name == "google":
        plugin._get_google_client()
    if domain is None:
        return "accepted"
    record = "_acme-challenge." + domain
    plugin._perform(domain, record, VALIDATION)
    there = txt(record)
    plugin._cleanup(domain, record, VALIDATION)
    return "%s, then %s" % (there, txt(record))


def theirs_says(name, credentials, domain=None):
    cls, heard = theirs_class(name), Heard()
    config = argparse.Namespace(noninteractive_mode=True)
    for option, _, default in Options(cls).texts():
        setattr(config, ("dns-%s-%s" % (name, option)).replace("-", "_"), default)
    setattr(config, "dns_%s_credentials" % name, credentials)
    plugin = cls(config, "dns-" + name)
    logging.getLogger().addHandler(heard)
    try:
        plugin._setup_credentials()
        said = theirs_does(plugin, name, domain)
    except errors.Error as e:
        said = str(e)
    except Exception as e:  # what certbot calls an unexpected error
        said = "%s: %s" % (type(e).__name__, e)
    logging.getLogger().removeHandler(heard)
    return heard.lines + [said]


def theirs_hint(name):
    cls = theirs_class(name)
    config = argparse.Namespace()
    for option, _, default in Options(cls).texts():
        setattr(config, ("dns-%s-%s" % (name, option)).replace("-", "_"), default)
    return cls(config, "dns-" + name)


class Ours:
    def __init__(self, name, **config):
        self.proc = subprocess.Popen(
            ["acme-net", "--", BUILD + "/libexec/acme-tools/dns-" + name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines = []
        self.say(op="init", version=1, config=config, interactive=False,
                 dirs={"config": ROOT, "work": ROOT, "logs": ROOT})

    def say(self, **request):
        self.proc.stdin.write(json.dumps(request) + "\n")
        self.proc.stdin.flush()
        for line in self.proc.stdout:
            answer = json.loads(line)
            if "log" in answer:
                if answer["log"]["level"] in ("warning", "error"):
                    self.lines.append(answer["log"]["text"])
            elif "ask" in answer:
                self.lines.append(json.dumps(answer["ask"], sort_keys=True))
                self.proc.stdin.write('{"answer":{"id":%s,"error":"nobody"}}\n'
                                      % json.dumps(answer["ask"].get("id")))
                self.proc.stdin.flush()
            else:
                return answer
        return {"error": {"detail": "it ended"}}

    def end(self):
        self.proc.stdin.close()
        self.proc.stdout.read()
        self.proc.wait()


def challenge(domain):
    return {"type": "dns-01", "identifier": {"type": "dns", "value": domain},
            "token": "t", "keyAuthorization": "t.k", "validation": VALIDATION}


def ours_says(name, credentials, domain=None):
    p = Ours(name, credentials=credentials, dns_no_alias=True)
    wanted = [challenge(domain or "a.example")]
    done = p.say(op="prepare")
    if "error" not in done:
        done = p.say(op="perform", challenges=wanted)
    said = done.get("error", {}).get("detail", "accepted")
    if "error" not in done and domain is not None:
        there = txt("_acme-challenge." + domain)
        p.say(op="cleanup", challenges=wanted)
        said = "%s, then %s" % (there, txt("_acme-challenge." + domain))
    p.end()
    return p.lines + [said]


def ours_hint(name):
    p = Ours(name)
    done = p.say(op="cleanup", challenges=[challenge("a.example")],
                 failed=[challenge("a.example")])
    p.end()
    return done.get("hint", "none")


def descriptor(name):
    with open("%s/libexec/acme-tools/dns-%s.json" % (BUILD, name)) as f:
        return json.load(f)


def write(name, text, mode=0o600):
    path = os.path.join(ROOT, name)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def files(name):
    """(matter, path of a credentials file)"""
    yield "not there", ROOT + "/nowhere.ini"
    yield "a directory", ROOT
    if name == "google":
        yield "no JSON", write("google.json", "{")
        return
    keys = ["dns_%s_%s" % (name, c["key"]) for c in descriptor(name)["dns"]["credentials"]]
    yield "empty", write("empty.ini", "")
    yield "open to all", write("open.ini", "", 0o644)
    yield "all not set", write("unset.ini", "".join(k + " =\n" for k in keys))
    if len(keys) > 1:
        yield "one only", write("one.ini", keys[-1] + " = x\n")
    yield "a broken line", write("broken.ini", "%s = x\nnonsense\n" % keys[0])
    yield "twice", write("twice.ini", "%s = x\n%s = y\n" % (keys[0], keys[0]))
    yield "a quote", write("quote.ini", "%s = \"x\n" % keys[0])


def facts(out, name, summary, about, options, hint):
    rows = [("description", summary), ("more info", about), ("hint", hint)]
    rows += [("--dns-%s-%s" % (name, n), text) for n, text in options]
    for matter, text in rows:
        out.write("%s\t%s\t%s\n" % (name, matter, " ".join(text.split())))


def both_facts(name, ours, theirs):
    d, cls = descriptor(name), theirs_class(name)
    plugin = theirs_hint(name)
    facts(ours, name, d["summary"], d["moreInfo"], sorted(
        (o["name"], o["help"]) for o in d["options"]), ours_hint(name))
    facts(theirs, name, cls.description, plugin.more_info(), [
        (n, text + (" (default: %s)" % default if n == "propagation-seconds" else ""))
        for n, text, default in Options(cls).texts()], plugin.auth_hint([]))


def updates():
    """(matter, lines of the credentials file, domain) for the name server"""
    good = {"server": "127.0.0.1", "name": "k-sha256.", "secret": SECRET,
            "algorithm": "HMAC-SHA256"}
    for algorithm in ("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"):
        yield "HMAC-" + algorithm, dict(good, name="k-%s." % algorithm.lower(),
                                        algorithm="HMAC-" + algorithm), "www.example.com"
    yield "no algorithm", {k: v for k, v in good.items() if k != "algorithm"} | {
        "name": "k-md5."}, "www.example.com"
    yield "a port", dict(good, port="53"), "www.example.com"
    yield "IPv6", dict(good, server="::1"), "www.example.com"
    yield "beside others", good, "kept.example.com"
    yield "a zone of its own", good, "deleg.example.com"
    yield "a name of a server", dict(good, server="localhost"), "www.example.com"
    yield "an unknown algorithm", dict(good, algorithm="HMAC-SHA3"), "www.example.com"
    yield "another secret", dict(good, secret="QUJDREVGR0hJSktMTU5PUA=="), "www.example.com"
    yield "another key", dict(good, name="nobody."), "www.example.com"
    yield "another algorithm", dict(good, algorithm="HMAC-SHA512"), "www.example.com"
    yield "no base64", dict(good, secret="A"), "www.example.com"
    yield "no port", dict(good, port="x"), "www.example.com"
    yield "no zone", good, "www.elsewhere.test"
    yield "refused", good, "locked.test"


def told(out, name, matter, lines):
    for line in lines:
        out.write("%s\t%s\t%s\n" % (name, matter, " | ".join(line.split("\n"))))


if __name__ == "__main__":
    display_obj.set_display(display_obj.NoninteractiveDisplay(io.StringIO()))
    with open(OURS, "w") as ours, open(THEIRS, "w") as theirs:
        for name in NAMES:
            both_facts(name, ours, theirs)
            if name == "route53":
                continue
            for matter, path in files(name):
                told(ours, name, matter, ours_says(name, path))
                told(theirs, name, matter, theirs_says(name, path))
        for matter, lines, domain in updates():
            path = write("update.ini", "".join(
                "dns_rfc2136_%s = %s\n" % row for row in lines.items()))
            told(ours, "rfc2136", matter, ours_says("rfc2136", path, domain))
            told(theirs, "rfc2136", matter, theirs_says("rfc2136", path, domain))
