#!/bin/sh
# dns-rfc2136 against BIND: every TSIG algorithm, apex and wildcard, a
# challenge zone of its own, IPv6, aliases, the propagation check, what is left
# behind, errors; beside Debian's plugin for the saved renewal file.
. "$(dirname "$0")/../lib.sh"
namespaces "$@"
need named openssl jq dig pgrep nsupdate

secret=$(head -c 32 /dev/urandom | base64 -w 0)
: >named.conf
for alg in md5 sha1 sha224 sha256 sha384 sha512; do
	printf 'key "k-%s." { algorithm hmac-%s; secret "%s"; };\n' $alg $alg "$secret" >>named.conf
done
keys='key k-md5.; key k-sha1.; key k-sha224.; key k-sha256.; key k-sha384.; key k-sha512.'
mkdir zones
# zone NAME POLICY [RECORD]...
zone()
{
	_zone=$1
	_policy=$2
	shift 2
	{
		printf '$TTL 60\n@ SOA ns1.example.com. h.example.com. 1 60 60 600 1\n'
		printf '@ NS ns1.example.com.\n'
		for _r; do printf '%s\n' "$_r"; done
	} >"zones/$_zone"
	printf 'zone "%s" { type primary; file "%s/zones/%s"; %s };\n' \
		"$_zone" "$T" "$_zone" "$_policy" >>named.conf
}
zone example.com "allow-update { $keys; };" 'ns1 A 127.0.0.1' 'ns1 AAAA ::1' \
	'_acme-challenge.deleg NS ns1' '_acme-challenge.alias CNAME x.target.test.' \
	'_acme-challenge.loop CNAME _acme-challenge.pool' \
	'_acme-challenge.pool CNAME _acme-challenge.loop' \
	'_acme-challenge.none CNAME nowhere.test.' 'keep TXT "mine"'
zone _acme-challenge.deleg.example.com 'update-policy { grant k-sha256. self-or-nothing. TXT; grant k-sha256. name _acme-challenge.deleg.example.com TXT; };'
sed -i 's/grant k-sha256. self-or-nothing. TXT; //' named.conf
zone target.test "allow-update { $keys; };"
zone locked.test 'allow-update { none; };'
zone asks.test 'allow-update { key k-sha256.; }; allow-query { key k-sha256.; };'
cat >>named.conf <<EOF
options { directory "$T/zones"; pid-file none; session-keyfile none;
	listen-on port 53 { 127.0.0.1; }; listen-on-v6 port 53 { ::1; };
	listen-on port 5353 { 127.0.0.1; }; listen-on-v6 port 5354 { ::1; };
	recursion yes; allow-recursion { any; }; dnssec-validation no; allow-query { any; }; };
controls { };
EOF
printf 'nameserver 127.0.0.1\n' >resolv.conf
mount --bind resolv.conf /etc/resolv.conf || bail 'no resolv.conf'
chmod 777 zones
start named named -g -c "$T/named.conf"
named=$pid
answers() { dig +short +time=1 +tries=1 @127.0.0.1 "$@" | grep -q '^[^;]'; }
wait_for answers SOA example.com || bail "named: $(tail -5 named.log)"
ca_start dns=127.0.0.1:53

# cred NAME LINE...: a credentials file
cred()
{
	_f=$1
	shift
	(umask 077; for _l; do printf 'dns_rfc2136_%s\n' "$_l"; done >"$_f")
}
txt() { dig +short @127.0.0.1 TXT "$1" | sort; }
for alg in md5 sha1 sha224 sha256 sha384 sha512; do
	cred $alg.ini "server = 127.0.0.1" "name = k-$alg." "secret = $secret" \
		"algorithm = HMAC-$(echo $alg | tr a-z A-Z)"
done
# certbot_run ARGUMENT...
certbot_run()
{
	run certbot "$@" --server "$ACME_SERVER" --config-dir "$T/c" \
		--work-dir "$T/w" --logs-dir "$T/l" -n --agree-tos \
		--register-unsafely-without-email --no-random-sleep-on-renew </dev/null
}
A="--account-dir $T/accounts"
# shellcheck disable=SC2086
acme-account register --agree-tos --no-contact $A >account.json || bail 'no account'
# challenge CREDENTIALS NAME...: an order through acme-challenge
challenge()
{
	_c=$1
	shift
	_d=
	for _n; do _d="$_d -d $_n"; done
	# shellcheck disable=SC2086
	acme-order new $_d $A - <account.json >order.json || bail 'no order'
	# shellcheck disable=SC2086
	run acme-challenge dns-rfc2136 --credentials "$_c" $A ${more-} <order.json
	detail=$(jq -r '.error.detail // ""' out)
}

for alg in md5 sha1 sha224 sha256 sha384 sha512; do
	challenge $alg.ini "$alg.example.com"
	is "$status" 0 "TSIG with HMAC-$alg"
