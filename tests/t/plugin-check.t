#!/bin/sh
# certbot-plugin-check finds what a plugin does wrong, and our own plugins right.
. "$(dirname "$0")/../lib.sh"
need curl

check()
{
	run certbot-plugin-check "$@"
}

# good NAME: a plugin in sh, after the example in certbot-plugin(7).
good()
{
	mkdir -p plugins
	cat >"plugins/$1.json" <<-EOF
	{"name": "$1", "version": 1, "summary": "A test", "kinds": ["authenticator"],
	 "challenges": ["http-01"], "options": [{"name": "dir", "type": "path"}]}
	EOF
	cat >"plugins/$1" <<-'EOF'
	#!/bin/sh
	[ "${1-}" = --describe ] && exec cat "$0.json"
	dir=. done=
	undo() { rm -f $done; done=; }
	while IFS= read -r line; do
		get() { printf %s "$line" | jq -r "$1"; }
		op=$(get .op 2>/dev/null) || break
		case $op in
		init) dir=$(get .config.dir); echo '{"ok":true}' ;;
		prepare | wait) echo '{"ok":true}' ;;
		preferences) get '{ok: true, preferences: [.names[] | ["http-01"]]} | tojson' ;;
		perform)
			for t in $(get '.challenges[].token'); do
				done="$done $dir/$t"
				: >"$dir/$t"
			done
			get '{ok: true, results: [.challenges[] | {ok: true}]} | tojson' ;;
		cleanup)
			for t in $(get '.challenges[].token'); do
				rm -f "$dir/$t"
			done
			echo '{"ok":true}' ;;
		*) echo '{"error":{"type":"not-supported","detail":"no"}}' ;;
		esac
	done
	undo
	EOF
	chmod 755 "plugins/$1"
}

# bad NAME SED: the good one with one fault. It must fail, and say where.
bad()
{
	good "$1"
	sed -i "$2" "plugins/$1"
	check "plugins/$1" --config "{\"dir\":\"$T/d\"}" \
		--performed "test -e $T/d/\$CERTBOT_TOKEN" \
		--cleaned "! test -e $T/d/\$CERTBOT_TOKEN"
	is "$status" 1 "$1: found"
	like "$out" "^not ok [0-9]+ - .*$3" "$1: the case that fails is named"
	rm -f "$T"/d/*
}

mkdir d
good fine
check "plugins/fine" --config "{\"dir\":\"$T/d\"}" \
	--performed "test -e $T/d/\$CERTBOT_TOKEN" \
	--cleaned "! test -e $T/d/\$CERTBOT_TOKEN"
is "$status" 0 'a plugin in sh passes'
unlike "$out" '^not ok' 'all its cases'
is "$(ls d)" '' 'it has left nothing'

bad forgetful 's/^undo$//' 'end of input'
bad talkative 's/^\(.*\)perform)$/\1perform) echo hello/' perform
bad deaf 's/^\(.*\)prepare | wait) .*/\1prepare) echo "{\\"ok\\":true}" ;; wait) sleep 7; echo "{\\"ok\\":true}" ;;/' 'during wait'
bad yesman 's/{"error":{"type":"not-supported","detail":"no"}}/{"ok":true}/' 'unknown operation'
bad mortal 's/^undo$/undo; exit 3/' 'status 0'
bad liar 's/: >"$dir\/$t"/:/' 'is there'
bad miser 's/results: .*}\]}/results: []}/' 'result'
bad keeper 's/rm -f "$dir\/$t"/:/' 'cleanup'

bad forgotten 's/rm -f "$dir\/$t"$/case " $done " in *"$dir\/$t"*) rm -f "$dir\/$t" ;; esac/' \
	'it is killed, and another cleans up'

CERTBOT_PLUGIN_PATH=$T/plugins check fine --config "{\"dir\":\"$T/d\"}"
is "$status" 0 'found by name in CERTBOT_PLUGIN_PATH'
check nothing-of-the-kind
is "$status" 78 'no such plugin'
like "$err" 'no plugin nothing-of-the-kind' 'says so'
printf '#!/bin/sh\necho no' >plugins/garbage
chmod 755 plugins/garbage
check plugins/garbage
is "$status" 65 'one that does not describe itself'
like "$err" '^certbot-plugin-check: plugins/garbage: this is no JSON' \
	'is named, with what is wrong'
check
is "$status" 64 'no plugin named'

