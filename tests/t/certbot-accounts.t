#!/bin/sh
# update_account, unregister, show_account, update_symlinks (spec 5.4, 1.9),
# beside Debian's certbot on the same directory.
. "$(dirname "$0")/../lib.sh"
need jq /usr/bin/certbot
ca_start

certbot_run()
{
	run "${program:-certbot}" "$@" --server "$ACME_SERVER" --config-dir "$T/c" \
		--work-dir "$T/w" --logs-dir "$T/l" </dev/null
}

# The same subcommand by both: the same words and status.
beside()
{
	program=/usr/bin/certbot
	certbot_run "$@"
	theirs="$status $out"
	program=
	certbot_run "$@"
}

beside show_account
is "$status" 1 'show_account without an account'
is "$(printf '%s\n' "$err" | tail -n 1)" "Could not find an existing account for server $ACME_SERVER." 'says so'
rm -r c/accounts
certbot_run show_account
not_ok 'a mere look makes no directory' test -e c/accounts
certbot_run register -n --agree-tos -m a@example.com,b@example.com
is "$status" 0 'register'
beside show_account
is "$status" 0 'show_account'
like "$out" '^  Email contacts: a@example.com, b@example.com$' 'has both addresses'
like "$theirs" '  Email contacts: a@example.com, b@example.com' 'as the other program says'
like "$out" "^  Account Thumbprint: [A-Za-z0-9_-]{43}\$" "and the thumbprint"
certbot_run update_account -n -m z@example.com
is "$status" 0 'update_account'
like "$out" '^Your e-mail address was updated to z@example.com.$' 'says the new address'
beside show_account
like "$theirs" '  Email contact: z@example.com' 'which the CA has'
certbot_run update_account -n --register-unsafely-without-email
like "$out" '^Any contact information associated with this account has been removed.$' 'no address'
beside show_account
like "$theirs" '  Email contact: none' 'none at the CA'

certbot_run update_account -n -m z@example.com
certbot_run update_account -n -m ''
like "$out" '^Any contact information associated with this account has been removed.$' 'an empty one removes it, too'

run sh -c 'printf "foo\na..\ny@example.com\n" | certbot update_account --server "$ACME_SERVER" --config-dir c --work-dir w --logs-dir l'
is "$status" 0 'asked for the address'
like "$err" '^Invalid email address: foo.$' 'one that is none'
like "$err" "^Invalid email address: a...\$" "one that is none and has two dots"
like "$out" 'There seem to be problems with that address' 'is asked for again'
like "$out" '^Your e-mail address was updated to y@example.com.$|updated to y@example.com' 'and taken'

certbot_run unregister -n
is "$status" 0 'unregister'
like "$out" '^Account deactivated.$' 'says so'
is "$(find c/accounts -name regr.json)" '' 'its files are gone'
beside unregister -n
is "$status" 1 'a second time'
is "$(printf '%s\n' "$err" | tail -n 1)" "Could not find existing account for server $ACME_SERVER." 'there is none'

certbot_run certonly --standalone -n --agree-tos -m a@example.com -d s.example --http-01-port "$HTTP01_PORT"
is "$status" 0 'a lineage'
mv c/archive/s.example c/archive/moved
sed -i "s|^archive_dir = .*|archive_dir = $T/c/archive/moved|" c/renewal/s.example.conf
certbot_run update_symlinks
is "$status $out" '0 ' 'update_symlinks is silent'
is "$(readlink c/live/s.example/privkey.pem)" ../../archive/moved/privkey1.pem 'and the links lead to the new place'
is "$(leftovers)" '' 'no process is left'
done_testing