done
challenge sha256.ini example.com '*.example.com' www.example.com
is "$status" 0 'apex, wildcard and another name'
json out '[.authorizations[].status] == ["valid", "valid", "valid"]' 'all valid'
is "$(txt _acme-challenge.example.com)" '' 'nothing is left'
is "$(txt keep.example.com)" '"mine"' 'other records are untouched'
unlike "$err" 'warn|error' 'it is quiet'
challenge sha256.ini deleg.example.com '*.deleg.example.com'
is "$status" 0 'a challenge zone of its own'
is "$(txt _acme-challenge.deleg.example.com)" '' 'left clean'
challenge sha256.ini alias.example.com
is "$status" 0 'an alias is followed to the zone where it leads'
challenge sha256.ini loop.example.com
like "$detail" 'the aliases of _acme-challenge.loop.example.com do not come to an end' 'aliases in a circle'
more="--dns-no-alias --dns-propagation 0"
challenge sha256.ini alias.example.com
isnt "$status" 0 'unless that is not wanted'
more=
cred six.ini 'server = ::1' 'name = k-sha512' "secret = $secret" 'algorithm = hmac-sha512' \
	'port = 53' 'sign_query = TRUE'
challenge six.ini six.example.com
is "$status" 0 'IPv6, a port, signed queries, an algorithm in small letters'
cred port4.ini 'server = 127.0.0.1' 'port = 5353' 'name = k-sha384.' "secret = $secret" 'algorithm = HMAC-SHA384'
challenge port4.ini port4.example.com
is "$status" 0 'another port'
cred port6.ini 'server = ::1' 'port = 5354' 'name = k-md5.' "secret = $secret" 'sign_query = true'
challenge port6.ini port6.example.com
is "$status" 0 'another port of an IPv6 server, and the algorithm that is the default'
cred port0.ini 'server = ::1' 'port = 0' 'name = k-md5.' "secret = $secret"
challenge port0.ini port6.example.com
like "$detail" 'The port \(0\) is not a number from 1 to 65535' 'no port'
# A zone that only who signs may ask for.
cred asks.ini 'server = 127.0.0.1' 'name = k-sha256.' "secret = $secret" 'algorithm = HMAC-SHA256'
challenge asks.ini asks.test
like "$detail" 'Unable to determine base domain' 'queries are not signed'
echo 'dns_rfc2136_sign_query = true' >>asks.ini
more='--dns-propagation 0'
challenge asks.ini asks.test
unlike "$detail" 'Unable to determine base domain' 'with sign_query they are'
more=

# What was there stays, also a value of somebody else's on the same name.
printf 'server 127.0.0.1\nzone example.com\nkey hmac-sha256:k-sha256. %s\nupdate add _acme-challenge.example.com 60 TXT "other"\nsend\n' "$secret" | nsupdate
challenge sha256.ini example.com '*.example.com'
is "$status" 0 'beside a value of somebody else'
is "$(txt _acme-challenge.example.com)" '"other"' 'which stays'

# Errors.
cred wrong.ini 'server = 127.0.0.1' 'name = k-sha256.' 'algorithm = HMAC-SHA256' \
	'secret = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
challenge wrong.ini example.com
like "$detail" 'NOTAUTH.*the secret is wrong' 'a wrong secret is told'
unlike "$err$(cat out)" 'AAAAAAAAAAAAAAAAAAAA' 'and not shown'
cred host.ini 'server = ns1.example.com' 'name = k' 'secret = QUJD'
challenge host.ini example.com
is "$detail" 'The configured target DNS server (ns1.example.com) is not a valid IPv4 or IPv6 address. A hostname is not allowed.' "certbot's text for a host name"
cred alg.ini 'server = 127.0.0.1' 'name = k' 'secret = QUJD' 'algorithm = HMAC-SHA3'
challenge alg.ini example.com
is "$detail" 'Unknown algorithm: HMAC-SHA3.' 'and for an algorithm'
cred few.ini 'server ='
challenge few.ini example.com
is "$detail" "Missing properties in credentials configuration file $T/few.ini:
 * Property \"dns_rfc2136_name\" not found (should be TSIG key name).
 * Property \"dns_rfc2136_secret\" not found (should be TSIG key secret).
 * Property \"dns_rfc2136_server\" not set (should be The target DNS server)." 'all that is missing, at once'
challenge sha256.ini locked.test
like "$detail" 'REFUSED' 'an update that the server refuses'
challenge sha256.ini www.elsewhere.test
is "$detail" "Unable to determine base domain for _acme-challenge.www.elsewhere.test using names: ['_acme-challenge.www.elsewhere.test', 'www.elsewhere.test', 'elsewhere.test', 'test']." 'no zone'
challenge "$T/nowhere.ini" example.com
is "$detail" "File not found: $T/nowhere.ini" 'no file'
challenge "$T/zones" example.com
is "$detail" "Path is a directory: $T/zones" 'a directory'
printf 'dns_rfc2136_server = 127.0.0.1\nnonsense\n' >bad.ini
chmod 600 bad.ini
challenge bad.ini example.com
like "$detail" 'Error parsing credentials configuration .*bad.ini.*line 2' 'a syntax error has its line'
cp sha256.ini open.ini
echo 'dns_rfc2136_colour = green' >>open.ini
chmod 644 open.ini
challenge open.ini example.com
is "$status" 0 'an open file with an unknown key will do'
is "$(printf '%s\n' "$err" | grep -c "Unsafe permissions on credentials configuration file: $T/open.ini")" 1 'the permissions are warned about once'
like "$err" 'Unknown property "dns_rfc2136_colour"' 'the key, too'

