#!/bin/sh
# renew --jobs: lineages that are due side by side; hooks around them; what is
# told, in the order of the files; those that must run alone; one account.
. "$(dirname "$0")/../lib.sh"
need openssl jq curl
. "$ROOT/tests/both.sh"
ca_start
mkdir www
ours_new register
account=$(account_id)

# lineages N WORD...: N due lineages n00000.example … with lines of their files.
lineages()
{
	_n=$1
	shift
	rm -rf c/live c/archive c/renewal
	"$ACME_BUILD/tests/helpers/lineages" "$T/c" "$_n" ecdsa 10 \
		server="$ACME_SERVER" account="$account" "$@" || bail 'lineages'
}

# The web server; what is asked of 127.0.0.2 waits until $T/release is there.
cat >httpd.py <<'END'
import functools, http.server, os, sys, time
class Slow(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        with open("asked", "a") as asked:
            print(self.path, file=asked)
        while not os.path.exists("release"):
            time.sleep(0.02)
        super().do_GET()
address, kind = sys.argv[1], {"slow": Slow,
    "fast": http.server.SimpleHTTPRequestHandler}[sys.argv[2]]
http.server.ThreadingHTTPServer((address, int(sys.argv[3])),
    functools.partial(kind, directory="www")).serve_forever()
END
start fast /usr/bin/python3 httpd.py 127.0.0.1 fast "$HTTP01_PORT"
start slow /usr/bin/python3 httpd.py 127.0.0.2 slow "$HTTP01_PORT"
wait_for port_listens "$HTTP01_PORT" || bail 'no web server'

# at ADDRESS NAME...: there the CA finds the names.
at()
{
	_address=$1
	shift
	for _name; do
		curl -fsS -d "{\"host\":\"$_name\"}" \
			"$CA_CHALLTESTSRV/clear-a" >/dev/null &&
			curl -fsS -d "{\"host\":\"$_name\",\"addresses\":[\"$_address\"]}" \
				"$CA_CHALLTESTSRV/add-a" >/dev/null || bail 'add-a'
	done
}

# hook.sh KIND: notes when it begins and ends, and what it is told.
cat >hook.sh <<END
#!/bin/sh
echo "\$1 begins\${RENEWED_LINEAGE+ L=\${RENEWED_LINEAGE##*/}}\${RENEWED_DOMAINS+ R=\$RENEWED_DOMAINS}\${FAILED_DOMAINS+ F=\$FAILED_DOMAINS}" >>$T/trace
sleep 0.1
echo "\$1 ends" >>$T/trace
END
chmod 755 hook.sh
renewing()
{
	rm -f trace
	ours renew --no-random-sleep-on-renew "$@"
	[ -e trace ] || : >trace
}
saved()
{
	[ "$(version_of "$1")" = 2 ]
}
# not_interleaved DESCRIPTION: each beginning is followed by its own end.
not_interleaved()
{
	is "$(awk '$2 == "begins" { if (open != "") print; open = $1 }
		$2 == "ends" { if (open != $1) print; open = "" }' trace)" '' "$1"
}

# -- a slow one, the first of the files, holds up none of the others ------------------
lineages 6 webroot_path="$T/www,"
at 127.0.0.2 n00000.example
mkdir -p c/renewal-hooks/pre c/renewal-hooks/deploy
printf '#!/bin/sh\nexec %s/hook.sh pre-dir\n' "$T" >c/renewal-hooks/pre/x
chmod 755 c/renewal-hooks/pre/x
start renewing certbot renew --no-random-sleep-on-renew --pre-hook "$T/hook.sh pre" \
	--deploy-hook "$T/hook.sh deploy" --post-hook "$T/hook.sh post" \
	--config-dir c --work-dir w --logs-dir l
renew=$pid
wait_for test -e asked || bail "not asked: $(cat renewing.log)"
others_saved()
{
	for _i in 1 2 3 4 5; do
		saved "n0000$_i.example" || return 1
	done
	[ "$(grep -c '^deploy ends' trace)" = 5 ]
}
ok 'the others are saved, and their hooks have run' wait_for others_saved
ok 'while the slow one waits' alive "$renew"
not_ok 'which is not saved' saved n00000.example
is "$(grep -c Processing renewing.log)" 1 'nothing of the others is shown before it'
is "$(for p in /proc/[0-9]*; do
	grep -qzx "ACME_TEST_ID=$ACME_TEST_ID" "$p/environ" && tr '\000' '\n' <"$p/environ"
done 2>/dev/null | grep '^ACME_NET=' | sort -u | wc -l)" 1 'all use one acme-net'
: >release
wait "$renew"
is $? 0 'then it is renewed, too'
not_ok 'the last that leaves a web root removes what was made there' test -e www/.well-known
not_interleaved 'hooks run one at a time'
is "$(grep begins trace | sed -n '1,2p; $p' | cut -d' ' -f1 | tr '\n' ' ')" 'pre-dir pre post ' \
	'pre hooks once, before the first; the post hook last'
is "$(grep '^deploy begins' trace | sort | sed 's/^deploy begins //')" \
	"$(for i in 0 1 2 3 4 5; do echo "L=n0000$i.example R=n0000$i.example www.n0000$i.example"; done)" \
	'each deploy hook is told of its own lineage'
is "$(grep '^post begins' trace | sed 's/.* R=//')" \
	"$(for i in 0 1 2 3 4 5; do printf 'n0000%s.example www.n0000%s.example ' $i $i; done)F=" \
	'and the post hook of all, in the order of the files'
