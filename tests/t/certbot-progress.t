#!/bin/sh
# On a terminal certbot shows what it waits for, in one line that is rewritten
# and leaves nothing behind; without one, and with -q, nothing of that.
. "$(dirname "$0")/../lib.sh"
need jq
ca_start

# shown OPTION... -- COMMAND...: on a terminal; $out is all that it got.
shown()
{
	run /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" -r "$@" \
		-n --server "$ACME_SERVER" --standalone \
		--http-01-port "$HTTP01_PORT" --agree-tos \
		--register-unsafely-without-email \
		--config-dir "$T/c" --work-dir "$T/w" --logs-dir "$T/l"
	after "$T/out" >seen
}

# after FILE: what a person sees in the end: each line as it was left.
after()
{
	/usr/bin/python3 -c '
import re, sys
for line in sys.stdin.buffer.read().decode().replace("\r\n", "\n").split("\n"):
    seen, at = "", 0
    for part in re.split("(\r|\033\\[K)", line):
        if part == "\r":
            at = 0
        elif part == "\033[K":
            seen = seen[:at]
        else:
            seen = seen[:at] + part + seen[at + len(part):]
            at += len(part)
    print(seen)' <"$1"
}

esc=$(printf '\033')
shown -- certbot certonly -d a.example -d b.example
is "$status" 0 'a certificate, on a terminal'
like "$out" "a\.example: Ordering the certificate${esc}\[K" 'the order is waited for'
like "$out" 'a\.example: Putting challenges in place \(0 of 2 names\)' 'the challenges'
like "$out" 'a\.example: Waiting for the CA to validate \([012] of 2 names\)' 'the CA: so many of so many names'
like "$out" 'a\.example: Waiting for the certificate' 'the certificate'
is "$(grep -c 'Ordering the certificate.*Waiting for the certificate' out)" 1 \
	'all in one line, which is rewritten'
unlike "$(cat seen)" 'Waiting|Ordering|Putting|Asking|Saving the' 'nothing of it stays'
like "$(cat seen)" '^Requesting a certificate for a.example and b.example$' 'other lines are whole'
like "$(cat seen)" "^Certificate is saved at: $T/c/live/a.example/fullchain.pem\$" 'the report: the paths'
like "$(cat seen)" '^This certificate expires on 20[0-9-]*\.$' 'the end'
# Debian's cli.ini says that a timer is there.
like "$(cat seen)" 'Certbot can automatically renew the certificate in the background|Certbot has set up a scheduled task to automatically renew' 'and how it renews'
is "$(grep -c 'Waiting for the CA' l/letsencrypt.log)" 0 'the log has nothing of the line'

shown -c 30 -- certbot certonly -d narrow.example
like "$out" "narrow.example: Ordering the ${esc}" 'on a narrow terminal it is cut'
shown -c 30 -- env TERM=dumb certbot certonly -d dumb.example
unlike "$out" "${esc}\\[K|Ordering" 'a terminal that cannot rewrite has none'
shown -- certbot certonly -q -d q.example
is "$status $out" '0 ' 'nothing at all with -q'
shown -- certbot certonly --json -d j.example
is "$(wc -l <out)" 2 'two lines with --json'
unlike "$out" "$esc" 'none of them is rewritten'
shown -2 err.file -- certbot certonly -d e.example
is "$(grep -c "$esc" err.file)" 0 'nothing of it in a file'
unlike "$out" 'Ordering' 'nor on standard output'
shown -1 out.file -- certbot certonly -d o.example
like "$out" 'o.example: Ordering' 'it is on standard error'
is "$(grep -c 'Ordering' out.file)" 0 'only there'

# A question takes its place.
run /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" -r \
	-w 'Enter email address' -w 'cancel): ' -s 'a@example.com\n' \
	-w 'Do you agree?' -w '(N)o: ' -s 'y\n' -- \
	certbot register --no-eff-email --server "$ACME_SERVER" --config-dir "$T/new" \
	--work-dir "$T/w" --logs-dir "$T/l"
is "$status" 0 'questions'
after out >seen
like "$(cat seen)" "^Enter email address" 'stand where the line was'
like "$(cat seen)" '^Account registered\.$' 'and so does what follows'

# -v says more, on standard error.
for level in '' -v -vv -vvv; do
	shown -2 "err$level" -- certbot certonly $level --force-renewal -d a.example -d b.example
done
unlike "$(cat err)" 'Performing|JWS' 'without -v no steps'
like "$(cat err-v)" '^Performing the following challenges:$' '-v: the steps'
like "$(cat err-v)" '^http-01 challenge for a.example$' 'each challenge'
like "$(cat err-v)" '^Waiting for verification...$' 'what is waited for'
like "$(cat err-v)" '^Cleaning up challenges$' 'and the end'
unlike "$(cat err-v)" 'Sending (GET|POST)' 'no more'
like "$(cat err-vv)" '^Sending (GET|HEAD) request to https:' '-vv: each request'
ok '-vvv says no less' test "$(wc -l <err-vvv)" -ge "$(($(wc -l <err-vv) - 5))"
# Several at once, and hooks.
run /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" -r -- certbot renew \
	--force-renewal --deploy-hook 'echo deployed' --config-dir c \
	--work-dir w --logs-dir l
is "$status" 0 'renew'
after out >seen
like "$out" '\[[1-9] of [2-9] done\] ' 'how many lineages are done'
like "$out" 'Running the deploy-hook' 'hooks'
unlike "$(cat seen)" 'Running the|of [0-9]* done|Waiting|Ordering' 'nothing of it stays'
is "$(leftovers)" '' 'no process is left'
done_testing
