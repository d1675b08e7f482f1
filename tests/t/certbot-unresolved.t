#!/bin/sh
# A host that cannot be reached. Its name has no address: whoever asks says so at
# once, as certbot does, and looks a name up again only where it was good before.
. "$(dirname "$0")/../lib.sh"
namespaces
need jq
. "$ROOT/tests/both.sh"
cat >dns.py <<'END'
# known.example has an address until the file "down" is there; nothing else has one.
import os, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
open("listening", "w").close()
while True:
    q, peer = s.recvfrom(4096)
    at, labels = 12, []
    while q[at]:
        labels.append(q[at + 1:at + 1 + q[at]].decode())
        at += 1 + q[at]
    name, kind, question = ".".join(labels), q[at + 2], q[12:at + 5]
    with open("asked", "a") as log:
        log.write("%s %d\n" % (name, kind))
    good = name == "known.example" and not os.path.exists("down")
    rr = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x7f\0\0\1" if good and kind == 1 else b""
    s.sendto(q[:2] + b"\x81" + (b"\x80" if good else b"\x83") + b"\0\1\0" +
             bytes([len(rr) > 0]) + b"\0\0\0\0" + question + rr, peer)
END
printf 'nameserver 127.0.0.1\n' >resolv.conf
mount --bind resolv.conf /etc/resolv.conf || bail 'no resolv.conf'
start dns /usr/bin/python3 dns.py
wait_for test -e listening || bail "no DNS: $(cat dns.log)"
# asked NAME: how often it was looked up since the last time
asked()
{
	touch asked
	grep -c "^$1 1$" asked
	rm asked
}
account="--agree-tos --register-unsafely-without-email -n"

run acme-account register --server https://ca.nowhere.example/dir --account-dir acc --agree-tos --no-contact
is "$status" 69 'a stage'
is "$err" "acme-account: cannot connect to ca.nowhere.example:443: Could not resolve host: ca.nowhere.example (is the name right, and does this machine's DNS work?)" \
	'says which name, in one sentence'
is "$(asked ca.nowhere.example)" 1 'and has looked it up once'
run acme-account register --server https://192.0.2.1/dir --account-dir acc --agree-tos --no-contact
like "$err" ': Network is unreachable \(has this machine a route to it\?\)$' 'no route: what to look at'
run acme-account register --server https://known.example:1/dir --account-dir acc --agree-tos --no-contact
like "$err" ': Connection refused \(does a server listen there, and is this its port\?\)$' 'nobody listens: what to look at'
# shellcheck disable=SC2086 # words
theirs certonly --standalone -d a.example $account --server https://ca.nowhere.example/dir
is "$status" 1 "Debian's certbot"
is "$(asked ca.nowhere.example)" 1 'does it so'
# shellcheck disable=SC2086
ours certonly --standalone -d a.example $account --server https://ca.nowhere.example/dir
is "$status" 1 'ours'
like "$err" '^cannot connect to ca\.nowhere\.example:443: Could not resolve host' 'says why'
is "$(asked ca.nowhere.example)" 1 'and asks once'
ours show_account --server https://ca.nowhere.example/dir
asked none >/dev/null

# The API of a provider.
ca_start
echo 'dns_digitalocean_token = x' >do.ini
chmod 600 do.ini
ours_new certonly --dns-digitalocean --dns-digitalocean-credentials do.ini -d a.example
is "$status" 1 'a provider whose API has no address'
like "$err" '^Error determining zone identifier for a\.example: cannot reach the API of DigitalOcean: cannot connect to api\.digitalocean\.com:443: Could not resolve host: api\.digitalocean\.com' \
	'is named'
is "$(asked api.digitalocean.com)" 1 'after one look'

# A name that was good a moment ago.
mkdir own site
cp "$ACME_BUILD/tests/helpers/net-tool" own/
ln -s "$ACME_BUILD/bin/acme-net" own/acme-net
one=$(free_port)
two=$(free_port)
start one /usr/bin/python3 -m http.server -b 127.0.0.1 -d site "$one"
wait_for port_listens "$one" || bail 'no web server'
mkfifo requests
start net sh -c "exec $T/own/net-tool <requests >answers"
exec 7>requests
echo "{\"url\":\"http://known.example:$one/\",\"plain\":\"any\"}" >&7
wait_for test -s answers || bail "no answer: $(cat net.log)"
touch down
for name in known other; do
	echo "{\"url\":\"http://$name.example:$two/\",\"plain\":\"any\"}" >&7
done
exec 7>&-
three()
{
	[ "$(wc -l <answers)" = 3 ]
}
wait_for three || bail "no answers: $(cat net.log)"
is "$(jq -c '[.status, .fault]' answers | paste -sd ' ')" '[200,null] [null,"refused"] [null,"unresolved"]' \
	'is worth another try, another is not'
is "$(leftovers)" '' 'no process is left'
done_testing
