#!/bin/sh
# Debian's certbot DNS plugins beside ours: descriptions, options, hints and
# defaults, bad credentials files, and dns-rfc2136 with the same BIND. Rows
# dns-beside of tests/data/differences.tsv are what differs on purpose.
. "$(dirname "$0")/../lib.sh"
if [ -z "${ACME_TEST_NS-}" ]; then
	PEERS=$("$ROOT/tests/peer-debs" cloudflare digitalocean dnsimple gehirn google \
		linode ovh rfc2136 route53 sakuracloud 2>&1) || skip_all "$PEERS"
	export PEERS
fi
namespaces "$@"
need named dig

secret=$(head -c 32 /dev/urandom | base64 -w 0)
keys=
for alg in md5 sha1 sha224 sha256 sha384 sha512; do
	printf 'key "k-%s." { algorithm hmac-%s; secret "%s"; };\n' $alg $alg "$secret"
	keys="$keys key k-$alg.;"
done >named.conf
mkdir zones files
# zone NAME UPDATERS RECORD...
zone()
{
	_zone=$1
	_who=$2
	shift 2
	{
		printf '$TTL 60\n@ SOA ns1.example.com. h.example.com. 1 60 60 600 1\n'
		printf '@ NS ns1.example.com.\n'
		for _r; do printf '%s\n' "$_r"; done
	} >"zones/$_zone"
	printf 'zone "%s" { type primary; file "%s/zones/%s"; allow-update { %s }; };\n' \
		"$_zone" "$T" "$_zone" "$_who" >>named.conf
}
zone example.com "$keys" 'ns1 A 127.0.0.1' '_acme-challenge.deleg NS ns1' \
	'_acme-challenge.kept TXT "foreign"'
zone _acme-challenge.deleg.example.com "$keys"
zone locked.test 'none;'
cat >>named.conf <<EOF
options { directory "$T/zones"; pid-file none; session-keyfile none;
	listen-on port 53 { 127.0.0.1; }; listen-on-v6 port 53 { ::1; };
	recursion no; dnssec-validation no; };
controls { };
EOF
chmod 777 zones
start named named -g -c "$T/named.conf"
answers() { dig +short +time=1 +tries=1 @127.0.0.1 SOA example.com | grep -q '^[^;]'; }
wait_for answers || bail "named: $(tail -5 named.log)"

run env PYTHONPATH="$PEERS" /usr/bin/python3 -W ignore "$ROOT/tests/helpers/dns-beside.py" \
	"$T/files" "$T/ours" "$T/theirs" "$secret"
is "$status" 0 'both have been asked'
differences_of dns-beside >wanted.sed
sed "s|$T/files|DIR|g" ours >ours.plain
sed "s|$T/files|DIR|g" theirs | sed -E -f wanted.sed >theirs.wanted ||
	bail 'the rows are no programs of sed'
cut -f 1,2 ours.plain theirs.wanted | sort -u >matters
[ "$(wc -l <matters)" -gt 100 ] || fail 'they have told much'
tap_run=
while IFS=$(printf '\t') read -r name matter; do
	what=$(printf '%s\t%s\t' "$name" "$matter")
	is "$(grep -F "$what" ours.plain)" "$(grep -F "$what" theirs.wanted)" "$name: $matter"
done <matters
done_testing
