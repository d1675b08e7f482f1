"""pair.py - TAP: one certificate for names of two providers, each a stage with
--for in one pipeline; certbot renew does the same from what was saved.

    pair.py NAME NAME        in a network namespace, with a CA
"""
import json
import os
import shlex
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402
import serve  # noqa: E402
from run import T, result  # noqa: E402

ACCOUNTS = T + "/c/accounts"
DIRS = ["--config-dir", T + "/c", "--work-dir", T + "/w"]


def stage(e, *words):
    """An acme-challenge with the provider's options."""
    p = run.Plugin(e)
    p.end()
    return ["acme-challenge", *words, "dns-" + e.name, "--account-dir", ACCOUNTS,
            "--credentials", p.options["credentials"]]


def pipeline(first, second, lineage):
    names = [first.zone_name, "*." + first.zone_name, second.zone_name,
             "www." + second.zone_name]
    steps = [
        ["acme-order", "new", "--account-dir", ACCOUNTS, "-"]
        + [x for n in names for x in ("-d", n)],
        stage(first, "--for", first.zone_name, "--for", "*." + first.zone_name),
        stage(second),
        ["acme-finalize", "--account-dir", ACCOUNTS, "--new-key", "ecdsa", "--key-out",
         "%s/%s.pem" % (T, lineage)],
        ["certstore", "save", *DIRS, "--cert-name", lineage]]
    done = subprocess.run(
        ["acme-net", "--", "sh", "-c", " | ".join(shlex.join(s) for s in steps)],
        stdin=open(T + "/account.json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=T)
    return done.returncode, json.loads(done.stdout), done.stderr.decode(), sorted(names)


def renew():
    done = subprocess.run(
        ["certbot", "renew", "-n", "--force-renewal", "--no-random-sleep-on-renew", *DIRS,
         "--logs-dir", T + "/l"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, cwd="/")
    return done.returncode, done.stdout


def written(e):
    """What the provider was asked to write."""
    return " ".join(c["request"]["url"] + c["request"]["body"] for c in e.log
                    if c["request"]["method"] in ("POST", "PUT", "PATCH"))


def live():
    path = T + "/c/live/both/cert.pem"
    return os.path.basename(os.readlink(path)), run.names_in(path)


def clean(both, before):
    return [run.snapshot(e) for e in both] == before


def kept_apart(both, when):
    """Each provider was asked for its own names only."""
    for e, other in (both, both[::-1]):
        told = written(e)
        result("_acme-challenge" in told and other.zone_name not in told,
               "%s: %s was asked to write its own names only" % (when, e.name), told)
        e.log.clear()


def wrong_token(both, before):
    """One provider refuses: nothing is left at the other one, the certificate stays."""
    first, second = both
    path = os.path.join(T, second.name + ".ini")
    with open(path) as f:
        text = f.read()
    secret = second.CREDENTIALS[second.WRONG]
    run.write(path, text.replace(secret, "wrong" + secret[5:]))
    status, shown = renew()
    result(status == 1 and "Unable to authenticate you" in shown and clean(both, before)
           and live()[0] == "cert2.pem",
           "one provider refuses: nothing is left at the other, the certificate stays",
           status, shown, live())
    run.write(path, text)
    status, shown = renew()
    result(status == 0 and live()[0] == "cert3.pem", "and is renewed when it does not",
           status, shown, live())


def check(both):
    for e in both:
        e.seed()
    before = [run.snapshot(e) for e in both]
    shutil.copytree(T + "/accounts", ACCOUNTS)
    status, document, shown, names = pipeline(*both, "both")
    result(status == 0 and live() == ("cert1.pem", names),
           "one certificate for names at two providers", document.get("error"), shown)
    result(clean(both, before), "nothing is left at either")
    kept_apart(both, "issued")
    with open(T + "/c/renewal/both.conf") as f:
        main, _, ours = f.read().partition("[acme_tools]")
    result("authenticator = dns-%s\n" % both[1].name in main
           and both[0].name not in main and "dns-" + both[0].name in ours
           and not any(e.CREDENTIALS[e.WRONG] in main + ours for e in both),
           "the renewal file has both, and no secret", main, ours)
    status, shown = renew()
    result(status == 0 and live() == ("cert2.pem", names) and clean(both, before),
           "certbot renew asks both", status, shown, live())
    kept_apart(both, "renewed")
    wrong_token(both, before)
    for e in both:
        result(not e.bad, "%s: no call was malformed" % e.name, *e.bad[:5])


if __name__ == "__main__":
    emulators = [serve.load(n) for n in sys.argv[1:]]
    serve.start(emulators, os.environ["CA_DIR"] + "/tls/cert.pem",
                os.environ["CA_DIR"] + "/tls/key.pem")
    check(emulators)
    print("1..%d" % run.N)
    sys.exit(run.FAILED > 0)