is "$(sed -n 's|^Processing .*/||p; s/^Renewing an existing certificate for \(.*\) and.*/\1/p' renewing.log)" \
	"$(for i in 0 1 2 3 4 5; do printf 'n0000%s.example.conf\nn0000%s.example\n' $i $i; done)" \
	'each one is told of whole, in the order of the files'
is "$(sed -n 's|^  .*/live/\(.*\)/fullchain.pem (success)|\1|p' renewing.log | tr '\n' ' ')" \
	'n00000.example n00001.example n00002.example n00003.example n00004.example n00005.example ' \
	'so does the report'

# -- four at once, unless --jobs says another number ------------------------------------
rm -f asked release c/renewal-hooks/pre/x
slow='n00000.example n00001.example n00002.example n00003.example n00004.example n00005.example'
lineages 6 webroot_path="$T/www,"
# shellcheck disable=SC2086 # several words
at 127.0.0.2 $slow
# asked_for N: that so many are, when all that may begin has begun
asked_for()
{
	[ "$(sort -u asked 2>/dev/null | wc -l)" -ge "$1" ]
}
for most in 4 2; do
	rm -f asked release
	start renewing certbot renew --no-random-sleep-on-renew --config-dir c --work-dir w --logs-dir l \
		$([ $most = 4 ] || echo "--jobs $most")
	wait_for asked_for $most || bail "$(cat renewing.log)"
	is "$(ps --ppid "$pid" -o args= | grep -c 'certstore save')" $most "$most at once"
	: >release
	[ $most = 2 ] || kill "$pid"
	wait "$pid"
done
# shellcheck disable=SC2086 # several words
at 127.0.0.1 ${slow#* }

# -- --json: a line for each as it ends -------------------------------------------------
rm -f asked release
lineages 3 webroot_path="$T/www,"
start json certbot renew --no-random-sleep-on-renew --json --config-dir c --work-dir w --logs-dir l
renew=$pid
lines()
{
	[ "$(grep -c '^{' json.log)" = "$1" ]
}
ok '--json: two lines are there' wait_for lines 2
ok 'before the slow one ends' alive "$renew"
: >release
wait "$renew"
is $? 0 '--json: all are renewed'
is "$(grep '^{' json.log | jq -r '[.name, .result, .version] | join(" ")' | sort | tr '\n' ';')" \
	'n00000.example success 2;n00001.example success 2;n00002.example success 2;' 'each has its line'
like "$(grep '^{' json.log | tail -n 1)" '"name":"n00000.example"' 'the slow one the last'

# -- one that fails, one that is broken; --jobs 1 ------------------------------------------
lineages 4 webroot_path="$T/www,"
sed -i "s|^webroot_path.*|webroot_path = $T/nowhere,|" c/renewal/n00001.example.conf
mkdir nowhere
: >c/renewal/n00002.example.conf
renewing --jobs 1 --post-hook "$T/hook.sh post"
is "$status" 1 'one fails, one is broken'
like "$err" '^1 renew failure\(s\), 1 parse failure\(s\)$' 'they are counted'
ok 'the first is renewed' saved n00000.example
ok 'and the last' saved n00003.example
is "$(grep '^post begins' trace)" 'post begins R=n00000.example www.n00000.example n00003.example www.n00003.example F=n00001.example www.n00001.example' \
	'the post hook is told of both kinds'
ours renew --no-random-sleep-on-renew --json
is "$(jq -r '[.name // "-", .result // "-", (.error.type // "-" | sub(".*:"; ""))] | join(" ")' "$T/out")" \
	'n00000.example skipped -
n00002.example parsefail brokenLineage
n00003.example skipped -
n00001.example failure validationFailed
- - configuration' '--json tells of each, then why the run failed'

# -- those that run alone: a pre hook of their own, the same port ----------------------------
lineages 6 webroot_path="$T/www,"
own()
{
	sed -i "s|^authenticator.*|$2|" "c/renewal/n0000$1.example.conf"
}
own 0 "&\npre_hook = $T/hook.sh pre-0"
own 1 "authenticator = standalone\nhttp01_address = 127.0.0.3\nhttp01_port = $HTTP01_PORT"
own 2 "&\npre_hook = $T/hook.sh pre-2"
own 4 "authenticator = standalone\nhttp01_address = 127.0.0.3\nhttp01_port = $HTTP01_PORT"
at 127.0.0.3 n00001.example www.n00001.example n00004.example www.n00004.example
at 127.0.0.1 n00000.example www.n00000.example
renewing --jobs 8 --deploy-hook "$T/hook.sh deploy"
is "$status" 0 'six lineages, two with a pre hook, two with a port in common'
not_interleaved 'hooks run one at a time'
is "$(grep begins trace | sed 's/ begins//; s/ R=.*//' | sed 1,2d)" "pre-0
deploy L=n00000.example
deploy L=n00001.example
pre-2
deploy L=n00002.example
deploy L=n00004.example" 'these four run after the others, one by one'
is "$(grep begins trace | sed -n '1,2s/ R=.*//p' | sort)" 'deploy begins L=n00003.example
deploy begins L=n00005.example' 'which have run before'

# -- one account ------------------------------------------------------------------------------
lineages 8 webroot_path="$T/www,"
at 127.0.0.1 n00001.example www.n00001.example n00004.example www.n00004.example
rm -r c/accounts
renewing --dry-run --jobs 8 --server "$ACME_SERVER" --agree-tos --register-unsafely-without-email
is "$status" 0 'eight at once, a dry run'
is "$(find c/accounts -name private_key.json | wc -l)" 1 'leave one account'
is "$(grep -c '(success)' out)" 8 'and all are simulated'
is "$(leftovers)" '' 'no process is left'
done_testing
