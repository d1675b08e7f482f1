#!/bin/sh
# Each stage killed with SIGKILL at many calls, and while the CA's answers are
# held back; the pipeline resumed from its last document. Signals to a whole
# pipeline. KILLS=N: so many calls of each stage.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/pipeline.sh"
need jq openssl curl strace
ca_start
faultd_start --http2
web_start
KILLS=${KILLS-5}
other=$(free_port)
mkdir hooks
cat >auth.sh <<EOS
touch "$T/hooks/\$CERTBOT_TOKEN"
mkdir -p "$T/www/.well-known/acme-challenge"
printf %s "\$CERTBOT_VALIDATION" >"$T/www/.well-known/acme-challenge/\$CERTBOT_TOKEN"
EOS
cat >cleanup.sh <<EOS
rm -f "$T/hooks/\$CERTBOT_TOKEN" \
	"$T/www/.well-known/acme-challenge/\$CERTBOT_TOKEN"
EOS

A=acme-account R="register --agree-tos --no-contact --account-dir acc"
# command STAGE: sets $argv for the stage of $name
command_of()
{
	case $1 in
	account) argv="$A $R" ;;
	order) argv="acme-order new -d $name -d www.$name" ;;
	webroot) argv="acme-challenge webroot -w $T/www" ;;
	standalone) argv="acme-challenge standalone --http-01-port $HTTP01_PORT" ;;
	manual) argv="acme-challenge manual --manual-auth-hook sh\${IFS}auth.sh" ;;
	finalize) argv="acme-finalize --new-key ecdsa --key-out $name.pem" ;;
	save) argv="certstore save --config-dir le --work-dir work" ;;
	esac
}

# stage STAGE [WRAPPER...]: runs it, behind the wrapper
stage()
{
	_stage=$1
	shift
	if [ "$_stage" = manual ]; then
		"$@" acme-challenge manual --manual-auth-hook 'sh auth.sh' \
			--manual-cleanup-hook 'sh cleanup.sh'
	else
		command_of "$_stage"
		# shellcheck disable=SC2086
		"$@" $argv
	fi
}

# before STAGE: $name.in, the document that it gets, all of it new
before()
{
	kills=$((kills + 1))
	name=k$kills.example
	faultd_post /reset
	: >"$name.in"
	[ "$1" != account ] || {
		rm -rf acc account.json
		return
	}
	[ -s account.json ] || stage account >account.json 2>/dev/null
	cp account.json "$name.in"
	[ "$1" != order ] || return
	stage order <account.json >"$name.in" || bail 'no order'
	case $1 in
	webroot | standalone | manual) return ;;
	esac
	stage webroot <"$name.in" >"$name.next" || bail 'no challenge'
	mv "$name.next" "$name.in"
	[ "$1" != finalize ] || return
	stage finalize <"$name.in" >"$name.next" || bail 'no certificate'
	mv "$name.next" "$name.in"
}

# rest STAGE: from it to the end
rest()
{
	case $1 in
	account) stage account | stage order | stage webroot | stage finalize | stage save ;;
	order) stage order | stage webroot | stage finalize | stage save ;;
	webroot | standalone | manual) stage "$1" | stage finalize | stage save ;;
	finalize) stage finalize | stage save ;;
	save) stage save ;;
	esac <"$name.in"
}

group_gone()
{
	! pgrep -g "$1" >/dev/null
}

clean()
{
	[ -z "$(find www -type f; ls -A hooks)" ]
}

nothing_left()
{
	[ -z "$(leftovers)" ]
}

# good STAGE WHAT: nothing is left; resumed, the pipeline ends well. Results
# are counted, and told where they fail.
good()
{
	wait_for group_gone "$group" || {
		diag "$2: a process is left: $(pgrep -ag "$group")"
		return 1
	}
	wait_for clean || {
		diag "$2: a challenge is left: $(find www -type f; ls -A hooks)"
		return 1
	}
	wait_for nothing_left || {
		diag "$2: $(leftovers)"
		return 1
	}
	_want=1
	rest "$1" >"$name.out" 2>"$name.err"
	# A plugin whose host is dead cleans up; if the CA looks after that, the
	# order has failed, and --again makes another.
	case $1 in
	webroot | standalone | manual)
		if jq -e '.error.type // "" | test("validationFailed")' \
			"$name.out" >/dev/null && [ "$3" = answered ]; then
			_want=2
			acme-order new --again <"$name.out" >"$name.in"
			rest "$1" >"$name.out" 2>"$name.err"
		fi
		;;
	esac
	last_good "$name.out" || {
		diag "$2: resumed: $(cat "$name.err")"
		return 1
	}
	_l=le/live/$name
	pair "$_l/cert.pem" "$_l/privkey.pem" &&
		cmp -s "$_l/privkey.pem" "$name.pem" || {
		diag "$2: the key does not belong to it"
		return 1
	}
	[ "$(ls "le/archive/$name" | wc -l)" -eq 4 ] || {
		diag "$2: more than one version: $(ls "le/archive/$name")"
		return 1
	}
	[ -z "$(find . -name ".$name*" -o -name '.*.tmp*')" ] || {
		diag "$2: left: $(find . -name ".$name*" -o -name '.*.tmp*')"
		return 1
	}
	# An order that no document names yet is lost.
	case $1 in order | account) _want='[12]' ;; esac
	counter .resources.newOrder | grep -qx "$_want" || {
		diag "$2: $(counter .resources.newOrder) orders"
		return 1
	}
	[ "$1" != account ] || [ "$(accounts_made)" = 1 ] || {
		diag "$2: $(accounts_made) accounts"
		return 1
	}
}

