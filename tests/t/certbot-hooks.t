#!/bin/sh
# Hooks (spec 6.5 to 6.7): which run when, in which order, with which variables,
# and what of them is shown.
. "$(dirname "$0")/../lib.sh"
need openssl jq curl
. "$ROOT/tests/both.sh"
ca_start

# note.sh WORDS...: one line of the trace.
cat >note.sh <<END
#!/bin/sh
echo "\$*\${RENEWED_LINEAGE+ L=\${RENEWED_LINEAGE##*/}}\${RENEWED_DOMAINS+ R=\$RENEWED_DOMAINS}\${FAILED_DOMAINS+ F=\$FAILED_DOMAINS}" >>$T/trace
END
chmod 755 note.sh

traced()
{
	rm -f trace
	"$@"
	[ -e trace ] || : >trace
}

traced ours_new certonly --standalone -d a.example -d www.a.example \
	--pre-hook "$T/note.sh pre" --post-hook "$T/note.sh post" --deploy-hook "$T/note.sh deploy"
is "$status" 0 'certonly with three hooks'
is "$(cat trace)" 'pre
deploy L=a.example R=a.example www.a.example
post L=a.example R=a.example www.a.example F=' 'pre, deploy, post'
is "$(conf_get a.example renew_hook)" "$T/note.sh deploy" 'the deploy hook is saved under its old name'
ours_new certonly --standalone -d b.example --pre-hook "printf '\\033]0;x\\007red\\n'"
like "$out" 'x1b\]0;x.x07red' 'what a hook says is shown'
unlike "$out$err" "$(printf '\033')|$(printf '\007')" 'without its control bytes'
ours_new certonly --standalone --http-01-address 127.0.0.1 -d c.example,c2.example,c3.example
# All three names lead elsewhere: even when told not to, Pebble uses one of a
# hundred old authorizations again.
for name in c.example c2.example c3.example; do
	curl -fsS -d "{\"host\":\"$name\",\"addresses\":[\"127.0.0.2\"]}" "$CA_CHALLTESTSRV/add-a" >/dev/null
done

# Directory hooks: sorted by path, only executable files, no "~".
hook()
{
	printf '#!/bin/sh\nexec %s/note.sh "%s"\n' "$T" "$1" >"c/renewal-hooks/$1"
	chmod 755 "c/renewal-hooks/$1"
}
for kind in pre deploy post; do
	for name in 10 B a '20 with blanks' 'x~' .hidden; do
		hook "$kind/$name"
	done
	hook "$kind/no-x"
	chmod 644 "c/renewal-hooks/$kind/no-x"
	mkdir "c/renewal-hooks/$kind/dir"
done

traced ours_new certonly --standalone -d d.example --pre-hook "$T/note.sh pre"
is "$(cat trace)" pre 'directory hooks are not for certonly'
traced ours_new certonly --standalone -d d.example --force-renewal
is "$(cat trace)" '' 'not even when it renews'

traced ours renew --no-random-sleep-on-renew --force-renewal
is "$status" 1 'renew: three good, one bad'
pre='pre/.hidden
pre/10
pre/20 with blanks
pre/B
pre/a'
deployed()
{
	printf '%s\n' .hidden 10 '20 with blanks' B a |
		sed "s|.*|deploy/&$1|"
}
{
	echo "$pre"
	echo 'pre'
	deployed ' L=a.example R=a.example www.a.example'
	echo 'deploy L=a.example R=a.example www.a.example'
	deployed ' L=b.example R=b.example'
	deployed ' L=d.example R=d.example'
	env=' L=d.example R=a.example www.a.example b.example d.example F=c.example c2.example c3.example'
	printf 'post/%s\n' .hidden 10 '20 with blanks' B a | sed "s|\$|$env|"
	echo "post$env"
} >want
same trace want 'pre once, deploy for each, post once at the end'
like "$err" '^1 renew failure\(s\), 0 parse failure\(s\)$' 'the error comes'

find c/renewal-hooks -mindepth 2 -delete
hook pre/h
hook post/h
hook deploy/h
traced ours renew --no-random-sleep-on-renew --force-renewal --no-directory-hooks --cert-name a.example
is "$(cat trace)" 'pre
deploy L=a.example R=a.example www.a.example
post L=a.example R=a.example www.a.example F=' '--no-directory-hooks'
not_ok 'is not saved' grep -q directory_hooks c/renewal/a.example.conf
traced ours renew --no-random-sleep-on-renew --force-renewal --cert-name b.example \
	--pre-hook "$T/c/renewal-hooks/pre/h" --deploy-hook "$T/c/renewal-hooks/deploy/h" \
	--post-hook "$T/c/renewal-hooks/post/h" -v
is "$(cat trace)" 'pre/h
deploy/h L=b.example R=b.example
post/h L=b.example R=b.example F=' 'a hook that is a directory hook runs once'
like "$err" "^Pre-hook command already run, skipping: $T/c/renewal-hooks/pre/h\$" 'it says so'
like "$err" "^Skipping deploy-hook '$T/c/renewal-hooks/deploy/h' as it was already run.\$" 'of both'

