#!/bin/sh
# acme-challenge against a CA: each plugin, batches, --for, what is resumed.
. "$(dirname "$0")/../lib.sh"
need curl jq
ca_start
A="--account-dir $T/accounts"
S="--http-01-port $HTTP01_PORT"
# shellcheck disable=SC2086 # options are several words
acme-account register --agree-tos --no-contact $A >account.json ||
	bail 'no account'

# order NAME...: order.json
order()
{
	_d=
	for _n; do
		_d="$_d -d $_n"
	done
	# shellcheck disable=SC2086
	acme-order new $_d $A - <account.json >order.json || bail 'no order'
}

# challenge ARGUMENT...: on order.json, result in out.json
challenge()
{
	# shellcheck disable=SC2086
	run acme-challenge "$@" $A <order.json
	cp out out.json
}

# valid DESCRIPTION: success, and the CA says the same
valid()
{
	is "$status" 0 "$1: status"
	json out.json '.error == null and .order.status == "ready" and
		all(.authorizations[]; .status == "valid")' "$1: all is valid"
}

# -- standalone
order a.example b.example
challenge standalone $S
valid standalone
json out.json ".renewalparams.authenticator == \"standalone\" and
	.renewalparams.http01_port == $HTTP01_PORT and
	.renewalparams.account != null" 'standalone: what certbot would save'
port_listens "$HTTP01_PORT" && fail 'a listener is left' ||
	pass 'no listener is left'
cp out.json done.json
challenge standalone $S --trace trace
valid 'the same document again, whose answers are refused now'
like "$(cat trace)" '"type": *"urn:ietf:params:acme:error:' 'they were refused'
rm trace
cp done.json order.json
challenge standalone $S --trace trace
same out.json done.json 'a second run changes nothing'
ok 'and asks the server nothing' test ! -s trace

# -- what a plugin says
order say.example
challenge manual --manual-auth-hook "printf '\\033]0;x\\007red\\n'; exit 1" -v
like "$err" 'x1b\]0;x.x07red' 'what a hook says is shown'
unlike "$err" "$(printf '\033')|$(printf '\007')" 'without its control bytes'

