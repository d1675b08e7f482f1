#!/bin/sh
# No key material where it does not belong: documents, arguments, environments,
# logs, traces, what goes over the network; and modes under any umask.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/pipeline.sh"
need xxd jq openssl curl strace
ca_start eab=1
faultd_start --http2
web_start
hmac=$CA_EAB_HMAC
unset CA_EAB_HMAC
printf '%s\n' "$hmac" >eab
chmod 600 eab
mkdir files
cat >auth.sh <<EOS
env >"$T/files/hook.\$CERTBOT_TOKEN"
mkdir -p "$T/www/.well-known/acme-challenge"
printf %s "\$CERTBOT_VALIDATION" >"$T/www/.well-known/acme-challenge/\$CERTBOT_TOKEN"
EOS

# -- the whole flow, at the highest level, every exec noted
cat >flow.sh <<EOS
V="-v -v -v --trace files/trace"
set -x
acme-account register --agree-tos -m me@example.com --eab-kid "$CA_EAB_KID" \
	--eab-hmac-key-file eab --account-dir le/accounts \$V |
	tee files/d1 |
acme-order new -d a.example -d www.a.example \$V | tee files/d2 |
acme-challenge --for www.a.example manual --manual-auth-hook 'sh auth.sh' \$V |
	tee files/d3 |
acme-challenge webroot -w www \$V | tee files/d4 |
acme-finalize --new-key ecdsa --key-out ec.key --fullchain-out full.pem \$V |
	tee files/d5 |
certstore save --config-dir le --work-dir work --cert-name a \$V >files/d6
acme-order new -d b.example \$V <files/d1 | acme-challenge webroot -w www \$V |
	acme-finalize --new-key rsa --key-out rsa.key \$V | tee files/e5 |
	certstore save --config-dir le --work-dir work \$V >files/e6
acme-account rollover --account-dir le/accounts --key-type ecdsa \$V >files/roll
acme-account show --account-dir le/accounts \$V >files/show
acme-account list --account-dir le/accounts \$V >files/list
acme-order show --account-dir le/accounts "\$(jq -r .order.url files/d2)" \$V >files/order
certstore show --config-dir le --work-dir work \$V >files/lineages
acme-revoke --cert full.pem --key ec.key \$V >files/revoked
acme-revoke --cert le/live/b.example/cert.pem --account-dir le/accounts \$V >files/revoked2
acme-account deactivate --account-dir le/accounts \$V >files/gone
EOS
# The driver keeps its log; its stages log upward.
cat >driver.sh <<EOS
certbot certonly --webroot -w www -d c.example -n --agree-tos -vvv --debug \
	-m me@example.com --server "$ACME_SERVER" --key-type ecdsa \
	--eab-kid "$CA_EAB_KID" --eab-hmac-key "\$(cat eab)" \
	--config-dir ce --work-dir cw --logs-dir files/logs
certbot renew --force-renewal --no-random-sleep-on-renew -vvv \
	--config-dir ce --work-dir cw --logs-dir files/logs
certbot revoke --cert-name c.example -n -vvv --config-dir ce --work-dir cw \
	--logs-dir files/logs --server "$ACME_SERVER" --no-delete-after-revoke
EOS
# Keys that are replaced or removed are kept for the search.
trap_keys()
{
	mkdir -p keys
	for _k in $(find le ce cw work . -maxdepth 8 -path ./keys -prune -o -path ./ca -prune -o \
		\( -name '*.key' -o -name 'privkey*.pem' -o \
		-name private_key.json \) -type f -print 2>/dev/null); do
		cp "$_k" "keys/$(sha256sum <"$_k" | cut -c1-16)"
	done
}
sed '/rollover/,$d' flow.sh >flow1.sh
{ sed -n '1,2p' flow.sh; sed -n '/rollover/,$p' flow.sh | sed '/deactivate/d'; } >flow2.sh
{ sed -n '1,2p' flow.sh; grep deactivate flow.sh; } >flow3.sh
for part in flow1 flow2 flow3 driver; do
	run strace -f -qq -v -s 1000000 -e trace=execve -o "files/$part.execs" \
		acme-net -- sh $part.sh
	is "$status" 0 "$part: the whole flow works"
	cp err "files/$part.err"
	cp out "files/$part.out"
	trap_keys
done
json files/d6 '.lineage.version == 1' 'a lineage was saved'
json files/revoked '.error == null' 'and revoked'
json files/gone '.account.status == "deactivated"' 'the account is gone'
faultd_get /log >files/network
is "$(ls keys | wc -l)" 7 'seven keys: three of accounts, four of certificates'

# patterns: what would be a trace of a key, one each line: the lines of its PEM
# form, its private number in hexadecimal, base64 and base64url
numbers()
{
	openssl pkey -in "$1" -noout -text 2>/dev/null | awk '
		/^(priv|privateExponent|prime1|prime2):/ { on = 1; next }
		/^[^ ]/ { if (on && hex) print hex; on = 0; hex = "" }
		on { gsub(/[ :]/, ""); hex = hex $0 }
		END { if (on && hex) print hex }'
}

pem_of()
{
	if head -c 1 "$1" | grep -q '{'; then
		/usr/bin/python3 -c '
import josepy, sys
from cryptography.hazmat.primitives import serialization as s
key = josepy.JWK.json_loads(open(sys.argv[1]).read()).key
sys.stdout.write(key._wrapped.private_bytes(s.Encoding.PEM,
    s.PrivateFormat.PKCS8, s.NoEncryption()).decode())' "$1"
	else
		cat "$1"
	fi
}

