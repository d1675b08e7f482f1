#!/bin/sh
# Signals, and a host that is killed: challenges are cleaned up in any case, and
# the work can be resumed.
. "$(dirname "$0")/../lib.sh"
need curl jq python3 strace
ca_start
A="--account-dir $T/accounts"
other=$(free_port)
# shellcheck disable=SC2086
acme-account register --agree-tos --no-contact $A >account.json ||
	bail 'no account'

# Where the CA looks for challenges somebody takes connections and says nothing,
# so that authorizations stay pending; hit appears when it has looked.
cat >hole.py <<'EOF'
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen(50)
kept = []
while True:
    kept.append(s.accept())
    open("hit", "w").close()
EOF
hole()
{
	start hole python3 hole.py "$HTTP01_PORT"
	hole=$pid
	wait_for port_listens "$HTTP01_PORT" || bail 'no black hole'
}

# begin ARGUMENT...: acme-challenge in a process group of its own, $host
begin()
{
	rm -f hit out.json
	# shellcheck disable=SC2086
	acme-order new -d a.example -d b.example $A - <account.json \
		>order.json || bail 'no order'
	# shellcheck disable=SC2086
	setsid env --default-signal=INT,QUIT,TERM,HUP \
		acme-challenge "$@" $A <order.json >out.json 2>err.txt &
	host=$!
}

group_gone()
{
	! pgrep -g "$1" >/dev/null
}

# ended: waits for the host and for all of its group
ended()
{
	wait "$host"
	status=$?
	wait_for group_gone "$host" || fail 'a process of the group is left'
}

is_hit()
{
	test -e hit
}

interrupted()
{
	is "$status" "$2" "$1: dies of the signal"
	json out.json '.error.type == "urn:acme-tools:error:interrupted" and
		(.order.url | length) > 0' "$1: the document says interrupted"
	nothing_left "$1"
}

nothing_left()
{
	is "$(find www -type f 2>/dev/null)" '' "$1: no file is left"
	is "$(ls hooks)" '' "$1: cleanup hooks have run"
	port_listens "$other" && fail "$1: a listener is left" ||
		pass "$1: no listener is left"
	is "$(leftovers | grep -v hole.py)" '' "$1: no process is left"
}

webroot()
{
	begin webroot -w www
}
standalone()
{
	begin standalone --http-01-port "$other"
}
manual()
{
	begin manual --manual-auth-hook "touch $T/hooks/\$CERTBOT_TOKEN" \
		--manual-cleanup-hook "rm $T/hooks/\$CERTBOT_TOKEN"
}

mkdir www hooks
hole
for plugin in webroot standalone manual; do
	for sig in INT:130 TERM:143 HUP:129; do
		$plugin
		wait_for is_hit || bail 'the CA never looked'
		kill "-${sig%:*}" "-$host"
		ended
		interrupted "$plugin, ${sig%:*} to the group" "${sig#*:}"
		unlike "$(cat err.txt)" 'started again' 'the plugin lived on'
	done
	$plugin
	wait_for is_hit || bail 'the CA never looked'
	kill -TERM "$host"
	ended
	interrupted "$plugin, TERM to the host alone" 143
	$plugin
	wait_for is_hit || bail 'the CA never looked'
	kill -KILL "$host"
	wait "$host"
	wait_for group_gone "$host"
	nothing_left "$plugin, KILL to the host"
done

# The network process is killed: an error, no hang, and all is cleaned up.
webroot
wait_for is_hit || bail 'the CA never looked'
# shellcheck disable=SC2046 # it is more than one
kill -KILL $(pgrep -g "$host" -x acme-net)
ended
is "$status" 69 'acme-net killed: 69'
json out.json '.error.type == "urn:acme-tools:error:netProcess"' 'says so'
nothing_left 'acme-net killed'