# -- webroot
mkdir www
start web python3 -m http.server --bind 127.0.0.1 -d "$T/www" "$HTTP01_PORT"
web=$pid
wait_for port_listens "$HTTP01_PORT" || bail 'no web server'
order w.example x.example
challenge webroot -w www
valid webroot
json out.json ".renewalparams.webroot_path == [\"$T/www\"] and
	.renewalparams.webroot_map == {\"w.example\": \"$T/www\",
	\"x.example\": \"$T/www\"}" 'webroot: path and map are saved'
is "$(ls -A www)" '' 'webroot: nothing is left'
mkdir -p one/.well-known/acme-challenge two
order w.example
challenge webroot --webroot-path two --webroot-map '{"w.example":"'"$T/www"'"}'
valid 'webroot with a map'
is "$(ls -A two)" '' 'the map comes before the path'
order w.example
challenge webroot -w "$T/nowhere"
is "$status" 64 'webroot: no such directory'
like "$err" 'nowhere does not exist or is not a directory' 'said as certbot'
run acme-challenge webroot </dev/null
is "$status" 65 'no document on standard input'

# -- links in the web root
mkdir mine theirs
chmod 755 "$T"
mkdir real
ln -s "$T/real" mine/.well-known
order w.example
challenge webroot -w mine
is "$(ls -A real)" '' 'a link of the owner is followed, and cleaned up behind'
unlike "$(jq -r '.error.detail' out.json)" 'link' 'and is no error by itself'
if [ "$(id -u)" -eq 0 ]; then
	chown 65534 theirs
	ln -s "$T/real" theirs/.well-known
	chown -h 65534 theirs/.well-known
	order w.example
	challenge webroot -w theirs
	unlike "$(jq -r '.error.detail' out.json)" 'is a link' \
		"a link of the web root's owner is followed"
	chown -h 33 theirs/.well-known
	order w.example
	challenge webroot -w theirs
	is "$status" 77 "somebody else's link is not"
	like "$err" 'theirs/.well-known is a link that neither root' 'says so'
else
	skip 3 'not root'
fi
stop "$web"

# -- manual
cat >auth <<EOF
env | grep ^CERTBOT_ | sort >>auth.env; echo --- >>auth.env
echo "out \$CERTBOT_DOMAIN"
if [ -n "\${CERTBOT_TOKEN-}" ]; then
	mkdir -p www/.well-known/acme-challenge
	printf %s "\$CERTBOT_VALIDATION" >www/.well-known/acme-challenge/\$CERTBOT_TOKEN
else
	curl -sS -d '{"host":"_acme-challenge.'\$CERTBOT_DOMAIN'.","value":"'\$CERTBOT_VALIDATION'"}' $CA_CHALLTESTSRV/set-txt
fi
EOF
cat >cleanup <<EOF
env | grep ^CERTBOT_ | sort >>cleanup.env; echo --- >>cleanup.env
if [ -n "\${CERTBOT_TOKEN-}" ]; then
	rm www/.well-known/acme-challenge/\$CERTBOT_TOKEN
else
	curl -sS -d '{"host":"_acme-challenge.'\$CERTBOT_DOMAIN'."}' $CA_CHALLTESTSRV/clear-txt
fi
EOF
start web python3 -m http.server --bind 127.0.0.1 -d "$T/www" "$HTTP01_PORT"
wait_for port_listens "$HTTP01_PORT" || bail 'no web server'
order m.example n.example
challenge manual --manual-auth-hook 'sh auth' --manual-cleanup-hook 'sh cleanup'
valid 'manual, http'
like "$err" "Hook '--manual-auth-hook' for m.example ran with output:" 'output is shown'
is "$(grep -c ^CERTBOT_TOKEN= auth.env)" 2 'CERTBOT_TOKEN for each'
is "$(grep ^CERTBOT_REMAINING_CHALLENGES auth.env | tr '\n' ' ')" \
	'CERTBOT_REMAINING_CHALLENGES=1 CERTBOT_REMAINING_CHALLENGES=0 ' \
	'CERTBOT_REMAINING_CHALLENGES counts down'
is "$(grep -cE '^CERTBOT_ALL_DOMAINS=(m.example,n.example|n.example,m.example)$' auth.env)" \
	2 'CERTBOT_ALL_DOMAINS'
is "$(grep '^CERTBOT_AUTH_OUTPUT=out [mn].example' cleanup.env | sort -u | wc -l)" \
	2 'CERTBOT_AUTH_OUTPUT of the same name'
is "$(ls www/.well-known/acme-challenge)" '' 'cleanup hooks have run'
json out.json '.renewalparams.manual_auth_hook == "sh auth" and
	.renewalparams.manual_cleanup_hook == "sh cleanup"' 'hooks are saved'
rm auth.env cleanup.env
order '*.wild.example' wild.example
challenge manual --manual-auth-hook 'sh auth' --manual-cleanup-hook 'sh cleanup' \
	--preferred-challenges dns
valid 'manual, wildcard and base name by DNS'
unlike "$(cat auth.env)" CERTBOT_TOKEN 'no CERTBOT_TOKEN for dns-01'
like "$(cat auth.env)" '^CERTBOT_ALL_DOMAINS=wild.example,wild.example$' \
	'the base name twice'
json out.json '.renewalparams.pref_challs == ["dns-01"]' 'pref_challs is saved'
run acme-challenge manual check -n </dev/null
is "$status" 78 'manual without hook and -n'
json out '.error.detail == "An authentication script must be provided with --manual-auth-hook when using the manual plugin non-interactively."' \
	'text of certbot'
run acme-challenge manual check --manual-auth-hook true -n </dev/null
is "$status$out" 0 'check of a good one: no output'
run acme-challenge standalone check --preferred-challenges dns
is "$status" 78 'none of the preferred challenges'
like "$err" 'None of the preferred challenges are supported by the selected plugin' \
	'text of certbot'
run acme-challenge standalone check --preferred-challenges dns,foo,bar
is "$status" 64 'unknown challenges'
like "$err" 'Unrecognized challenges: foo, bar' 'named'

# -- what fails
order good.example bad.example
curl -sS -d '{"host":"bad.example","addresses":["127.0.0.2"]}' \
	"$CA_CHALLTESTSRV/add-a" >/dev/null
stop "$pid"
challenge standalone $S --http-01-address 127.0.0.1
is "$status" 68 'a name fails: 68'
json out.json '.error.type == "urn:acme-tools:error:validationFailed" and
	.error.failed == ["bad.example"] and
	(.error.subproblems[0].identifier.value == "bad.example") and
	(.error.subproblems[0].type | test("connection")) and
	.error.plugin == "standalone"' 'which, and why'
json out.json ".error.hint == \"The Certificate Authority failed to download the challenge files from the temporary standalone webserver started by Certbot on 127.0.0.1:$HTTP01_PORT. Ensure that the listed domains point to this machine and that it can accept inbound connections from the internet.\"" 'hint of certbot'
like "$err" 'bad.example \(connection: ' 'a sentence names it'

order z.example '*.z.example'
challenge standalone $S --all
is "$status" 78 'a wildcard by http: no challenge'
like "$err" 'does not support any combination of challenges that will satisfy the CA. You may need to use an authenticator plugin that can do challenges over DNS.' 'text of certbot'
challenge standalone $S
is "$status" 0 'without --all the wildcard is left to others'
json out.json '[.authorizations[] | [.wildcard // false, .status]] | sort ==
	[[false,"valid"],[true,"pending"]]' 'the other name is valid'
json out.json '.order.status == "pending"' 'the order waits'
jq -c . out.json >order.json
challenge manual --manual-auth-hook 'sh auth' --manual-cleanup-hook 'sh cleanup'
valid 'the next stage does it'

# -- two authenticators
order '*.two.example' other.example
# shellcheck disable=SC2086
acme-challenge --for '*.two.example' manual --manual-auth-hook 'sh auth' \
	--manual-cleanup-hook 'sh cleanup' $A <order.json 2>err |
	acme-challenge standalone $S $A >out.json 2>>err
status=$?
valid '--for and a second stage'
json out.json '.acmeTools.challenges == [{"for": ["*.two.example"],
	"plugin": "manual", "options": {"manual_auth_hook": "sh auth",
	"manual_cleanup_hook": "sh cleanup"}}] and
	.renewalparams.authenticator == "standalone" and
	(.renewalparams | has("manual_auth_hook") | not)' \
	'each is saved in its place'

