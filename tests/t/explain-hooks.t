#!/bin/sh
# Hooks in the scripts of --explain: sh runs the same ones as certbot does, in the
# same order and with the same environment.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/sites.sh"
need openssl jq shellcheck curl
ca_start block=blocked.example PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0
curl -sSd '{"host":"lost.example"}' "$CA_CHALLTESTSRV/set-servfail"

common()
{
	run "$@" -n --agree-tos --register-unsafely-without-email \
		--server "$ACME_SERVER" --config-dir "$T/c" \
		--work-dir "$T/w" --logs-dir "$T/l" --jobs 1 --key-type ecdsa \
		--http-01-port "$HTTP01_PORT" \
		--no-random-sleep-on-renew </dev/null
}

# note.sh WORD...: a line of the trace, and the whole environment.
cat >note.sh <<END
#!/bin/sh
{
	printf '[%s]' "\$@"
	echo
	env | grep -Ev '^(_|SHLVL|PWD|OLDPWD)=' | sort
} >>$T/trace
END
chmod 755 note.sh
note=$T/note.sh

# both NAME ARGUMENT...: certbot's own run and that of sh begin with what is in
# base and s.base.
both()
{
	_what=$1
	shift
	for _by in certbot sh; do
		rm -rf w c s trace
		cp -a base c
		[ ! -e s.base ] || cp -a s.base s
		if [ $_by = certbot ]; then
			common certbot "$@"
		else
			common certbot "$@" --explain
			is "$status" 0 "$_what: explained"
			cp out script
			cp script "script.$(printf '%s' "$_what" | tr ' ,' __)"
			not_ok 'no hook has run yet' test -e trace
			run sh script </dev/null
		fi
		eval "status_$_by=\$status"
		[ ! -e trace ] || mv trace "trace.$_by"
		[ -e "trace.$_by" ] || : >"trace.$_by"
		certstore list --config-dir c | jq -r '.lineage | "\(.name) \(.version)"' \
			>"list.$_by"
	done
	# shellcheck disable=SC2154 # by eval
	is "$((status_sh == 0))" "$((status_certbot == 0))" 'the same end' ||
		diag "$(cat script err)"
	same trace.sh trace.certbot 'the same hooks, with the same environment' ||
		diag "$(cat script err)"
	same list.sh list.certbot 'the same lineages'
	steps=$(grep '^\[' trace.sh | tr '\n' ' ')
	rm -f trace.certbot
	mv trace.sh trace.was
	is "$(ls tmp)" '' 'nothing is left behind'
}
# told VARIABLE: its values in the trace.
told()
{
	sed -n "s/^$1=//p" trace.was | paste -sd ';' -
}

common certbot register
cp -a c base

three="--pre-hook|$note pre|--post-hook|$note post|--deploy-hook|$note 'it'\\''s' \"\$RENEWED_DOMAINS\" \\\\ \$((1 + 1))"
with_three()
{
	_first=$1
	shift
	IFS='|'
	set -f
	# shellcheck disable=SC2086 # words
	set -- "$_first" "$@" $three
	set +f
	unset IFS
	both "$@"
}

with_three 'certonly' certonly --standalone -d a.example -d b.example
is "$steps" "[pre] [it's][a.example b.example][\\][2] [post] " 'all three, as they were written'
is "$(told RENEWED_LINEAGE)" "$T/c/live/a.example;$T/c/live/a.example" 'with the lineage'
is "$(told FAILED_DOMAINS)" '' 'and no failed names'
rm -rf base
cp -a c base
with_three 'what is kept' certonly --standalone -d a.example -d b.example
is "$steps" '' 'has no hooks'
with_three 'a trial with deploy hooks' certonly --standalone --dry-run \
	--run-deploy-hooks -d a.example -d b.example
like "$steps" 'it.s.*post' 'deploys what is there'
with_three 'what fails' certonly --standalone -d blocked.example
is "$steps" '[pre] [post] ' 'has its post hooks'
is "$(told RENEWED_DOMAINS)" '' 'which are told of nothing'

with_three 'fewer names' certonly --standalone --allow-subset-of-names \
	-d less.example -d lost.example
is "$(told RENEWED_DOMAINS)" 'less.example;less.example' 'are those that hooks are told of'
with_three 'a trial of fewer names' certonly --standalone --dry-run \
	--allow-subset-of-names -d less.example -d lost.example
