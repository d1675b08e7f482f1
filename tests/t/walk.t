#!/bin/sh
# The walk of the design's section 3: which process adds what to the document,
# and which processes `certbot certonly` starts, in which order.
. "$(dirname "$0")/../lib.sh"
need jq strace python3
ca_start

# What a stage adds: the members of its document that the one before lacks.
added()
{
	jq -rn --slurpfile a "$1" --slurpfile b "$2" \
		'($b[0] | keys) - ($a[0] | keys) | join(" ")'
}

echo '{"acme":1}' >0
acme-account register --agree-tos --no-contact --account-dir c/accounts >1
certstore plan -d walk.example --config-dir c --work-dir w - <1 >2
acme-order new <2 >3
acme-challenge standalone --http-01-port "$HTTP01_PORT" <3 >4
acme-finalize --new-key ecdsa --key-out k.pem <4 >5
certstore save --config-dir c --work-dir w <5 >6
is "$(added 0 1)" 'account directory renewalparams server' 'acme-account adds directory and account'
is "$(added 1 2)" 'match plan request' 'certstore plan adds the plan'
is "$(added 2 3)" 'authorizations order' 'acme-order adds order and authorizations'
is "$(added 3 4)" '' 'acme-challenge adds nothing of its own'
json 3 '.authorizations[0].status == "pending"' 'it gets a pending authorization'
json 4 '.authorizations[0].status == "valid"' 'and ends it'
is "$(added 4 5)" 'certificate key' 'acme-finalize adds key and certificate'
is "$(added 5 6)" 'lineage' 'certstore save adds the lineage'
json 6 '.lineage | .name == "walk.example" and .version == 1' 'with its name and version'
for n in 1 2 3 4 5 6; do
	not_ok "no key in document $n" grep -q 'PRIVATE KEY' $n
done

run strace -f -Y -qq -s 300 -e trace=execve,socket -e signal=none -z -o trace \
	certbot certonly --standalone -n --agree-tos --register-unsafely-without-email \
	-d driver.example --server "$ACME_SERVER" --http-01-port "$HTTP01_PORT" \
	--config-dir d --work-dir dw --logs-dir dl </dev/null
is "$status" 0 'certbot does the same'
# standalone listens; all that connects is acme-net, whatever asked for it.
is "$(sed -n 's/^[0-9]*<\([^>]*\)> *socket(AF_INET.*/\1/p' trace | sort -u | tr '\n' ' ')" \
	'acme-net standalone ' 'only acme-net and a plugin that listens have sockets of the network'
sed -n 's/.*execve("[^"]*\/\([^/"]*\)", \["[^"]*"\(, "\([a-z][a-z0-9-]*\)"\)\{0,1\}\(, "\(check\)"\)\{0,1\}.*/\1 \3 \5/p' trace |
	sed 's/ *$//' >started
sed -i '/^certbot/d' started
like "$(head -n 1 started)" '^acme-net' 'first the network'
like "$(sed -n 2p started)" '^acme-challenge standalone check$' 'then the look whether the plugin can work'
sed -i '/^standalone/d; /^acme-net/d; /check$/d' started
is "$(sed -n 1,3p started)" "acme-account register
certstore match
certstore plan" 'then the account and the plan'
is "$(sed -n '4,$p' started | sort)" "acme-challenge standalone
acme-finalize
acme-order new
certstore save" 'then the four stages of a pass, all at once'

# `certbot run`: rows 2 and 9, with an installer.
. "$ROOT/tests/sites.sh"
sites_new run.example
acme-install sites check --sites-root "$T/s" --work-dir w --config-dir c \
	--logs-dir l </dev/null >checked
is "$(jq -r 'keys | join(" ")' checked)" 'acme installer' 'acme-install check has no document'
acme-install sites deploy -d run.example --sites-root "$T/s" --work-dir w \
	--config-dir c --logs-dir l -n <6 >7
is "$(added 6 7)" installation 'acme-install deploy adds what was installed'
sites_new run.example
run strace -f -qq -s 300 -e trace=execve -e signal=none -z -o trace \
	certbot run -a standalone -i sites -n --agree-tos --register-unsafely-without-email \
	-d run.example --server "$ACME_SERVER" --http-01-port "$HTTP01_PORT" \
	--sites-root "$T/s" --config-dir d --work-dir dw --logs-dir dl </dev/null
is "$status" 0 'certbot run'
sed -n 's/.*execve("[^"]*\/\([^/"]*\)", \["[^"]*"\(, "\([a-z][a-z0-9-]*\)"\)\{0,1\}\(, "\([a-z-]*\)"\)\{0,1\}.*/\1 \3 \5/p' trace |
	grep -E '^(acme-[a-mo-z][a-z]*|certstore) ' |
	grep -v '^certstore checkpoint' >started
is "$(sed -n '1,2p' started | sed 's/ --.*//; s/ *$//' | sort)" "acme-challenge standalone check
acme-install sites check" 'looks first whether both plugins can work'
like "$(sed -n 3p started)" '^acme-account' 'before the account'
like "$(tail -n 1 started)" '^acme-install sites deploy' 'and deploys at the end'
like "$(tail -n 5 started)" 'certstore save' 'after the save'
is "$(leftovers)" '' 'no process is left'
done_testing