# Propagation.
challenge sha256.ini example.com
unlike "$err" 'name servers cannot be asked' 'the check could be made'
more='--dns-propagation 0'
challenge sha256.ini example.com
is "$status" 0 'a number of seconds'
more='--dns-propagation 2 -v'
began=$(date +%s%N)
challenge sha256.ini example.com
is "$(($(date +%s%N) - began >= 2000000000))" 1 'is how long it waits'
like "$err" 'Waiting 2 seconds for DNS changes to propagate' 'which is told'
more='--dns-propagation soon'
challenge sha256.ini example.com
is "$status" 64 'no word'
more='--dns-resolvers 127.0.0.1:9 --propagation-seconds 1 --dns-propagation check'
challenge sha256.ini example.com
is "$status" 0 'a check that cannot be made is no failure'
like "$err" 'The name servers cannot be asked for the TXT records' 'but a warning'
more=

# The driver.
certbot_run certonly --dns-rfc2136 --dns-rfc2136-credentials sha256.ini \
	-d example.com -d '*.example.com'
is "$status" 0 'certbot certonly --dns-rfc2136'
like "$out" 'Waiting up to 60 seconds for DNS changes to propagate' 'it says that it waits'
conf=c/renewal/example.com.conf
is "$(grep -c '^authenticator = dns-rfc2136$' $conf)" 1 'the authenticator is saved'
is "$(grep '^dns_rfc2136' $conf)" "dns_rfc2136_credentials = $T/sha256.ini" 'the path is saved, absolute'
unlike "$(cat $conf l/*)" "$secret" 'the secret is nowhere'
certbot_run renew --force-renewal
is "$status" 0 'it renews'
is "$(readlink c/live/example.com/cert.pem)" ../../archive/example.com/cert2.pem 'as version 2'
is "$(txt _acme-challenge.example.com)" '"other"' 'nothing is left'
certbot_run certonly --dns-rfc2136 -d x.example.com
is "$status" 1 'without a path and without a person'
like "$err" 'Input the path to your RFC 2136 credentials INI file' 'the question is told'
like "$err" 'set this with the --dns-rfc2136-credentials flag' 'and the flag'

# A host that is killed leaves nothing.
# shellcheck disable=SC2086
acme-order new -d kill.example.com $A - <account.json >order.json
acme-challenge dns-rfc2136 --credentials sha256.ini --dns-propagation 60 $A <order.json >/dev/null 2>&1 &
host=$!
wait_for answers TXT _acme-challenge.kill.example.com || fail 'no record came'
kill -9 $host
gone() { ! answers TXT _acme-challenge.kill.example.com; }
ok 'a killed host: the plugin removes the record' wait_for gone
acme-challenge dns-rfc2136 --credentials sha256.ini --dns-propagation 60 $A <order.json >killed.json 2>killed.log &
host=$!
wait_for answers TXT _acme-challenge.kill.example.com || fail 'no record came'
kill -9 "$(pgrep -P $host -x dns-rfc2136)"
wait $host
is $? 77 'a killed plugin'
ok 'its record is removed by another process' gone
unlike "$(cat killed.log)" 'left behind' 'nothing is left, and nothing is said to be'
# And beside somebody else's value, where it cannot be removed.
acme-challenge dns-rfc2136 --credentials sha256.ini --dns-propagation 60 $A <order.json >killed.json 2>killed.log &
host=$!
wait_for answers TXT _acme-challenge.kill.example.com || fail 'no record came'
mv sha256.ini away.ini
kill -9 "$(pgrep -P $host -x dns-rfc2136)"
wait $host
like "$(cat killed.log)" "File not found: .*sha256.ini.*this may be left behind: the TXT record _acme-challenge.kill.example.com with the value $(txt _acme-challenge.kill.example.com | tr -d '"')" \
	'a plugin that cannot be started again: what is left where'
mv away.ini sha256.ini
printf 'server 127.0.0.1\nzone example.com\nkey hmac-sha256:k-sha256. %s\nupdate delete _acme-challenge.kill.example.com TXT\nsend\n' "$secret" | nsupdate
setsid acme-challenge dns-rfc2136 --credentials sha256.ini --dns-propagation 60 $A <order.json >killed.json 2>/dev/null &
host=$!
wait_for answers TXT _acme-challenge.kill.example.com || fail 'no record came'
kill -TERM -$host
wait $host
is $? 143 'a signal to the whole group'
json killed.json '.error.type | endswith(":interrupted")' 'is told'
ok 'and leaves nothing' gone
done_testing
