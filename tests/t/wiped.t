#!/bin/sh
# Of a key that was written or read, no text is left in a stage's memory.
. "$(dirname "$0")/../lib.sh"
need openssl jq
ca_start PEBBLE_VA_ALWAYS_VALID=1
faultd_start
acme-account register --no-contact --agree-tos --account-dir acc >account ||
	bail 'no account'
acme-order new -d a.example <account |
	acme-challenge answer --preferred-challenges dns-01 >ready

# memory.py COMMAND...: starts it, and looks into its memory while the CA holds
# back the certificate: names of the files in words/ whose line is in there.
cat >memory.py <<'EOS'
import glob, os, subprocess, sys, urllib.request
control = sys.argv[1]
get = lambda path: urllib.request.urlopen(control + path, timeout=60).read()
child = subprocess.Popen(sys.argv[2:], stdin=open("ready"), stdout=open("doc", "w"))
get("/wait?resource=cert&n=1")
words = {"order": open("url", "rb").read().strip()}
for path in glob.glob(".*.order-*") + glob.glob("acc/**/private_key.json", recursive=True):
    text = open(path, "rb").read()
    lines = text.split(b'"') if path.endswith(".json") else text.split(b"\n")
    # The longest are of private numbers: not the first, that has the modulus.
    for n, line in enumerate(lines):
        if len(line) >= 40 and n > 0:
            words["%s %d" % (os.path.basename(path), n)] = line
found = set()
with open("/proc/%d/maps" % child.pid) as maps, \
        open("/proc/%d/mem" % child.pid, "rb", 0) as memory:
    for line in maps:
        span, mode = line.split()[:2]
        if not mode.startswith("rw") or "[v" in line:
            continue
        begin, end = (int(x, 16) for x in span.split("-"))
        memory.seek(begin)
        data = memory.read(end - begin)
        found |= {name for name in words if words[name] in data}
print(len(words), *sorted(found), sep="\n")
urllib.request.urlopen(control + "/release?x", data=b"")
sys.exit(child.wait())
EOS
jq -r .order.url ready >url
faultd_rules '[{"resource":"cert","hold":"x"}]'
faultd_post /reset
run /usr/bin/python3 memory.py "$FAULTD" acme-finalize --new-key rsa --key-out k.pem
is "$status" 0 'a certificate'
ok 'there is much to look for' test "$(head -n 1 out)" -gt 20
is "$(sed 1d out)" order 'of the order the memory has something, of the keys nothing'
is "$(leftovers)" '' 'no process is left'
done_testing