# private_lines: those of key.pem that hold private numbers only in part at
# least: RSA begins with the modulus, EC ends with the public point
private_lines()
{
	if [ "$(wc -l <key.pem)" -gt 10 ]; then
		grep -v -e '^--' key.pem | sed 1,7d | grep -E '.{40}'
	else
		sed -n 3p key.pem
	fi
}

for key in keys/*; do
	pem_of "$key" >key.pem
	private_lines
	for hex in $(numbers key.pem); do
		hex=$(printf %s "$hex" | sed 's/^00//')
		printf '%s\n' "$hex"
		printf '%s\n' "$hex" | tr a-f A-F
		b64=$(printf %s "$hex" | xxd -r -p | base64 -w 0 | tr -d =)
		printf '%s\n' "$b64"
		printf '%s\n' "$b64" | tr '+/' '-_'
	done
done | sort -u >patterns
{
	echo 'PRIVATE KEY'
	echo "$hmac"
	printf %s "$hmac" | tr '_-' '/+' | base64 -d 2>/dev/null | xxd -p -c 256
} >>patterns
ok 'there is something to look for' test "$(wc -l <patterns)" -ge 60

# found: files below files/ that have any of it
found()
{
	grep -rlaF -f patterns files
}

is "$(found | grep -v driver.execs)" '' 'no key material in documents, logs, traces, arguments'
# The one secret that certbot itself takes as an argument.
grep -aF -f patterns files/driver.execs | grep -vE '^[0-9]+ +execve\("[^"]*(certbot|sh|acme-net)", \["(certbot|sh|acme-net)"' >hits
is "$(grep -c . hits)" 0 'nor in arguments and environments of the driver'\''s children'
grep -vF -e "$hmac" patterns >others
is "$(grep -caF -f others files/driver.execs)" 0 'nor any other there'
ok 'documents were looked at' test -s files/d6
ok 'the trace was looked at' grep -q newAccount files/trace
ok 'the log was looked at' grep -q 'c.example' files/logs/letsencrypt.log
ok 'arguments were looked at' grep -q 'acme-finalize' files/flow1.execs
ok 'environments were looked at' grep -q "PATH=$ACME_BUILD" files/flow1.execs
unlike "$(cat files/trace)" '[Aa]uthorization: ' 'no authorization header in the trace'
like "$(cat files/logs/*)" 'eab.hmac.key.*\*\*\*|\*\*\*' 'the log shows *** for the EAB key'
mode files/trace 600 'the trace is for its owner'

# -- the search would find it
for key in keys/*; do
	pem_of "$key" >key.pem
	private_lines | tail -n 1 >files/planted
	[ "$(found)" = "$(printf 'files/driver.execs\nfiles/planted')" ] ||
		found | grep -q files/planted || fail "$key would not be found"
done
pass 'a line of any key would be found'
numbers key.pem | head -n 1 | sed 's/^00//' | xxd -r -p | base64 -w 0 |
	tr '+/' '-_' >files/planted
like "$(found)" files/planted 'its number would be found'
rm files/planted

# -- umask: as an ordinary user, who could not read what has no mode
for mask in 0 0777; do
	rm -rf um && mkdir um
	chown 65534:65534 um 2>/dev/null
	cat >um/run.sh <<EOS
cd "$T/um" && umask $mask
acme-account register --agree-tos --no-contact --eab-kid "$CA_EAB_KID" \
	--eab-hmac-key-fd 3 --account-dir le/accounts 3<<X |
$hmac
X
acme-order new -d um$mask.example |
acme-challenge webroot -w "$T/umwww" |
acme-finalize --new-key ecdsa --key-out key.pem --fullchain-out full.pem \
	--cert-out cert.pem --chain-out chain.pem --trace trace |
certstore save --config-dir le --work-dir work
EOS
	chmod 755 "$T" www
	rm -rf umwww && ln -s www umwww
	mkdir -p www/.well-known/acme-challenge
	chown -R 65534:65534 www 2>/dev/null
	chmod -R 755 www
	run as_user sh um/run.sh
	is "$status" 0 "umask $mask: works"
	mode um/key.pem 600 "umask $mask: the key"
	mode "$(find um/le/accounts -name private_key.json)" 400 \
		"umask $mask: the account's key"
	for dir in um/le/accounts um/le/archive um/le/live \
		"$(dirname "$(find um/le/accounts -name private_key.json)")"; do
		mode "$dir" 700 "umask $mask: ${dir#um/}"
	done
	mode um/le/archive/um$mask.example/privkey1.pem 600 \
		"umask $mask: the lineage's key"
	mode um/trace 600 "umask $mask: the trace"
	is "$(find um -type f -perm /077 ! -name '*.pem' ! -name '*.conf' \
		! -name README ! -name run.sh ! -name regr.json ! -name meta.json \
		! -name '.*')" '' "umask $mask: nothing else is open"
	is "$(find um ! -type l -perm /022 ! -name run.sh ! -path 'um/le/live/*' \
		! -path 'um/le/archive/*')" '' \
		"umask $mask: nothing can be written by others"
	run as_user certstore verify --config-dir um/le --work-dir um/work
	is "$status" 0 "umask $mask: its owner can read it"
done

# -- a key that others can read is reported
key=$(find um/le/accounts -name private_key.json)
chmod 644 "$key"
run as_user acme-account show --account-dir um/le/accounts
like "$err" "$key. can be read by others; run chmod 600" 'an open account key is reported'
is "$(leftovers)" '' 'no process is left'
done_testing