# -- a batch
: >batch
for i in 1 2 3 4 5 6; do
	order "n$i.example" "m$i.example"
	cat order.json >>batch
done
order n7.example bad.example
cat order.json >>batch
echo 'not json' >>batch
cp batch order.json
challenge standalone $S --http-01-address 127.0.0.1
is "$status" 65 'batch: the first failure that is not for later'
is "$(wc -l <out.json)" 8 'batch: a document for each line'
is "$(jq -c 'select(.error == null) | .order.status' out.json | sort | uniq -c |
	tr -s ' ')" ' 6 "ready"' 'batch: six are ready'
is "$(jq -r 'select(.error) | .error.type' out.json | sort | tr '\n' ' ')" \
	'urn:acme-tools:error:badDocument urn:acme-tools:error:validationFailed ' \
	'batch: one failed, one was garbage'

# -- deactivate, show, answer
order d.example
challenge show
json out.json '[.authorizations[0].challenges[] | select(.type == "dns-01") |
	.keyAuthorization, .validation] | all(length >= 43) and
	.[0] != .[1]' 'show adds values'
json out.json '[.authorizations[0].challenges[] | select(.type == "http-01") |
	.keyAuthorization == .validation and (.token as $t |
	.validation | startswith($t + "."))] | all' 'show: http-01'
mkdir -p www/.well-known/acme-challenge
jq -r '.authorizations[0].challenges[] | select(.type == "http-01") |
	"\(.token) \(.validation)"' out.json | {
	read -r token value
	printf %s "$value" >"www/.well-known/acme-challenge/$token"
}
start web python3 -m http.server --bind 127.0.0.1 -d "$T/www" "$HTTP01_PORT"
wait_for port_listens "$HTTP01_PORT" || bail 'no web server'
challenge answer
is "$status" 78 'answer does not guess among several challenges'
challenge answer --preferred-challenges http
valid answer
json out.json '.renewalparams.authenticator == null' 'answer saves nothing'
stop "$pid"
cp out.json order.json
challenge deactivate
is "$status" 0 deactivate
json out.json '.deactivated == {"done": 1, "failed": 0} and
	.authorizations[0].status == "deactivated"' 'deactivated'
challenge deactivate
json out.json '.deactivated.failed + .deactivated.done == 1' \
	'a refused one is counted, not an error'

# -- bad documents
for doc in '{}' '{"acme":1,"order":{}}' '{"acme":1,"order":{"url":"https://x/1","status":"pending"},"authorizations":[{}]}'; do
	printf '%s\n' "$doc" >order.json
	challenge standalone $S
	is "$status" 65 "bad document: $doc"
done
run acme-challenge </dev/null
is "$status" 64 'no plugin named'
run acme-challenge nothing-of-the-kind </dev/null
is "$status" 78 'no such plugin'
run acme-challenge null </dev/null
is "$status" 78 'no authenticator'
like "$err" 'certbot plugins --authenticators' 'and where those are listed'
run acme-challenge standalone further </dev/null
is "$status" 64 'an operand too many'
run acme-challenge -h webroot
like "$out" '--webroot-path' 'help shows the plugin'\''s options'
is "$(leftovers | grep -v http.server)" '' 'no process is left'
done_testing
