#!/bin/sh
# Lineages that Debian's certbot has made are listed, renewed from their renewal
# files alone, revoked and deleted by ours, with its account; the renewal file
# is rewritten as spec 2.3 says.
. "$(dirname "$0")/../lib.sh"
need openssl jq curl
. "$ROOT/tests/both.sh"
ca_start

theirs_new certonly --standalone --key-type rsa -d rsa.example,www.rsa.example,mail.rsa.example \
	--deploy-hook 'echo "hi, #1"'
is "$status" 0 "Debian's: RSA, three names, a hook"
theirs_new certonly --standalone --elliptic-curve secp384r1 -d ec.example
is "$status" 0 "Debian's: EC"
theirs_new certonly --manual --manual-auth-hook "$ROOT/tests/helpers/txt-set" \
	--manual-cleanup-hook "$ROOT/tests/helpers/txt-clear" --preferred-challenges dns \
	-d '*.wild.example' -d wild.example
is "$status" 0 "Debian's: a wildcard by hooks"

# A web server for the webroot lineage, on the port where the CA looks, while
# no other program needs it.
mkdir -p w1 w2
web_start w1
web=$pid
theirs_new certonly --webroot -w w1 -d w.example,www.w.example
is "$status" 0 "Debian's: webroot"
stop "$web"

ours certificates
is "$status" 0 'ours lists them'
is "$(grep -c 'Certificate Name:' "$T/out")" 4 'all four'
certificates_agree 'both in the same words'
ours renew --no-random-sleep-on-renew
is "$status" 0 'renew: none is due'
is "$(grep -c '(skipped)' "$T/out")" 4 'four are skipped'

# A user's hand: a comment on top, one inside, unknown keys and sections.
sed -i -e '1i # mine\nrenew_before_expiry = 20 years' \
	-e 's/^account = .*/# the account\n&\nother_key = 1/' \
	-e '$a [mine]\nk = "a, b" # c' c/renewal/rsa.example.conf
sed 's/^version = .*/version = X/' \
	c/renewal/rsa.example.conf >want.conf
sed -i '1i renew_before_expiry = 20 years' c/renewal/ec.example.conf \
	c/renewal/wild.example.conf
ours renew --no-random-sleep-on-renew
is "$status" 0 'ours renews from the renewal files alone'
is "$(grep -c '(success)' "$T/out")" 3 'three are renewed'
like "$out" "^Hook 'deploy-hook' ran with output:\$" 'the saved hook ran'
like "$out" '^ hi, #1$' 'with its blanks and quotes'
for name in rsa.example ec.example wild.example; do
	is "$(version_of $name)" 2 "$name: version 2"
	lineage_is_whole $name "$name: whole"
done
like "$(openssl x509 -in c/live/ec.example/cert.pem -noout -text)" secp384r1 'the curve is kept'
is "$(find c/accounts -name regr.json | wc -l)" 1 "with Debian's account"
certificates_agree 'both list the renewed ones in the same words'

# Its renewal file: what certbot knows is where it was, the user's lines are
# kept, and so is what another certbot may know.
sed 's/^version = .*/version = X/' c/renewal/rsa.example.conf >got.conf
ok 'an unknown renewal parameter stays' grep -qx 'other_key = 1' got.conf
like "$(cat got.conf)" '^# mine$' 'the comment on top stays'
like "$(cat got.conf)" '^# the account$' 'and the one inside'
like "$(cat got.conf)" '^\[mine\]$' 'an unknown section stays'
like "$(cat got.conf)" '^k = "a, b"' 'with its value'
sed -i 's/^\(k = "a, b"\) *#/\1#/' want.conf
same got.conf want.conf 'everything is in its place, byte for byte'

# The webroot lineage, with another map of the person's.
web_start w2
web=$pid
sed -i "/^\[\[webroot_map\]\]/,\$s|= .*|= $T/w2|" c/renewal/w.example.conf
ours renew --no-random-sleep-on-renew --force-renewal --cert-name w.example
is "$status" 0 'webroot: renewed with the saved map'
is "$(version_of w.example)" 2 'version 2'
like "$(cat c/renewal/w.example.conf)" "^www.w.example = $T/w2\$" 'the map is saved again'
stop "$web"

# And Debian's goes on.
theirs renew --no-random-sleep-on-renew
is "$status" 0 "Debian's renews after ours"
is "$(grep -c '(success)' "$T/out")" 3 'the three that are due'
for name in rsa.example ec.example wild.example; do
	is "$(version_of $name)" 3 "$name: version 3"
done

ours revoke --cert-name rsa.example -n
is "$status" 0 'ours revokes'
not_ok 'and deletes' test -e c/live/rsa.example
ours revoke --cert-path c/live/ec.example/cert.pem \
	--key-path c/live/ec.example/privkey.pem --server "$ACME_SERVER" \
	-n --no-delete-after-revoke
is "$status" 0 'by the key'
for name in ec.example wild.example w.example; do
	ours delete --cert-name $name -n
	is "$status" 0 "ours deletes $name"
done
is "$(find c/live c/archive c/renewal -name '*.example*')" '' 'nothing is left of them'
theirs certificates
like "$out" '^No certificates found.$' "as Debian's says, too"
theirs unregister -n --server "$ACME_SERVER"
is "$status" 0 'it still has its account'
is "$(leftovers)" '' 'no process is left'
done_testing