# answered: says so if a challenge was answered since the reset
answered()
{
	[ "$(counter .resources.challenge)" -eq 0 ] || echo answered
}

# accounts_made: how many the CA has made since the reset
accounts_made()
{
	faultd_get /log | jq -s '[.[] | if type == "array" then .[] else . end |
		select(.resource == "newAccount" and .status == 201)] | length'
}

# -- at calls
kills=0
for stage in account order webroot standalone manual finalize save; do
	case $stage in
	standalone) stop "$web" ;;
	manual) web_start ;;
	esac
	before $stage
	stage $stage strace -o trace <"$name.in" >"$name.out" 2>&1
	awk -v want="$KILLS" '{ call = $0; sub(/\(.*/, "", call)
		if (call !~ /^[a-z0-9_]+$/) next
		n[call]++
		if (/SIGPIPE, \{sa_handler=SIG_IGN/) on = 1
		if (on && call !~ /^(brk|mmap|munmap|mprotect|rt_sig|futex)/)
			at[++m] = call " " n[call] }
		END { for (i = 1; i <= want; i++)
			print at[int(1 + (m - 1) * i / want)] }' trace >calls
	killed=0 bad=0
	while read -r call n; do
		before $stage
		# shellcheck disable=SC2086
		(
			exec 9>&-
			stage $stage exec setsid strace -qq -o /dev/null \
				-e trace=$call -e inject=$call:signal=KILL:when=$n
		) <"$name.in" >"$name.out" 2>"$name.err" &
		group=$!
		wait $group 2>.wait
		[ $? -ne 137 ] || killed=$((killed + 1))
		good $stage "$stage killed at $call $n" "$(answered)" || bad=$((bad + 1))
	done <calls
	note "$stage: $killed killed"
	ok "$stage is killed" test $killed -ge $((KILLS / 2))
	is $bad 0 "$stage killed at $KILLS calls: the pipeline ends well"
done

# -- while an answer of the CA is held back: what it has done is found again
for point in account:newAccount order:newOrder webroot:challenge \
	webroot:order finalize:finalize finalize:order finalize:cert; do
	stage=${point%:*}
	before $stage
	faultd_rules '[{"resource": "'"${point#*:}"'", "nth": 1,
		"hold_after": "'$name'"}]'
	(
		exec 9>&-
		stage $stage exec setsid
	) <"$name.in" >"$name.out" 2>"$name.err" &
	group=$!
	wait_for held $name || bail "no request for ${point#*:}"
	kill -KILL $group
	wait $group 2>.wait
	faultd_post "/release?$name"
	faultd_rules '[]'
	good $stage "$point" "$(answered)" && pass "$point: killed before the answer" ||
		fail "$point: killed before the answer"
done

# -- signals to a whole pipeline, as Ctrl-C sends it to its process group
for sig in INT TERM HUP; do
	for plugin in webroot standalone manual; do
		case $plugin in
		standalone) stop "$web" ;;
		manual) web_start ;;
		esac
		before order
		faultd_rules '[{"resource": "challenge", "hold_after": "'$name'"}]'
		case $plugin in
		manual) authenticator="manual --manual-auth-hook 'sh auth.sh' \
			--manual-cleanup-hook 'sh cleanup.sh'" ;;
		standalone) authenticator="standalone --http-01-port $HTTP01_PORT" ;;
		webroot) authenticator="webroot -w $T/www" ;;
		esac
		cat >whole.sh <<EOS
acme-order new -d $name -d www.$name <account.json | tee $name.in |
acme-challenge $authenticator | tee $name.last |
acme-finalize --new-key ecdsa --key-out $name.pem |
certstore save --config-dir le --work-dir work >$name.out
EOS
		(
			exec 9>&-
			exec setsid env --default-signal=INT,TERM,HUP \
				acme-net -- sh whole.sh
		) 2>"$name.err" &
		group=$!
		wait_for held $name || bail 'no challenge is answered'
		kill -$sig -$group
		wait $group 2>.wait
		isnt $? 0 "$sig, $plugin: the pipeline ends"
		ok "$sig, $plugin: all of it" wait_for group_gone $group
		ok "$sig, $plugin: no challenge is left" wait_for clean
		is "$(leftovers)" '' "$sig, $plugin: no process is left"
		faultd_post "/release?$name"
		faultd_rules '[]'
		[ $plugin != standalone ] || not_ok "$sig: no listener is left" \
			port_listens "$HTTP01_PORT"
		good $plugin "$sig, $plugin" "$(answered)" &&
			pass "$sig, $plugin: goes on" ||
			fail "$sig, $plugin: goes on"
	done
done

# -- acme-net killed: an error of the stage, which can be tried again
before finalize
faultd_rules '[{"resource": "finalize", "hold_after": "'$name'"}]'
(
	exec 9>&-
	stage finalize exec setsid
) <"$name.in" >"$name.out" 2>"$name.err" &
group=$!
wait_for held $name || bail 'no request'
kill -KILL "$(pgrep -n -g $group -x acme-net)"
wait $group
is $? 69 'acme-net killed: the stage says so'
json "$name.out" '.error.stage == "acme-finalize" and .error.detail != null' \
	'in its document'
faultd_post "/release?$name"
faultd_rules '[]'
good finalize 'acme-net killed' '' && pass 'and it goes on' ||
	fail 'and it goes on'
done_testing
