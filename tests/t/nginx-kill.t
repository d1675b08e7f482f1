#!/bin/sh
# The plugin, its host and the driver are killed at each step of an installation:
# the site goes on, and the next command of any kind puts back what is not done.
. "$(dirname "$0")/../lib.sh"
need nginx curl jq pgrep python3
namespaces "$@"
. "$ROOT/tests/nginx.sh"

mkdir etc run log plugins
mount --bind etc /etc/nginx && mount --bind run /run &&
	mount --bind log /var/log/nginx || bail 'cannot mount'
NGX_ROOT=/etc/nginx
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
	rm -rf kill work/* conf
	mkdir kill conf
	: >kill/steps
	[ -z "$(ngx_tree etc | cmp - before.tree 2>&1)" ] && return
	cp -a before/. etc
	kill -HUP "$NGX_PID"
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

ngx_tree etc >before.tree
who=nobody at=0
fresh
install --redirect
is "$status" 0 'without a kill it is installed' || diag "$out$err"
ngx_tree etc >after.tree
cp kill/steps all
steps=$(wc -l <all)
ok "in $steps steps: $(tr '\n' ' ' <all)" [ "$steps" -ge 6 ]

fresh
install --no-redirect
ngx_tree etc >middle.tree

# state: which of the three is there, and whether the server has read it
state()
{
	ngx_tree etc | grep -v certbot.lock >now.tree
	for _tree in before middle after; do
		cmp -s now.tree "$_tree.tree" && break
		_tree=half
	done
	_reads=no
	port_listens 443 && _reads=yes
	echo "$_tree/$_reads"
}

# all_well: files as before, with the certificate, or complete; the server has
# read them; nothing is in progress
all_well()
{
	_is=$(state)
	case $who,$_is in
	*,before/no | *,middle/yes | *,after/yes) ;;
	plugin,middle/no)
		# Finished, and nobody was left to tell the server: the user was
		# told, and does it again.
		[ "$installed" -ne 0 ] || echo 'the user was not told'
		who=nobody install --redirect
		_is=$(state)
		[ "$_is" = after/yes ] || echo "a second time: $_is"
		;;
	*) echo "$_is" ;;
	esac
	[ "$(site)" = a ] || echo "the site is away: $(site)"
	[ ! -e work/IN_PROGRESS ] || echo 'a change is in progress'
}

while read -r who steps; do
	killed=0 wrong=
	for at in $steps; do
		fresh
		install --redirect
		installed=$status
		wait_for ended
		[ -e kill/killed ] && killed=$((killed + 1))
		[ "$(site)" = a ] || wrong="$wrong at $at: the site is away;"
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
		said=$(all_well)
		[ -z "$said" ] || wrong="$wrong at $at, certbot $next: $said;"
	done
	is "$killed" "$(echo "$steps" | wc -w)" "the $who is killed at its steps"
	is "$wrong" '' 'the site goes on, and the next command repairs'
done <<EOP
plugin 2 4 7 9
host 2 4 7
driver 2 5
EOP
done_testing