# The plugin is killed: it is started once more, to remove what it has left.
killed_plugin()
{
	json out.json '.error.type == "urn:acme-tools:error:pluginFailed"' \
		"$plugin killed: says so"
	like "$(cat err.txt)" \
		"The plugin $plugin ended before it had cleaned up: it is started again" \
		"$plugin killed: what is done about it"
}
for plugin in webroot standalone manual; do
	$plugin
	wait_for is_hit || bail 'the CA never looked'
	kill -KILL "$(pgrep -g "$host" -x "$plugin")"
	ended
	is "$status" 77 "$plugin killed: the host goes on"
	killed_plugin
	nothing_left "$plugin killed"
	unlike "$(cat err.txt)" 'left behind' "$plugin killed: and nothing is said to be"
done
# The same while a signal ends the host.
webroot
wait_for is_hit || bail 'the CA never looked'
kill -STOP "$host"
kill -KILL "$(pgrep -g "$host" -x webroot)"
kill -TERM "$host"
kill -CONT "$host"
ended
interrupted 'webroot killed, and TERM to the host' 143
# It cannot be started again.
webroot
wait_for is_hit || bail 'the CA never looked'
mv www elsewhere
kill -KILL "$(pgrep -g "$host" -x webroot)"
ended
for name in a b; do
	like "$(cat err.txt)" "could not do it, either .*www does not exist.*; this may be left behind: .*http://$name.example/.well-known/acme-challenge/[A-Za-z0-9_-]{20}" \
		"one sentence has what is left: $name.example"
done
is "$(find elsewhere -type f | wc -l)" 2 'which is so'
rm -r elsewhere
mkdir www

# A signal and KILL while the auth hook runs: the hook is ended, whole.
cat >slow <<EOF
touch $T/hooks/\$CERTBOT_TOKEN
touch $T/hit
sleep 1000
EOF
for sig in INT:130 TERM:143; do
	begin manual --manual-auth-hook 'sh slow; true' \
		--manual-cleanup-hook "rm $T/hooks/\$CERTBOT_TOKEN"
	wait_for is_hit || bail 'the hook never ran'
	kill "-${sig%:*}" "$host"
	ended
	interrupted "manual, ${sig%:*} in the auth hook" "${sig#*:}"
done
begin manual --manual-auth-hook 'sh slow; true' \
	--manual-cleanup-hook "rm $T/hooks/\$CERTBOT_TOKEN"
wait_for is_hit || bail 'the hook never ran'
kill -KILL "$host"
wait "$host"
wait_for group_gone "$host" || fail 'a process of the group is left'
nothing_left 'manual, KILL in the auth hook'

# A cleanup that fails is told, and what it is for; the document leaves.
begin manual --manual-auth-hook 'true' --manual-cleanup-hook 'exit 3'
wait_for is_hit || bail 'the CA never looked'
kill -TERM "$host"
ended
is "$status" 143 'a failing cleanup hook'
like "$(cat err.txt)" "Hook '--manual-cleanup-hook' for [ab].example reported error code 3" \
	'is told'
stop "$hole"