# The example of the manual page, as it stands there.
example()
{
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$ROOT/man/certbot-plugin.7" |
		awk -v want="$1" '/^\.Bd/ { n++; next } /^\.Ed/ { on = 0; next }
			/^\./ { next } n == want { gsub(/\\e/, "\\"); print }'
}
example 1 >plugins/files.json
example 2 >plugins/files
chmod 755 plugins/files
mkdir f
check plugins/files --config "{\"dir\":\"$T/f\"}" \
	--performed "test \"\$(cat $T/f/\$CERTBOT_TOKEN)\" = \"\$CERTBOT_VALIDATION\"" \
	--cleaned "! test -e $T/f/\$CERTBOT_TOKEN"
is "$status" 0 'the example of certbot-plugin(7)'
unlike "$out" '^not ok' 'all its cases'

# Ours.
port=$(free_port)
url="http://localhost:$port/.well-known/acme-challenge/\$CERTBOT_TOKEN"
check standalone --config "{\"http01_port\":$port}" \
	--performed "test \"\$(curl -sf $url)\" = \"\$CERTBOT_VALIDATION\"" \
	--cleaned "! curl -sf $url"
is "$status" 0 'standalone'
unlike "$out" '^not ok' 'standalone: all cases'
port_listens "$port" && fail 'standalone: a listener is left' ||
	pass 'standalone: no listener is left'

mkdir www
file="$T/www/.well-known/acme-challenge/\$CERTBOT_TOKEN"
check webroot --config "{\"path\":[\"$T/www\"]}" \
	--performed "test \"\$(cat $file)\" = \"\$CERTBOT_VALIDATION\"" \
	--cleaned "! test -e $file"
is "$status" 0 'webroot'
unlike "$out" '^not ok' 'webroot: all cases'
is "$(ls -A www)" '' 'webroot: nothing is left'
check webroot --answer "$T/www"
is "$status" 0 'webroot asks for the directory'
unlike "$out" 'it asks nothing' 'and gets an answer'

check manual --config "{\"auth_hook\":\"touch $T/d/\$CERTBOT_VALIDATION\",
	\"cleanup_hook\":\"rm $T/d/\$CERTBOT_VALIDATION\"}" \
	--performed "test -e $T/d/\$CERTBOT_VALIDATION" \
	--cleaned "! test -e $T/d/\$CERTBOT_VALIDATION"
is "$status" 0 'manual'
unlike "$out" '^not ok' 'manual: all cases'
check manual
is "$status" 0 'manual by hand'
unlike "$out" 'it asks nothing' 'asks'
check null
is "$status" 0 'null'
is "$(leftovers)" '' 'no process is left'
# -- installers ----------------------------------------------------------------------

. "$ROOT/tests/sites.sh"
echo cert >i.pem
echo key >i.key
# installer WHAT-TO-BREAK...: the tests' own installer, with options.
installer()
{
	rm -rf w i
	mkdir i
	sites_new check.example
	(cd i && certbot-plugin-check --cert ../i.pem --key ../i.key \
		--deployed "grep -q '^cert $T/i.pem' $T/s/live" \
		--restored "! grep -q '^cert' $T/s/live $T/s/check.example.site" \
		--config "{\"root\":\"$T/s\",\"fail\":\"$1\"}" \
		"$T/plugins/sites") >out 2>err
	status=$? out=$(cat out) err=$(cat err)
}
installer ''
is "$status" 0 'an installer that keeps the promises'
like "$out" '^ok [0-9]+ - rollback undoes it' 'is asked to deploy and to roll back'
like "$out" '^ok [0-9]+ - end of input undoes it, too' 'and loses its host'
like "$out" '^ok [0-9]+ - and everything is as before' 'is killed, and recovers'
installer rollback
is "$status" 1 'one that cannot roll back'
like "$out" '^not ok [0-9]+ - rollback undoes it' 'is found'
installer recover
like "$out" '^not ok [0-9]+ - another recovers after it' \
	'one that does not recover, too'
sed -i '/if self.unsaved:/,/self.answer/d' plugins/sites
installer ''
like "$out" '^not ok [0-9]+ - end of input undoes it, too' 'one that leaves what it wrote, too'
run certbot-plugin-check null
is "$status" 0 'the null installer'
like "$out" '# SKIP no --cert and --key|# skip no --cert and --key' 'is not asked to change anything'
done_testing
