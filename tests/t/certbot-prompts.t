#!/bin/sh
# certbot's questions (spec 7), asked on a terminal: the words are those of
# Debian's certbot, which gets the same answers; also cancelled, and at the end
# of input. The questions of the decision table are in certbot-decisions.t, the
# choice of an account in certbot-accounts-many.t.
. "$(dirname "$0")/../lib.sh"
need jq openssl
. "$ROOT/tests/both.sh"
ca_start

# terminal PROGRAM ANSWERS ARGUMENT...: sets $status, $out (what the terminal
# showed) and $err.
terminal()
{
	_program=$1
	_answers=$2
	shift 2
	eval "run /usr/bin/python3 \"\$ROOT/tests/helpers/on-terminal.py\" -2 \"\$T/tty.err\" $_answers -- $_program \"\$@\" --config-dir \"\$T/c\" --work-dir \"\$T/w\" --logs-dir \"\$T/l\""
	[ "$status" != 99 ] || diag "$err"
	err=$(cat "$T/tty.err")
}

# asks DESCRIPTION ANSWERS ARGUMENT...: ours only.
asks()
{
	_what=$1
	shift
	terminal certbot "$@"
	isnt "$status" 99 "$_what" || diag "$out"
}

# alike DESCRIPTION ANSWERS ARGUMENT...: both, whose words are the same.
alike()
{
	_what=$1
	shift
	debian_next
	for _by in "$DEBIAN" certbot; do
		terminal "$_by" "$@"
		{
			printf '%s\n' "$out" | plainly |
				sed 's/^[A-Za-z0-9_-]\{43\}\./TOKEN./'
			echo '-- standard error'
			printf '%s\n' "$err" | plainly
			echo "-- status $status"
		} >"said.$([ "$_by" = certbot ] && echo ours || echo theirs)"
	done
	isnt "$status" 99 "$_what" || diag "$out"
	said_wanted said.theirs
	case $_what in
	*address:*)
		# Certbot 4 takes none for an answer, and other words.
		! certbot_at_least 3.0 || {
			skip 1 "$_what: certbot 4 asks otherwise"
			return
		}
		;;
	esac
	same said.theirs said.ours "$_what: the same words"
}

# -- an error ---------------------------------------------------------------------
for by in "$THEIRS" certbot; do
	run /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" -- $by delete -n --cert-name none.example \
		--config-dir c --work-dir w --logs-dir l
	mv out "error.$([ $by = certbot ] && echo ours || echo theirs)"
done
same error.theirs error.ours 'an error on a terminal: the same bytes'
like "$(cat error.ours)" "^$(printf '\033')\\[31mNo certificate found with name none\.example" 'it is red'
like "$(cat error.ours)" '^Ask for help or search for solutions at ' 'the advice is not'

cancel="-w \"(Enter 'c' to cancel): \""
menu="-w \"(press 'c' to cancel): \""
yesno="-w '(Y)es/(N)o: '"
server="--server $ACME_SERVER"

