#!/bin/sh
# The plugin, its host and the driver are killed at each step of an installation:
# the site goes on, and the next command of any kind puts back what is not done.
. "$(dirname "$0")/../lib.sh"
need nginx curl jq pgrep python3
namespaces "$@"
. "$ROOT/tests/nginx.sh"

mkdir plugins
ngx_system
mkdir etc/sites
cat >etc/nginx.conf <<EOP
pid /run/nginx.pid;
error_log $T/log/error.log;
events {}
http {
    access_log off;
    include sites/*.conf;
}
EOP
cat >etc/sites/a.conf <<'EOP'
server {
    listen 80;
    server_name a.example;
    location / { return 200 "a\n"; }
}
EOP
cp -a etc before
cp "$ROOT/tests/helpers/kill-at.py" plugins/nginx
cp "$ROOT/tools/plugins/nginx/nginx.json" plugins/
ngx_lineage l a.example
ngx_start

# cb VERB OPTION...: through the plugin that kills
cb()
{
	_verb=$1
	shift
	run env CERTBOT_PLUGIN_PATH="$T/plugins" KILL_DIR="$T/kill" \
		KILL_PLUGIN="$ACME_BUILD/libexec/acme-tools/nginx" \
		KILL_WHO="$who" KILL_AT="$at" \
		certbot "$_verb" --config-dir "$T/conf" --work-dir "$T/work" \
		--logs-dir "$T/logs" -n --quiet "$@"
}

install()
{
	cb install --nginx -d a.example \
		--cert-path "$T/le/live/l/cert.pem" \
		--key-path "$T/le/live/l/privkey.pem" \
		--fullchain-path "$T/le/live/l/fullchain.pem" \
		--chain-path "$T/le/live/l/chain.pem" "$@"
}

fresh()
{
	rm -rf kill conf
	find work -mindepth 1 -delete
	mkdir kill conf
	: >kill/steps
	[ ! -e before.seen ] || [ "$(state)" != 'before, read' ] || return
	cp -a before/. etc
	kill -HUP "$NGX_PID"
	wait_for sees ''
}

# Have all plugins of the run ended?
ended()
{
	while read -r _pid; do
		[ ! -e "/proc/$_pid" ] || return 1
	done <kill/pids
}

site()
{
	curl -sk --noproxy '*' -L --connect-to '::127.0.0.1:' http://a.example/
}

# seen: what the server has read: TLS, HSTS, a redirect.
seen()
{
	_seen=
	if port_listens 443; then
		_seen=tls
		curl -skI --noproxy '*' --connect-to '::127.0.0.1:' https://a.example/ |
			grep -qi '^strict-transport' && _seen="$_seen hsts"
	fi
	[ "$(curl -s -o /dev/null -w '%{http_code}' --noproxy '*' \
		--connect-to '::127.0.0.1:' http://a.example/)" = 200 ] ||
		_seen="$_seen redirect"
	echo "$_seen"
}

sees()
{
	[ "$(seen)" = "$1" ]
}

# state: which of the trees is there, and whether the server has read it
state()
{
	ngx_tree etc | grep -v certbot.lock >now.tree
	for _tree in $trees half; do
		cmp -s now.tree "$_tree.tree" && break
	done
	if [ "$_tree" = half ]; then
		echo 'the files are half changed'
	elif sees "$(cat "$_tree.seen")"; then
		echo "$_tree, read"
	else
		echo "$_tree, but the server: $(seen)"
	fi
}

# tree NAME OPTION...: what it comes to without a kill, in NAME.tree and NAME.seen
tree()
{
	_name=$1
	shift
	fresh
	install "$@"
	is "$status" 0 "without a kill: $_name" || diag "$out$err"
	ngx_tree etc | grep -v certbot.lock >"$_name.tree"
	seen >"$_name.seen"
}

trees='before deployed hsts redirect'
who=nobody at=0
ngx_tree etc >before.tree
seen >before.seen
tree deployed --no-redirect
tree hsts --hsts --no-redirect
tree redirect --hsts --redirect
cp kill/steps all
total=$(wc -l <all)
ok "in $total steps: $(tr '\n' ';' <all)" [ "$total" -eq 14 ]
is "$(cat before.seen deployed.seen hsts.seen redirect.seen | tr '\n' ,)" \
	',tls,tls hsts,tls hsts redirect,' 'each of them can be told by what is served'

# wrong_with: what is not as it should be: the files are one of the trees, the
# server has read it and serves, nothing is left to be done.
wrong_with()
{
	state | grep -v ', read$'
	[ "$(site)" = a ] || echo "the site is away: $(site)"
	find work -name IN_PROGRESS -o -name '.unread*' -o -name '.installer*'
}

# Some of the steps; with ALL=1 each of them.
while read -r who some; do
	steps=$some
	[ -z "${ALL-}" ] || steps=$(seq "$total")
	killed=0 wrong=
	for at in $steps; do
		fresh
		install --hsts --redirect
		wait_for ended
		[ -e kill/killed ] && killed=$((killed + 1))
		[ "$(site)" = a ] || wrong="$wrong at $at: the site is away;"
		# A plugin that lives on sees to its server at once.
		[ "$who" != host ] || case $(state) in
		*', read') ;;
		*) wrong="$wrong at $at: not yet: $(state);" ;;
		esac
		case $((at % 3)) in
		0) next=certificates ;;
		1) next=plugins ;;
		2) next=renew ;;
		esac
		was=$who
		who=nobody
		cb $next
		who=$was
		[ "$status" -eq 0 ] || wrong="$wrong at $at: certbot $next: $err;"
		said=$(wrong_with)
		[ -z "$said" ] || wrong="$wrong at $at ($(sed -n "${at}p" all)), certbot $next: $said;"
	done
	is "$killed" "$(echo "$steps" | wc -w)" "the $who is killed at its steps"
	is "$wrong" '' 'the site goes on, and the next command repairs'
done <<EOP
plugin 2 4 5 9 11 14
host 4 9
driver 5 9
EOP
done_testing
