"""peers.py - others' clients against the emulators: lego, Debian's certbot
plugins, lexicon, providers' own client libraries, unchanged. Prints TAP and a table of who agreed, and writes what they
sent and got to OUT/NAME.CLIENT.json.

    peers.py OUT NAME...    in a network namespace, with a CA
"""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import emulator  # noqa: E402
import run  # noqa: E402
import serve  # noqa: E402
from run import T, result  # noqa: E402


def execute(command, env, seconds=180):
    try:
        p = subprocess.run(command, env=dict(os.environ, **env), timeout=seconds,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, cwd=T)
        return p.returncode, p.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as e:
        return 124, (e.stdout or b"").decode(errors="replace")


def files(e):
    for name, text in e.FILES.items():
        run.write(os.path.join(T, name), text, e.MODE)


def lego(e):
    files(e)
    code, extra = e.LEGO[0], e.LEGO[1]
    env = {k: v.replace("{T}", T) for k, v in extra.items()}
    prefix = e.LEGO[2] if len(e.LEGO) > 2 else code.upper()
    for p in {prefix, list(extra)[0].split("_")[0] if extra else prefix}:
        env.update({p + "_PROPAGATION_TIMEOUT": "20", p + "_POLLING_INTERVAL": "1"})
    env["AWS_CA_BUNDLE"] = env["LEGO_CA_CERTIFICATES"] = os.environ["REQUESTS_CA_BUNDLE"]
    names = [e.zone_name] + ([] if e.ONE_SLOT else ["*." + e.zone_name])
    path = os.path.join(T, "lego")
    shutil.rmtree(path, ignore_errors=True)
    return execute(
        ["lego", "--server", os.environ["ACME_SERVER"], "--email", "me@example.com",
         "--accept-tos", "--path", path, "--dns", code, "--dns.resolvers",
         "127.0.0.1:53"] + [x for n in names for x in ("-d", n)] + ["run"], env)


def certbot(e):
    files(e)
    env = {k: v.replace("{T}", T) for k, v in e.ENV.items()}
    bundle = os.environ["REQUESTS_CA_BUNDLE"]
    env.update(PYTHONPATH=os.environ["PEERS"], AWS_CA_BUNDLE=bundle,
               HTTPLIB2_CA_CERTS=bundle, SSL_CERT_FILE=bundle)
    args = ["--" + e.CERTBOT] if e.CERTBOT != "dns-gandi" else ["-a", "dns-gandi"]
    if e.CREDENTIALS:
        prefix = e.CERTBOT.replace("-", "_") + "_"
        path = run.write(os.path.join(T, e.name + ".peer.ini"), "".join(
            "%s%s = %s\n" % (prefix, k, v) for k, v in e.CREDENTIALS.items()))
        args += ["--%s-credentials" % e.CERTBOT, path]
    elif getattr(e, "OPTIONS", None):
        args += ["--%s-%s=%s" % (e.CERTBOT, k, v.replace("{T}", T))
                 for k, v in e.OPTIONS.items()]
    args += ["--%s-propagation-seconds" % e.CERTBOT, "1"]
    dirs = os.path.join(T, "peer-" + e.name)
    shutil.rmtree(dirs, ignore_errors=True)
    return execute(
        ["/usr/bin/certbot", "certonly", "-n", "--agree-tos",
         "--register-unsafely-without-email", "--server", os.environ["ACME_SERVER"],
         "--config-dir", dirs + "/c", "--work-dir", dirs + "/w", "--logs-dir",
         dirs + "/l", "-d", e.zone_name, "-d", "*." + e.zone_name] + args, env)


LEXICON_CALLS = """
import sys
from lexicon.client import Client
from lexicon.config import ConfigResolver
provider, domain, options = sys.argv[1], sys.argv[2], eval(sys.argv[3])
for value, action in (("one", "create"), ("two", "create"), ("one", "list"),
                      ("one", "delete"), ("two", "delete")):
    got = Client(ConfigResolver().with_dict({
        "provider_name": provider, "action": action, "domain": domain, "type": "TXT",
        "name": "_acme-challenge.www." + domain, "content": value, "ttl": 3600,
        provider: options})).execute()
    if not got or action == "list" and value not in [r["content"].strip('"') for r in got]:
        raise SystemExit("%s gave %r" % (action, got))
"""


def lexicon(e):
    return execute(["/usr/bin/python3", "-c", LEXICON_CALLS, e.LEXICON[0], e.zone_name,
                    repr(e.LEXICON[1])], {})


def sdk(e):
    files(e)
    return execute(
        ["node", os.path.join(os.path.dirname(os.path.abspath(__file__)), "sdk.mjs"),
         os.environ["PEERS_NPM"], e.name, e.zone_name,
         json.dumps(e.SDK[2]).replace("{T}", T)],
        {"NODE_EXTRA_CA_CERTS": os.environ["REQUESTS_CA_BUNDLE"]})


def peer(e, name, fn, out):
    e.restore()
    e.log.clear()
    e.bad.clear()
    e.began = int(emulator.clock())
    before = run.snapshot(e)
    status, text = fn(e)
    good = status == 0
    clean = run.snapshot(e) == before
    result(good and not e.bad, "%s: %s agrees%s" % (
        e.name, name, "" if clean else " (it does not restore the zone)"),
        e.bad[:5], text[-700:],
        *["%(method)s %(url)s %(body)s" % c["request"] for c in e.log[-5:]])
    if e.SDK and name == e.SDK[0]:
        for call in e.log:  # what machine it is
            call["request"]["headers"].pop("user-agent", None)
    if good and not e.bad:
        with open(os.path.join(out, "%s.%s.json" % (e.name, name)), "w") as f:
            whole = {"began": e.began, "calls": e.log}
            if e.public:
                whole["key"] = e.public
            f.write(json.dumps(whole, indent=1, sort_keys=True) + "\n")
    return good and not e.bad


if __name__ == "__main__":
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    emulators = [serve.load(n) for n in sys.argv[2:]]
    serve.start(emulators, os.environ["CA_DIR"] + "/tls/cert.pem",
                os.environ["CA_DIR"] + "/tls/key.pem")
    table = []
    for e in emulators:
        agreed = []
        if e.LEGO and peer(e, "lego", lego, out):
            agreed.append("lego")
        if e.CERTBOT and os.environ.get("PEERS") and peer(e, "certbot", certbot, out):
            agreed.append("certbot")
        if e.LEXICON and peer(e, "lexicon", lexicon, out):
            agreed.append("lexicon")
        if e.SDK and os.environ.get("PEERS_NPM") and peer(e, e.SDK[0], sdk, out):
            agreed.append(e.SDK[0])
        table.append((e.name, " ".join(agreed) or "nobody (unproven)"))
    for name, who in table:
        print("# %-16s %s" % (name, who))
    print("1..%d" % run.N)
    sys.exit(run.FAILED > 0)
