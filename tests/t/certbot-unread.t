#!/bin/sh
# Two lineages with one installer: neither's reload hides that the server has not
# read the other's certificate, nor another server its own.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/sites.sh"
need openssl jq curl
. "$ROOT/tests/both.sh"
ca_start
mkdir www
cat >httpd.py <<'EOP'
import functools, http.server, os, sys, time
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        while not os.path.exists(sys.argv[3]):
            time.sleep(0.02)
        super().do_GET()
http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])),
    functools.partial(Handler, directory="www")).serve_forever()
EOP
start fast /usr/bin/python3 httpd.py 127.0.0.1 "$HTTP01_PORT" httpd.py
start slow /usr/bin/python3 httpd.py 127.0.0.2 "$HTTP01_PORT" release
wait_for port_listens "$HTTP01_PORT" || bail 'no web server'
for name in n00001.example www.n00001.example; do
	curl -fsS -d "{\"host\":\"$name\",\"addresses\":[\"127.0.0.2\"]}" \
		"$CA_CHALLTESTSRV/add-a" >/dev/null || bail 'add-a'
done
ours_new register

# -- side by side: this plugin needs nothing alone -----------------------------------------
jq '.exclusive = []' "$ROOT/tests/helpers/sites/sites.json" >plugins/sites.json
sites_lineages 2 10
sed -i 's/^installer.*/&\nsites_stall = restart/' c/renewal/n00000.example.conf
start renewing certbot renew --no-random-sleep-on-renew --jobs 2 \
	--deploy-hook 'test "${RENEWED_LINEAGE##*/}" != n00001.example || kill -KILL $PPID' \
	--config-dir c --work-dir w --logs-dir l
renew=$pid
both_saved()
{
	[ "$(version_of n00000.example)$(version_of n00001.example)" = 22 ]
}
wait_for test -e s/stalled || bail "no reload: $(cat renewing.log)"
: >release
ok 'while the one is reloaded the other is saved' wait_for both_saved
: >s/go
wait "$renew"
isnt $? 0 'which is then killed before its own reload'
is "$(calls)" 'renew-deploy n00000.example n00000.example www.n00000.example;auto-hsts-deploy n00000.example n00000.example www.n00000.example;config-test;restart;generic-updates n00000.example n00000.example www.n00000.example;auto-hsts-update n00000.example n00000.example www.n00000.example;' \
	'the server was told of the first alone'
: >s/calls
ours certificates
is "$status $(calls)" '0 recover;config-test;restart;' 'the next command tells it of the other'
ours certificates
is "$(calls)" 'recover;config-test;restart;' 'once'
is "$(find w -name '.unread*')" '' 'and nothing is left to do'

# -- two servers of one plugin ------------------------------------------------------------------
cp "$ROOT/tests/helpers/sites/sites.json" plugins/
sites_lineages 2 10
cp -a s s2
sed -i "s|^sites_root.*|sites_root = $T/s2|; s/^installer.*/&\nsites_die = renew-deploy/" \
	c/renewal/n00000.example.conf
ours renew --no-random-sleep-on-renew
is "$status" 1 'the plugin of the first is killed before its server is told'
like "$(calls)" 'restart' "the second's is told"
: >s/calls
: >s2/calls
ours certificates
is "$status $(grep -v init s2/calls | tr '\n' ';')" '0 recover;config-test;restart;' \
	'the next command tells the first one'
is "$(calls)" '' 'and no other'
is "$(find w -name '.unread*')" '' 'nothing is left to do'

# -- a lineage whose name is taken ----------------------------------------------------------------
sites_lineages 2 10
ours_new run -a webroot -w www -i sites --sites-root "$T/s" --duplicate \
	-d n00000.example
is "$status" 0 'a second certificate for a name' || diag "$err"
ok 'has a name of its own' test -d c/live/n00000.example-0001
is "$(find w -name '.unread*')" '' 'and nothing is left to do'
is "$(leftovers)" '' 'no process is left'
done_testing