# Killed before the answer, then resumed from the same document: the same order
# becomes ready.
for plugin in manual webroot; do
	begin manual --manual-auth-hook 'sh slow; true'
	wait_for is_hit || bail 'the hook never ran'
	kill -KILL "$host"
	wait "$host"
	wait_for group_gone "$host" || fail 'a process of the group is left'
	rm -f hooks/*
	if [ "$plugin" = webroot ]; then
		# What a killed webroot leaves is taken over.
		mkdir -p www/.well-known/acme-challenge
		# (Of an authorization that the CA uses again there is none.)
		jq -r '.authorizations[] | select(.status == "pending") |
			.challenges[] | select(.type == "http-01").token' \
			order.json |
			while read -r token; do
				printf %s "$token" \
					>"www/.well-known/acme-challenge/$token"
			done
		start web python3 -m http.server --bind 127.0.0.1 \
			-d "$T/www" "$HTTP01_PORT"
		wait_for port_listens "$HTTP01_PORT" || bail 'no web server'
		set -- webroot -w www
	else
		set -- manual --manual-auth-hook \
			'printf %s "$CERTBOT_VALIDATION" >www/$CERTBOT_TOKEN' \
			--manual-cleanup-hook 'rm www/$CERTBOT_TOKEN'
		cat >serve.py <<'EOF'
import http.server, sys
class H(http.server.SimpleHTTPRequestHandler):
    def translate_path(self, path):
        return "www/" + path.rsplit("/", 1)[-1]
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), H).serve_forever()
EOF
		start web python3 serve.py "$HTTP01_PORT"
		wait_for port_listens "$HTTP01_PORT" || bail 'no web server'
	fi
	web=$pid
	# shellcheck disable=SC2086
	run acme-challenge "$@" $A <order.json
	cp out out.json
	json out.json ".order.url == \"$(jq -r .order.url order.json)\" and
		.order.status == \"ready\"" "killed before the answer: $plugin resumes"
	is "$(find www -type f)" '' "and cleans up"
	stop "$web"
done
rm -rf www/.well-known

# -- what is not begun after a signal ---------------------------------------------------
# signalled CALLS-OF-STRACE...: webroot gets TERM at that call
signalled()
{
	# shellcheck disable=SC2086
	acme-order new -d a.example -d b.example $A - <account.json >order.json || bail 'no order'
	rm -f trace.txt
	# shellcheck disable=SC2086
	setsid env --default-signal=TERM strace -qq -o /dev/null "$@" \
		acme-challenge webroot -w www --trace trace.txt $A <order.json >out.json 2>err.txt
	status=$?
	interrupted "webroot, TERM at a call" 143
	: >>trace.txt
	grep -c 'POST .*/chalZ/' trace.txt >answers
}
key=$(jq -r .account.key account.json)
signalled -P "$key" -e inject=openat:signal=TERM:when=1
json out.json '.error.detail == "a signal ended the work"' 'before anything is begun'
# The nonces come before the signal is seen.
signalled -e inject=sendto:signal=TERM:delay_exit=300000:when=2
is "$(cat answers)" 0 'the CA is not told of challenges that go now'

# Killed after the answer: what the CA says is told, of the same order.
cp order.json before.json
hole
for plugin in webroot standalone; do
	$plugin
	wait_for is_hit || bail 'the CA never looked'
	kill -KILL "$host"
	wait "$host"
	wait_for group_gone "$host" || fail 'a process is left'
	url=$(jq -r .order.url order.json)
	stop "$hole"
	# The CA holds on to its open look; the answer must wait for it.
	# shellcheck disable=SC2086
	run acme-challenge standalone --http-01-port "$HTTP01_PORT" $A \
		<order.json
	cp out out.json
	if [ "$status" -eq 0 ]; then
		json out.json ".order.url == \"$url\" and
			.order.status == \"ready\"" "$plugin: resumed"
	else
		json out.json ".order.url == \"$url\" and .error.failed != null" \
			"$plugin: resumed, the CA's verdict on the killed one"
	fi
	hole
done
stop "$hole"

# A plugin that dies fails its documents, and nothing hangs.
mkdir plugins
cat >plugins/mortal.json <<'EOF'
{"name":"mortal","version":1,"summary":"x","kinds":["authenticator"],"challenges":["http-01"]}
EOF
cat >plugins/mortal <<'EOF'
#!/bin/sh
n=0
while IFS= read -r line; do
	n=$((n + 1))
	[ $n -lt 4 ] && echo '{"ok":true}' || exit 7
done
EOF
chmod 755 plugins/mortal
CERTBOT_PLUGIN_PATH=$T/plugins
export CERTBOT_PLUGIN_PATH
# shellcheck disable=SC2086
run acme-challenge mortal $A <before.json
is "$status" 77 'a plugin that dies: 77'
json out '.error.type == "urn:acme-tools:error:pluginFailed" and
	(.error.detail | test("mortal ended with status 7"))' 'said'
cat >plugins/mortal <<'EOF'
#!/bin/sh
echo 'Hello, world'
exec sleep 60
EOF
# shellcheck disable=SC2086
run timeout 30 acme-challenge mortal $A <before.json
is "$status" 77 'one that talks nonsense'
json out '.error.detail | test("mortal: it sent a broken line")' 'said'
is "$(leftovers)" '' 'and is not left running'
done_testing
