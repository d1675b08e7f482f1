"""prompt.py - TAP: a person is asked for the credentials file: Debian's certbot
and ours on a terminal, with the same answers, show the same.

    prompt.py digitalocean        in a network namespace, with a CA; PEERS has
                                  Debian's plugin (tests/peer-debs)
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402
import serve  # noqa: E402
from run import T, result  # noqa: E402

ON_TERMINAL = os.path.join(os.environ["ROOT"], "tests/helpers/on-terminal.py")
ASKED = "Input the path to your DigitalOcean credentials INI file"
PROMPT = "(Enter 'c' to cancel): "
WHO = {"ours": "certbot", "theirs": "/usr/bin/certbot"}


def words(who, *more):
    at = os.path.join(T, who)
    return [WHO[who], *more, "--config-dir", at + "/c", "--work-dir", at + "/w",
            "--logs-dir", at + "/l"]


def certonly(who, *more):
    return words(who, "certonly", "--dns-digitalocean", "-d", "digitalocean.test",
                 "--server", os.environ["ACME_SERVER"], "--agree-tos",
                 "--register-unsafely-without-email",
                 "--dns-digitalocean-propagation-seconds", "1", *more)


def environment(who):
    env = dict(os.environ, HOME=T + "/home")
    if who == "theirs":
        env["PYTHONPATH"] = os.environ["PEERS"]
    return env


def plain(who, text):
    text = text.replace("%s/%s/" % (T, who), "DIR/").replace(T, "T")
    text = re.sub(r"[^\n]*\x1b\[K", "", text)  # progress
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    if who == "theirs":
        text = subprocess.run(["sed", "-E", "-f", T + "/wanted.sed"], input=text,
                              stdout=subprocess.PIPE, text=True, check=True).stdout
    text = re.sub(r"expires on [0-9-]+", "expires on DATE", text)
    return [line.rstrip() for line in text.split("\n") if line.strip()]


def typed(who, answers, command):
    """Status and what the terminal showed."""
    steps = []
    for answer in answers:
        steps += ["-w", ASKED, "-w", PROMPT, "-s", answer + "\\n"]
    done = subprocess.run(
        ["/usr/bin/python3", ON_TERMINAL, *steps, "--", *command],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=environment(who), cwd=T)
    return done.returncode, plain(who, done.stdout + done.stderr)


def quiet(who, command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, env=environment(who), cwd=T)
    return done.returncode, plain(who, done.stdout)


def both(what, fn, status):
    """The same of both; ours is returned."""
    theirs, ours = fn("theirs"), fn("ours")
    result(ours == theirs and ours[0] == status, what, ours[0], *ours[1], "THEIRS",
           theirs[0], *theirs[1])
    return "\n".join(ours[1])


def saved(who):
    with open("%s/%s/c/renewal/digitalocean.test.conf" % (T, who)) as f:
        return sorted(l.strip() for l in f if l.startswith("dns_digitalocean"))


def check(e):
    e.seed()
    before = run.snapshot(e)
    token = "dns_digitalocean_token = " + e.CREDENTIALS["token"] + "\n"
    run.write(T + "/home/good.ini", token)
    run.write(T + "/open.ini", token, 0o644)
    run.write(T + "/bad.ini", "dns_digitalocean_colour = green\n")
    run.write(T + "/unset.ini", "dns_digitalocean_token =\n")

    shown = both("wrong answers are asked for again, the good one is taken", lambda who: typed(
        who, ["", T + "/nowhere.ini", T, T + "/unset.ini", "~/good.ini"], certonly(who)), 0)
    for text in ("Please enter a valid path to your DigitalOcean credentials INI file.",
                 "File not found: T/nowhere.ini", "Path is a directory: T",
                 'Property "dns_digitalocean_token" not set'):
        result(text in shown, "it says: " + text, shown)
    want = ["dns_digitalocean_credentials = %s/home/good.ini" % T,
            "dns_digitalocean_propagation_seconds = 1"]
    result(saved("ours") == saved("theirs") == want, "~ is expanded in what is saved",
           saved("ours"), saved("theirs"))
    status, shown = quiet("ours", words("ours", "renew", "-n", "--force-renewal",
                                        "--no-random-sleep-on-renew"))
    result(status == 0, "a renewal asks nobody", *shown)

    shown = both("cancelled", lambda who: typed(who, ["c"], certonly(who, "--force-renewal")), 1)
    result("DigitalOcean credentials INI file required to proceed." in shown,
           "that it is required to proceed is told", shown)
    both("nobody is there to be asked", lambda who: quiet(
        who, certonly(who, "-n", "--force-renewal")), 1)
    shown = both("a file that others can read is warned about", lambda who: quiet(
        who, certonly(who, "-n", "--force-renewal", "--dns-digitalocean-credentials",
                      T + "/open.ini")), 0)
    result("Unsafe permissions on credentials configuration file: T/open.ini" in shown,
           "with certbot's text", shown)
    result(run.snapshot(e) == before, "the zone is as it was", run.snapshot(e))


if __name__ == "__main__":
    emulator = serve.load(sys.argv[1])
    serve.start([emulator], os.environ["CA_DIR"] + "/tls/cert.pem",
                os.environ["CA_DIR"] + "/tls/key.pem")
    check(emulator)
    print("1..%d" % run.N)
    sys.exit(run.FAILED > 0)
