#!/bin/sh
# acme-net is killed while a stage waits for an answer: an error at once, in
# the document too, and never a stage that waits for ever.
. "$(dirname "$0")/../lib.sh"
need curl jq pgrep openssl

ca_start PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_VA_NOSLEEP=1 \
	PEBBLE_WFE_NONCEREJECT=0 PEBBLE_AUTHZREUSE=0
faultd_start
mkdir www
n=0

# network PID: the acme-net processes below it
network()
{
	for _child in $(pgrep -P "$1"); do
		if [ "$(cat "/proc/$_child/comm")" = acme-net ]; then
			echo "$_child"
		fi
		network "$_child"
	done
}

held()
{
	faultd_get /held | grep -qx "$1"
}

ended()
{
	! alive "$1"
}

# crash WHAT RESOURCE INPUT COMMAND...: killed while RESOURCE is asked for
crash()
{
	_what=$1 _resource=$2 _in=$3
	shift 3
	n=$((n + 1))
	faultd_rules "$(jq -n --arg r "$_resource" --arg h "h$n" \
		'[{resource: $r, nth: 1, hold: $h}]')"
	{
		printf 'exec <%s >out 2>err\nexec' "$_in"
		for _word; do
			printf " '%s'" "$_word"
		done
		echo
	} >crash.sh
	rm -f out err
	start crash sh crash.sh
	_stage=$pid
	wait_for held "h$n" || bail "$_what: nothing is held"
	# shellcheck disable=SC2046 # it is more than one
	kill -KILL $(network "$_stage")
	wait_for -t 20 ended "$_stage" || {
		fail "$_what: it waits"
		kill -KILL "$_stage"
	}
	wait "$_stage"
	status=$?
	faultd_post "/release?h$n"
	is "$status" 69 "$_what: 69"
	json out '.error.type == "urn:acme-tools:error:netProcess" and
		(.error.detail | length > 0)' "$_what: the document says so"
	is "$(wc -l <out)" 1 "$_what: one document"
	is "$(wc -l <err)" 1 "$_what: one sentence"
	is "$(find www ! -name www)" '' "$_what: no challenge is left"
	is "$(leftovers)" '' "$_what: no process is left"
}

A=$T/acc
for net in '' 'acme-net --'; do
	with=${net:+, acme-net -- COMMAND}
	d=$([ -z "$net" ] && echo own || echo shared).example
	account="acme-account register --no-contact --agree-tos --account-dir $A-$d"
	# shellcheck disable=SC2086 # commands are several words
	{
		crash "acme-account$with" newAccount /dev/null $net $account
		faultd_rules '[]'
		$account >account.new && mv account.new account ||
			bail 'no account'
		crash "acme-order$with" newOrder account \
			$net acme-order new -d $d
		json out .account.url 'the document keeps its account'
		crash "acme-order, authorizations$with" authz account \
			$net acme-order new -d $d
		faultd_rules '[]'
		acme-order new -d $d <account >order || bail 'no order'
		crash "acme-challenge$with" challenge order \
			$net acme-challenge webroot -w www
		json out .order.url 'the document keeps its order'
		faultd_rules '[]'
		acme-order new -d 2.$d <account >order || bail 'no order'
		crash "acme-challenge, polling$with" order order \
			$net acme-challenge webroot -w www
		faultd_rules '[]'
		acme-order new -d 3.$d <account >order || bail 'no order'
		acme-challenge webroot -w www <order >ready || bail 'not ready'
		for resource in finalize cert; do
			crash "acme-finalize, $resource$with" $resource ready \
				$net acme-finalize --new-key ecdsa \
				--key-out $d.key --fullchain-out $d.pem
		done
		faultd_rules '[]'
		run acme-finalize --new-key ecdsa --key-out $d.key \
			--fullchain-out $d.pem <ready
		is "$status" 0 "and then a certificate$with"
		is "$(openssl pkey -in $d.key -pubout)" \
			"$(openssl x509 -in $d.pem -noout -pubkey)" \
			'with its key'
		crash "acme-revoke$with" revokeCert /dev/null \
			$net acme-revoke --cert $d.pem --key $d.key
	}
done

# A whole pipeline under one acme-net.
cat >pipe.sh <<'S'
acme-order new -d pipe.example <account |
acme-challenge webroot -w www |
acme-finalize --new-key ecdsa --key-out pipe.key --fullchain-out pipe.pem
S
crash 'a pipeline' challenge /dev/null acme-net -- sh pipe.sh
ok 'no certificate' test ! -e pipe.pem -a ! -e pipe.key
done_testing
