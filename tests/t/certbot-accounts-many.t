#!/bin/sh
# Several servers, several accounts of one, and an account whose key is changed:
# the driver, and Debian's certbot behind it, use the right one (spec 5.2).
. "$(dirname "$0")/../lib.sh"
need jq openssl
. "$ROOT/tests/both.sh"
ca_start
faultd_start
second=$ACME_SERVER
first=$CA_SERVER
# What certbot calls the directory of a server's accounts.
place()
{
	printf '%s\n' "$T/c/accounts/${1#https://}"
}

on()
{
	_server=$1
	shift
	ours "$@" --server "$_server" --http-01-port "$HTTP01_PORT"
}

account_of()
{
	ours show_account --server "$1" --json ${2:+--account "$2"}
	jq -r "$3" out
}

# -- servers ---------------------------------------------------------------------
on "$first" register -n --agree-tos -m one@example.com --no-eff-email
is "$status" 0 'an account at one server'
on "$second" register -n --agree-tos --register-unsafely-without-email
is "$status" 0 'and at another'
one=$(account_of "$first" '' .id)
two=$(account_of "$second" '' .id)
isnt "$one" "$two" 'they are two'
is "$(ls "$(place "$first")" "$(place "$second")" | grep -cE '^[0-9a-f]{32}$')" 2 'in directories of their servers'
is "$(account_of "$first" '' '.emails | join(",")')" one@example.com 'each with its address'
is "$(account_of "$second" '' '.emails | length')" 0 'or none'
on "$first" certonly -n --standalone -d a.example
is "$status" 0 'a certificate of the one'
on "$second" certonly -n --standalone -d b.example
is "$status" 0 'and of the other'
is "$(conf_get a.example account) $(conf_get b.example account)" "$one $two" 'each lineage names its account'
is "$(conf_get b.example server)" "$second" 'and its server'
ours renew --force-renewal --no-random-sleep-on-renew --http-01-port "$HTTP01_PORT"
is "$status" 0 'renew uses both'
is "$(version_of a.example) $(version_of b.example)" '2 2' 'for both lineages'
is "$(conf_get a.example account) $(conf_get b.example account)" "$one $two" 'and changes none'

# -- accounts of one server ----------------------------------------------------------
mkdir -p other
run certbot register -n --agree-tos -m three@example.com --no-eff-email \
	--server "$first" --config-dir other/c --work-dir other/w \
	--logs-dir other/l </dev/null
three=$(basename "$(dirname "$(find other/c/accounts -name regr.json)")")
cp -a "other/c/accounts/${first#https://}/$three" "$(place "$first")/"
label_of()
{
	jq -r '"\(.creation_host)@\(.creation_dt)"' "$(place "$first")/$1/meta.json"
}
both_say '' 'two accounts, -n: refused' show_account -n --server "$first"
is "$status" 1 'status 1'
like "$err" "^Choices: \['.*@.*Z \([0-9a-f]{4}\)', '.*\)'\]\$" 'with the choices'
both_say 'c\n' 'asked, and cancelled' show_account --server "$first"
like "$err" '^No account has been chosen.$' 'in these words'
both_say 'x\n3\n' 'bad answers, then the end' show_account --server "$first"
for id in "$one" "$three"; do
	at=$(ls "$(place "$first")" | sort | grep -n "$id" | cut -d : -f 1)
	run /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" -w 'Please choose an account' \
		-w ": $(label_of "$id") ($(printf %.4s "$id"))" -w 'cancel): ' -s "$at\\n" -- \
		certbot show_account --server "$first" --config-dir c --work-dir w --logs-dir l
	is "$status" 0 "the person chooses $id"
	like "$out" "Account URL: $(jq -r .uri "$(place "$first")/$id/regr.json")" 'and gets it'
done
is "$(account_of "$first" "$three" '.emails[0]')" three@example.com '--account chooses'
both_say '' '--account unknown' show_account -n --server "$first" --account 0123
like "$err" "Account at $(place "$first")/0123 does not exist" 'is told with its place'
on "$first" certonly -n --standalone -d c.example --account "$three"
is "$status" 0 'a certificate of the chosen one'
is "$(conf_get c.example account)" "$three" 'whose lineage names it'
ours renew --force-renewal --no-random-sleep-on-renew --http-01-port "$HTTP01_PORT"
is "$status" 0 'renewals do not ask'
is "$(conf_get a.example account) $(conf_get c.example account)" "$one $three" 'each keeps its account'
on "$first" update_account -n --account "$three" -m four@example.com --no-eff-email
is "$status" 0 'update_account --account'
is "$(account_of "$first" "$three" '.emails[0]') $(account_of "$first" "$one" '.emails[0]')" \
	'four@example.com one@example.com' 'changes that one'

# -- another key ---------------------------------------------------------------------------
cp c/renewal/b.example.conf b.conf
url=$(account_of "$first" "$one" .url)
run acme-account rollover --account-dir c/accounts --server "$first" --account "$one"
is "$status" 0 'another key for an account'
new=$(jq -r .account.id out)
isnt "$new" "$one" 'gives it another name'
like "$err" "the account $one is now called $new; renewal configurations in $T/c that follow: 1" 'which is said'
is "$(account_of "$first" "$new" .url)" "$url" 'it is the same account'
is "$(conf_get a.example account)" "$new" 'the renewal file follows'
is "$(conf_get c.example account)" "$three" 'that of another account does not change'
same b.conf c/renewal/b.example.conf 'nor that of another server'
is "$(find c -name .certbot.lock)" '' 'the lock is gone'
ours renew --cert-name a.example --force-renewal --no-random-sleep-on-renew --http-01-port "$HTTP01_PORT"
is "$status" 0 'ours renews with it'
theirs renew --cert-name a.example --force-renewal --no-random-sleep-on-renew --http-01-port "$HTTP01_PORT"
is "$status" 0 "and so does Debian's"
theirs show_account --server "$first" --account "$new"
like "$out" "Account URL: $url" 'which knows the account'

# An account directory that is no configuration's.
mkdir alone
cp -a c/accounts alone/acc
run acme-account rollover --account-dir alone/acc --server "$first" --account "$new"
is "$status" 0 'outside of a configuration directory'
newer=$(jq -r .account.id out)
like "$err" "run certstore account $new $newer --config-dir DIR" 'the way is told'
rm -r "$(place "$first")/$new"
cp -a "alone/acc/${first#https://}/$newer" "$(place "$first")/"
run certstore account "$new" "$newer" --config-dir c --work-dir w </dev/null
is "$status" 0 'certstore account'
json out '.renamed == ["a.example"] and .account.id == "'"$newer"'"' 'tells which follow'
is "$(conf_get a.example account)" "$newer" 'they do'
run certstore account "$new" --config-dir c --work-dir w </dev/null
is "$status" 64 'without a new name: usage'
ours renew --cert-name a.example --force-renewal --no-random-sleep-on-renew --http-01-port "$HTTP01_PORT"
is "$status" 0 'and the renewal goes on'

unlike "$(cat c/renewal/*.conf)" "$one" 'no file names the first name any more'
is "$(leftovers)" '' 'no process is left'
done_testing
