#!/bin/sh
# What certificates says of short lifetimes and of the end (spec 7.6), and that a
# trial validates anew what is valid already (spec 5.6).
. "$(dirname "$0")/../lib.sh"
need openssl jq
. "$ROOT/tests/both.sh"

ca_start PEBBLE_AUTHZREUSE=100 config='.pebble.certificateValidityPeriod = 9000'
ours_new certonly --standalone -d hours.example
is "$status" 0 'a certificate of two and a half hours'
certificates_agree 'listed as by Debian'"'"'s'
like "$out" '\(VALID: 2 hour\(s\)\)$' 'in hours'
ours certificates --json
json out '.[0] | .valid and .daysLeft == 0' 'for scripts, too'

# The authorization is valid still.
ours_new certonly --standalone -d hours.example --dry-run --force-renewal
is "$status" 0 'a trial'
ok 'validates anew' grep -q 'Recreating order after authz deactivations' l/letsencrypt.log
unlike "$out$err" 'Recreating' 'which only the log says'
rm l/letsencrypt.log
ours_new certonly --standalone -d hours.example --dry-run --force-renewal -d new.example
is "$status" 0 'another one'
rm l/letsencrypt.log
ours_new certonly --standalone -d other.example --dry-run
not_ok 'where nothing is valid nothing is said' grep -q 'Recreating order' l/letsencrypt.log
ca_stop

ca_start config='.pebble.certificateValidityPeriod = 2'
ours_new certonly --standalone -d end.example
is "$status" 0 'a certificate of two seconds'
ended()
{
	! openssl x509 -in c/live/end.example/cert.pem -noout -checkend 0
}
wait_for ended
certificates_agree 'listed as by Debian'"'"'s'
like "$out" '\(INVALID: EXPIRED\)$' 'has expired'
sed -i 's|^server = .*|server = https://acme-staging.example/dir|' c/renewal/end.example.conf
certificates_agree 'a test certificate'
like "$out" '\(INVALID: TEST_CERT, EXPIRED\)$' 'has both reasons'
ours certificates --json --cert-name end.example
json out '.[0] | .valid == false and .daysLeft == -1 and
	.reasons == ["TEST_CERT", "EXPIRED"]' 'for scripts, too'
is "$(leftovers)" '' 'no process is left'
done_testing
