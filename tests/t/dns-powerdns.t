#!/bin/sh
# dns-powerdns against a real PowerDNS server with its HTTP API.
. "$(dirname "$0")/../lib.sh"
namespaces "$@"
need pdns_server jq dig python3
python3 - <<'E' || bail 'no database'
import re, sqlite3
with open("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql") as f:
    sqlite3.connect("pdns.db").executescript(f.read())
E
key=pdns-key-0123456789
cat >pdns.conf <<E
launch=gsqlite3
gsqlite3-database=$T/pdns.db
api=yes
api-key=$key
webserver=yes
webserver-address=127.0.0.1
webserver-port=8081
webserver-allow-from=127.0.0.0/8
local-address=127.0.0.1
local-port=53
socket-dir=$T
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
E
start pdns pdns_server --config-dir="$T" --daemon=no --guardian=no
wait_for port_listens 8081 || bail "pdns: $(tail -5 pdns.log)"
api() { curl -sf -H "X-API-Key: $key" -H 'Content-Type: application/json' "$@"; }
zone()
{
	api -d "{\"name\":\"$1.\",\"kind\":\"$2\",\"nameservers\":[\"ns1.$1.\"],\"rrsets\":[
		{\"name\":\"ns1.$1.\",\"type\":\"A\",\"ttl\":60,\"records\":[{\"content\":\"127.0.0.1\",\"disabled\":false}]},
		{\"name\":\"_acme-challenge.$1.\",\"type\":\"TXT\",\"ttl\":77,\"records\":[{\"content\":\"\\\"foreign\\\"\",\"disabled\":false}]}]}" \
		http://127.0.0.1:8081/api/v1/servers/localhost/zones >/dev/null || bail "no zone $1"
}
zone example.com Native
zone sub.example.com Master
printf 'nameserver 127.0.0.1\n' >resolv.conf
mount --bind resolv.conf /etc/resolv.conf || bail 'no resolv.conf'
ca_start dns=127.0.0.1:53
(umask 077; printf 'dns_powerdns_api_url = http://127.0.0.1:8081/\ndns_powerdns_api_key = %s\n' "$key" >good.ini)
sed 's/pdns-key-/wrong-key-/' good.ini >wrong.ini
chmod 600 wrong.ini
txt() { dig +short @127.0.0.1 TXT "$1" | sort | paste -sd ' '; }
certbot_run()
{
	run certbot "$@" --server "$ACME_SERVER" --config-dir "$T/c" \
		--work-dir "$T/w" --logs-dir "$T/l" -n --agree-tos \
		--register-unsafely-without-email --no-random-sleep-on-renew </dev/null
}
certbot_run certonly -a dns-powerdns --dns-powerdns-credentials good.ini \
	-d example.com -d '*.example.com' -d www.sub.example.com -d sub.example.com
is "$status" 0 'apex, wildcard and a zone below'
is "$(txt _acme-challenge.example.com)" '"foreign"' 'somebody else'"'"'s value stays'
is "$(dig +noall +answer @127.0.0.1 TXT _acme-challenge.example.com | awk '{print $2}')" 77 'and its TTL'
is "$(txt _acme-challenge.www.sub.example.com)" '' 'nothing is left'
certbot_run renew --force-renewal
is "$status" 0 'it renews'
certbot_run certonly -a dns-powerdns --dns-powerdns-credentials wrong.ini -d w.example.com
is "$status" 1 'a wrong key'
like "$err" 'Is the API key correct\?' 'is told'
unlike "$err$out$(cat l/*)" 'wrong-key-0123456789|pdns-key-0123456789' 'and not shown'
certbot_run certonly -a dns-powerdns --dns-powerdns-credentials good.ini -d a.elsewhere.test
like "$err" "Unable to determine zone identifier for a.elsewhere.test using zone names: \['a.elsewhere.test', 'elsewhere.test'\]" 'no zone'

done_testing