# -- an address -----------------------------------------------------------------
# shellcheck disable=SC2086 # words
{
alike 'the address: cancelled' "$cancel -s 'c\n'" register $server
like "$err" '^An e-mail address or --register-unsafely-without-email must be provided.$' 'in these words'
alike 'the address: the end' "$cancel -s '\x04'" register $server
like "$err" '^EOFError$' 'is an error'
alike 'the address: empty, bad, cancelled' "$cancel -s '\n' $cancel -s 'foo\n' $cancel -s '.a@b.c\n' $cancel -s 'a@b..c\n' $cancel -s 'C\n'" register $server
like "$out" 'There seem to be problems with that address' 'is asked for again'

# -- terms, newsletter --------------------------------------------------------------
asks 'the terms: no' "-w 'Do you agree?' $yesno -s 'n\n'" register -m a@example.com $server
like "$out" '^Please read the Terms of Service at: data:' 'which are named'
like "$err" '^Unable to register an account with ACME server. Registration cannot proceed without accepting Terms of Service.$' 'no account'
asks 'the terms: the end' "$yesno -s '\x04'" register -m a@example.com $server
asks 'the terms and the newsletter: y, n' "$yesno -s 'what\n' $yesno -s 'yes\n' -w 'Electronic Frontier Foundation' $yesno -s 'n\n'" register -m a@example.com $server
is "$status" 0 'an account'
like "$out" '^Account registered\.$' 'says so'
json "$(find c/accounts -name meta.json)" 'has("register_to_eff") | not' 'and the newsletter is not asked for'
alike 'another address: bad, cancelled' "$cancel -s 'x\n' $cancel -s 'c\n'" update_account $server
like "$err" '^An e-mail address must be provided.$' 'in these words'
asks 'another address' "$cancel -s 'b@example.com\n' -w 'Electronic Frontier Foundation' $yesno -s 'Y\n'" update_account $server
is "$status" 0 'is taken'
json "$(find c/accounts -name meta.json)" '.register_to_eff == "b@example.com"' 'with the wish for the newsletter, sent with a certificate'
asks 'no newsletter' "$yesno -s 'n\n'" update_account -m b@example.com $server
alike 'unregister: no' "-w '(D)eactivate/(A)bort: ' -s 'x\n' -w '(D)eactivate/(A)bort: ' -s 'a\n'" unregister $server
like "$err" '^Deactivation aborted.$' 'is aborted'

# -- plugins ------------------------------------------------------------------------
asks 'the plugin: bad, cancelled' "-w 'How would you like to authenticate with the ACME CA?' $menu -s '99\n' -w '** Invalid input **' $menu -s 'c\n'" certonly -d a.example $server
is "$status" 1 'is an error'
asks 'the plugin: the end' "$menu -s '\x04'" certonly -d a.example $server
like "$err" '^EOFError$' 'is an error'
standalone=$(awk '/^[0-9]+:/ { n = $1 + 0 } /\(standalone\)$/ { print n }' out)
isnt "$standalone" '' 'standalone is among them' || diag "$out"
asks 'the plugin: standalone' "$menu -s '$standalone\n'" certonly -d a.example $server --http-01-port "$HTTP01_PORT"
is "$status" 0 'is taken'
is "$(conf_get a.example authenticator)" standalone 'for the lineage'

# -- names --------------------------------------------------------------------------
new="certonly --standalone $server --http-01-port $HTTP01_PORT"
alike 'names: bad, then none' "$cancel -s 'x..y, ok.example\n' -w 'Would you like to re-enter the names?' $yesno -s 'n\n'" $new
like "$out" '^x\.\.y: ' 'each with what is wrong'
alike 'names: bad, again, cancelled' "$cancel -s 'http://x.example\n' $yesno -s 'y\n' $cancel -s 'c\n'" $new
alike 'names: the end' "$cancel -s '\x04'" $new
asks 'names: bad, then good ones' "$cancel -s '1.2.3.4\n' $yesno -s 'y\n' $cancel -s 'n.example,  m.example\n'" $new
is "$status" 0 'a certificate'
like "$out" '^Requesting a certificate for n.example and m.example$' 'of these'

# -- challenges -------------------------------------------------------------------------
asks 'a pause before the CA is told' "-w 'Challenges loaded. Press continue to submit to CA.' -w 'Press Enter to Continue' -s '\n'" $new --debug-challenges -d p.example
is "$status" 0 'then it goes on'
asks 'with -v' "-w 'http://v.example/.well-known/acme-challenge/' -w 'Press Enter to Continue' -s '\n'" $new -v --debug-challenges -d v.example
like "$out" '^The following URLs should be accessible from the internet and return the value$' 'it says what is to be seen'
asks 'a pause: the end' "-w 'Press Enter to Continue' -s '\x04'" $new --debug-challenges -d e.example
is "$status" 1 'is an error'
like "$err" '^EOFError$' 'like any other'
not_ok 'and nothing is saved' test -e c/live/e.example
asks 'manual: cut off' "-w 'Create a file containing just this data:' -w 'Press Enter to Continue' -s '\x03'" certonly --manual $server -d h.example
is "$status" 1 'by Ctrl-C'
like "$err" '^Exiting due to user request.$' 'in these words'
asks 'manual: a file' "-w 'Create a file containing just this data:' -w 'http://h.example/.well-known/acme-challenge/' -w 'Press Enter to Continue' -s '\n'" certonly --manual $server -d h.example
like "$out" '^Hint: The Certificate Authority failed to verify the manually created challenge files.' 'which is not there'
asks 'manual: a record' "-w 'Please deploy a DNS TXT record under the name:' -w '_acme-challenge.h.example.' -w 'Press Enter to Continue' -s '\n'" certonly --manual --preferred-challenges dns $server -d h.example
like "$out" '^Hint: The Certificate Authority failed to verify the manually created DNS TXT records.' 'which is not there'
alike 'manual: the end' "-w 'Press Enter to Continue' -s '\x04'" certonly --key-type rsa --manual $server -d h.example
start other /usr/bin/python3 -m http.server -b 127.0.0.1 "$HTTP01_PORT"
other=$pid
wait_for port_listens "$HTTP01_PORT"
asks 'the port is in use: given up' "-w 'Could not bind TCP port $HTTP01_PORT because it is already in use' -w '(R)etry/(C)ancel: ' -s 'r\n' -w '(R)etry/(C)ancel: ' -s 'c\n'" $new -d busy.example
is "$status" 1 'is an error'
like "$err" "^Could not bind TCP port $HTTP01_PORT because it is already in use by another process" 'in the same words'
retry="-w '(R)etry/(C)ancel: '"
rsa='--key-type rsa'
alike 'the port is in use: cancelled' "$retry -s 'C\n'" $new $rsa -d busy.example
alike 'the port is in use: the end' "$retry -s '\x04'" $new $rsa -d busy.example
stop "$other"
mkdir k
wr="certonly --webroot $rsa $server"
menu1="-w '1: Enter a new webroot' $menu"
alike 'the web root: bad, cancelled' "-w 'Input the webroot for w.example:' $cancel -s '/no/such\n' $cancel -s 'c\n'" $wr -d w.example
is "$status" 1 'is an error'
alike 'the web root: the end' "$cancel -s '\x04'" $wr -d w.example
alike 'web roots: cancelled' "$menu1 -s 'c\n'" $wr --webroot-map "{\"k.example\":\"$T/k\"}" -d w.example
like "$err" '^Every requested domain must have a webroot when using the webroot plugin.$' 'in these words'
alike 'web roots: the end' "$menu1 -s '\x04'" $wr --webroot-map "{\"k.example\":\"$T/k\"}" -d w.example
alike 'web roots: a new one, cancelled, and again' "$menu1 -s '1\n' $cancel -s 'c\n' $menu1 -s 'C\n'" $wr --webroot-map "{\"k.example\":\"$T/k\"}" -d w.example

# -- the decision: the end of input ------------------------------------------------------------
alike 'to expand: the end' "-w '(E)xpand/(C)ancel: ' -s '\x04'" $new $rsa -d a.example,z.example
alike 'other names: the end' "-w '(U)pdate certificate/(C)ancel: ' -s '\x04'" $new $rsa --cert-name a.example -d z.example
alike 'another key type: the end' "-w '(K)eep existing key type: ' -s '\x04'" $new --key-type ecdsa -d a.example
alike 'to keep: cancelled' "$menu -s 'c\n'" $new $rsa -d a.example
alike 'to keep: the end' "$menu -s '\x04'" $new $rsa -d a.example

# -- the end of certificates -----------------------------------------------------------------
alike 'delete: bad, cancelled' "-w 'Which certificate(s) would you like to delete?' $cancel -s 'x\n' -w '** Error - Invalid selection **' $cancel -s '9\n' -w '** Error - Invalid selection **' $cancel -s 'c\n'" delete
like "$err" '^User ended interaction.$' 'in these words'
alike 'delete: not after all' "$cancel -s '1, 2\n' -w 'Are you sure you want to delete the above certificate(s)?' $yesno -s 'n\n'" delete
is "$status" 0 'is no error'
alike 'delete: no names, the end' "$cancel -s '\x04'" delete
alike 'delete: the end' "$cancel -s '1\n' $yesno -s '\x04'" delete
asks 'delete' "$cancel -s '1\n' $yesno -s 'y\n'" delete
like "$out" '^Deleted all files relating to certificate a.example.$' 'the chosen one'
is "$(ls c/renewal)" 'n.example.conf
p.example.conf
v.example.conf' 'alone'
asks 'revoke, and keep' "-w 'Would you like to delete the certificate(s) you just revoked' -w '(Y)es (recommended)/(N)o: ' -s 'n\n'" revoke --cert-name v.example $server
like "$out" '^Congratulations! You have successfully revoked the certificate' 'is done'
ok 'the files stay' test -e c/live/v.example/cert.pem
asks 'revoke, and delete' "-w '(Y)es (recommended)/(N)o: ' -s 'y\n' -w 'Are you sure you want to delete the above certificate(s)?' $yesno -s 'y\n'" revoke --cert-name p.example $server
not_ok 'the files go' test -e c/live/p.example
asks 'unregister' "-w '(D)eactivate/(A)bort: ' -s 'D\n'" unregister $server
like "$out" '^Account deactivated.$' 'is done'
}
is "$(leftovers)" '' 'no process is left'
done_testing