traced ours renew --no-random-sleep-on-renew --dry-run --server "$ACME_SERVER" \
	--agree-tos --register-unsafely-without-email --cert-name a.example -v
is "$status" 0 'a dry run'
is "$(cat trace)" 'pre/h
pre
post/h R=a.example www.a.example F=
post R=a.example www.a.example F=' 'no deploy hooks'
like "$err" "^Dry run: skipping deploy hook command: $T/note.sh deploy\$" 'it says so'
traced ours renew --no-random-sleep-on-renew --dry-run --run-deploy-hooks --server "$ACME_SERVER" \
	--agree-tos --register-unsafely-without-email --cert-name a.example
like "$(cat trace)" '^deploy L=a.example R=a.example www.a.example$' 'but with --run-deploy-hooks'
traced ours renew --no-random-sleep-on-renew --pre-hook "$T/note.sh never"
is "$(cat trace)" '' 'nothing due: no hook runs'
like "$out" '^No hooks were run.$' 'it says so'

# What fails around them.
rm c/renewal-hooks/*/h
traced ours_new certonly --standalone --http-01-address 127.0.0.1 -d c.example,c2.example,c3.example --force-renewal \
	--pre-hook "$T/note.sh pre" --post-hook "$T/note.sh post" --deploy-hook "$T/note.sh deploy"
is "$status" 1 'certonly that fails'
is "$(cat trace)" 'pre
post R= F=' 'post hooks run, deploy hooks do not'

# What is shown; the same from both.
cat >loud.sh <<'END'
#!/bin/sh
printf '\n  out1\r\n\n  out2 \n\n'
echo err1 >&2
exit 3
END
cat >dead.sh <<'END'
#!/bin/sh
kill -TERM $$
END
chmod 755 loud.sh dead.sh
both_say '' 'output, errors and status of hooks' renew --no-random-sleep-on-renew --force-renewal \
	--cert-name b.example --pre-hook "$T/loud.sh" --post-hook "$T/dead.sh" --deploy-hook 'kill -TERM $$'
is "$status" 0 'decide nothing'
like "$err" "^Hook 'pre-hook' reported error code 3\$" 'the status is shown'
like "$err" "^Hook 'post-hook' reported error code 143\$" 'or the signal, as the shell says it'
like "$err" "^Hook 'deploy-hook' reported error code -15\$" 'and that of the shell itself'
both_say '' 'the same, -q' renew --no-random-sleep-on-renew --force-renewal -q --cert-name b.example
both_say '' 'a hook that is not there' renew --pre-hook /no/such --disable-hook-validation
# The variables of hooks beside Debian's; what differs has its reason in the row
# hooks-environment of tests/data/differences.tsv.
for who in theirs ours; do
	program=certbot
	[ $who = ours ] || program=$THEIRS
	traced run "$program" renew --no-random-sleep-on-renew --force-renewal --no-directory-hooks \
		--cert-name b.example --deploy-hook "$T/note.sh deploy" --post-hook "$T/note.sh post" \
		--config-dir "$T/c" --work-dir "$T/w" --logs-dir "$T/l"
	mv trace "environment.$who"
done
differences_of hooks-environment >wanted.sed
sed -E -f wanted.sed environment.theirs >environment.want
same environment.want environment.ours 'what hooks find in the environment'
traced ours renew --no-random-sleep-on-renew --force-renewal --cert-name b.example \
	--pre-hook "cat >$T/stdin; pwd >$T/cwd" --post-hook true --deploy-hook true
is "$(cat cwd)" "$T" 'a hook runs in the current directory'

# Validation (6.6): the words are 5.6's.
ours renew --post-hook 'nosuch x'
is "$status" 1 'an unknown command'
is "$(sed -n 1p "$T/err")" 'Unable to find post-hook command nosuch in the PATH.' 'is refused'
like "$err" '^See also the --disable-hook-validation option.$' 'with a way out'
: >plain
ours renew --deploy-hook "$T/plain"
is "$(sed -n 1p "$T/err")" "deploy-hook command $T/plain exists, but is not executable." 'no executable'
ours renew --deploy-hook "$T/plain" --disable-hook-validation
is "$status" 0 'is not looked at'
# An empty command is how one that was saved is dropped.
traced ours renew --cert-name a.example --force-renewal --no-directory-hooks \
	--no-random-sleep-on-renew --deploy-hook '' --pre-hook ''
is "$status $(cut -d' ' -f1 trace)" '0 post' 'empty hooks are none'
is "$(conf_get a.example renew_hook)" '""' 'and saved as that'
traced ours renew --cert-name a.example --force-renewal --no-directory-hooks \
	--no-random-sleep-on-renew
is "$status $(cut -d' ' -f1 trace)" '0 post' 'for the next time, too'
is "$(leftovers)" '' 'no process is left'
done_testing