is "$steps" '[pre] [post] ' 'has hooks, too'

# Directories: every kind of name, in the order of its bytes.
for kind in pre deploy post; do
	mkdir -p "base/renewal-hooks/$kind/dir"
	for name in 10 B a '20 with blanks' "it's" 'x~' .hidden; do
		printf '#!/bin/sh\nexec %s "%s"\n' "$note" "$kind/$name" \
			>"base/renewal-hooks/$kind/$name"
		chmod 755 "base/renewal-hooks/$kind/$name"
	done
	: >"base/renewal-hooks/$kind/no-x"
done
rm -rf c && cp -a base c
common certbot certonly --standalone -d own.example --pre-hook "$note own" \
	--post-hook "$note post"
common certbot certonly --standalone -d plain.example --post-hook "$note other"
common certbot certonly --standalone -d z.example \
	--pre-hook "$T/c/renewal-hooks/pre/a" --deploy-hook "$T/c/renewal-hooks/deploy/a"
common certbot certonly --standalone -d bad.example -d bad2.example
sed -i 's|^authenticator = .*|authenticator = webroot\nwebroot_path = /nowhere/at/all,|' \
	c/renewal/bad.example.conf
rm -rf base && cp -a c base
both 'renew of nothing' renew --pre-hook "$note pre"
is "$steps" '' 'runs nothing'
both 'renew' renew --force-renewal
isnt "$status_sh" 0 'one of them fails'
is "$(printf '%s\n' "$steps" | tr ' ' '\n' | grep -c '^\[pre/a\]')" 1 'pre hooks run once'
is "$(told FAILED_DOMAINS | sed 's/;.*//')" 'bad.example bad2.example' 'post hooks are told what failed'
like "$(told RENEWED_DOMAINS)" 'a.example b.example own.example plain.example z.example$' 'and what was renewed, in the order of the files'
both 'renew, a trial with deploy hooks' renew --dry-run --run-deploy-hooks --cert-name z.example
like "$steps" 'deploy/a' 'deploys'
both 'reconfigure' reconfigure --cert-name own.example --deploy-hook "$note new"
like "$steps" '^\[pre/.hidden\].*\[post/a\]' 'runs those around its trial'
unlike "$steps" 'new' 'but the new one'

# An installer comes after the post hooks of run, before those of renew.
sites_new z.example
mv s s.base
both 'run' run --authenticator standalone --installer sites --sites-root "$T/s" \
	-d z.example --force-renewal --post-hook "$note \$(sed -n 1p $T/s/live)"
rm -rf s.base

# What certbot looks for beyond cron's PATH the script finds, too.
PATH_was=$PATH
PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -vxE '/usr/s?bin|/usr/local/s?bin|/sbin' | paste -sd : -):/usr/bin
both 'a short PATH' certonly --standalone -d path.example --pre-hook "chroot / $note pre"
PATH=$PATH_was

# Broken off: post hooks run.
rm -rf c w && cp -a base c
common certbot certonly --standalone -d end.example --explain \
	--pre-hook "$note pre; kill -TERM \$PPID" --post-hook "$note post"
cp out script
rm -f trace
run sh script </dev/null
is "$status" 143 'a script that is ended'
is "$(grep '^\[' trace | paste -sd ' ' -)" '[pre] [post]' 'has run its post hooks'
is "$(ls tmp)" '' 'and leaves nothing behind'
# Only hooks that fail.
common certbot certonly --standalone -d fail.example --explain --pre-hook 'exit 3' \
	--post-hook 'kill -9 $$' --disable-hook-validation
cp out script
run sh script </dev/null
is "$status" 0 'hooks that fail stop nothing'
like "$err" 'reported error code 3' 'and are told'
is "$(printf '%s' "$out" | jq -r .lineage.name)" fail.example 'standard output is the document alone'
# What belongs to the shell is not what a user gave.
common certbot certonly --manual --manual-auth-hook '${HOME}$(touch hit)' -d a.example \
	--explain --disable-hook-validation
like "$out" "'--manual-auth-hook=\\$\\{HOME\\}\\$\\(touch hit\\)'" 'a value that looks like the shell'"'"'s is quoted'
for what in certonly a_trial_with_deploy_hooks renew run; do
	is "$(shellcheck -S warning -s sh "script.$what")" '' "shellcheck has nothing to say about $what"
done
done_testing
