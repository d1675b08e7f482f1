#!/bin/sh
# Credentials files that are not good, for each of the manual's DNS plugins that
# has one: what is said, with which status, before anything is asked of the
# network. And the one whose service is gone.
. "$(dirname "$0")/../lib.sh"
need jq strace

# checked FILE: what acme-challenge says of it, before there is an order.
checked()
{
	run acme-challenge "dns-$name" check --credentials "$1" </dev/null
}
# lines FILE LINE...: a credentials file, 0600
lines()
{
	_f=$1
	shift
	(umask 077 && printf '%s\n' "$@" >"$_f")
}

lines secret.ini 'x = y'
for name in cloudflare digitalocean dnsimple dnsmadeeasy gehirn linode luadns nsone ovh \
	rfc2136 sakuracloud; do
	jq -r --arg p "dns_${name}_" '.dns.credentials[] |
		"\($p + .key)\t\(.required != false)"' \
		"$ROOT/tools/plugins/dns/providers/$name.json" >keys
	first=$(head -n 1 keys | cut -f 1)
	checked "$T/nowhere.ini"
	is "$status" 78 "$name: no such file"
	like "$err" "File not found: $T/nowhere.ini" "$name: which"
	checked "$T"
	is "$status" 78 "$name: a directory"
	like "$err" "Path is a directory: $T" "$name: which"
	run as_user acme-challenge "dns-$name" check --credentials "$T/secret.ini" </dev/null
	is "$status" 78 "$name: a file that may not be read"
	like "$err" "secret.ini.*Permission denied" "$name: why"
	lines broken.ini '# a comment' "$first = x" '' 'nonsense'
	checked broken.ini
	is "$status" 78 "$name: a syntax error"
	like "$err" "Error parsing credentials configuration .*broken.ini.*line 4" "$name: its line"
	lines missing.ini "dns_${name}_colour = green"
	checked missing.ini
	is "$status" 78 "$name: nothing that is needed"
	like "$err" "Unknown property \"dns_${name}_colour\"" "$name: an unknown key is warned about"
	if [ "$name" = cloudflare ]; then
		like "$err" 'dns_cloudflare_api_token .*dns_cloudflare_email and dns_cloudflare_api_key are required' \
			"$name: the keys that are needed"
		continue
	fi
	lacking=
	for key in $(awk '$2 == "true" { print $1 }' keys); do
		printf '%s\n' "$err" | grep -q "Property \"$key\" not found (should be " ||
			lacking="$lacking $key"
	done
	is "$lacking" '' "$name: all missing keys at once"
done

# -- google: a JSON file
name=google
checked "$T/nowhere.json"
is "$status" 78 'google: no such file'
echo '{' >google.json
checked google.json
is "$status" 78 'google: no JSON'
like "$err" 'Error parsing credentials file .*google.json' 'google: which'

# external SOURCE [VARIABLE=VALUE]: an external account with this credential_source
external()
{
	printf '{"type":"external_account","audience":"a","subject_token_type":"t","credential_source":%s}' \
		"$1" >google.json
	run env "${2-A=b}" acme-challenge dns-google check --credentials google.json </dev/null
}
external '{"environment_id":"aws1","url":"http://169.254.169.254/"}'
is "$status" 78 'google: an external account of AWS'
like "$err" 'is AWS \(aws1\), which is not supported; let its token come from a file' \
	'google: what to use instead'
external '{"certificate":{}}'
like "$err" 'neither a file nor a url nor an executable' 'google: one of another kind'
external '{"executable":{"command":"touch run"}}'
is "$status" 78 'google: a command that nobody has allowed'
like "$err" 'set GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES to 1' 'google: how it is allowed'
ok 'google: it has not run' test ! -e run
allow=GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1
external '{"executable":{"command":"sh -c exit"}}' $allow
like "$err" 'the output of sh: ' 'google: a command that says nothing'
external '{"executable":{"command":"false"}}' $allow
like "$err" 'the external account.s command false ended with status 1' 'google: one that fails'
external '{"executable":{"command":"no-such-thing"}}' $allow
like "$err" 'no-such-thing' 'google: one that is not there'
echo '{"success":false,"code":"1","message":"not today"}' >said
external '{"executable":{"command":"cat said"}}' $allow
like "$err" 'gave no token: not today' 'google: one that says why not'
printf '{"success":true,"id_token":"t0ken","expiration_time":%s}' $(($(date +%s) + 600)) >cached
external "{\"executable\":{\"command\":\"touch run\",\"output_file\":\"$T/cached\"}}" $allow
is "$status" 0 'google: what it said last still holds'
ok 'google: and it is not run' test ! -e run

# -- azure's zones are keys of their own; what only looks like one is not
lines zones.ini 'dns_azure_environment = none' 'dns_azure_zone1 = a.example:/x' 'mydomain__zone1 = b.example:/x' \
	'x = y' 'dns_other_key = z'
name=azure
checked zones.ini
is "$(printf '%s\n' "$err" | grep -o 'Unknown property "[^"]*"' | sort | tr '\n' ' ')" \
	'Unknown property "mydomain__zone1" Unknown property "x" ' \
	'azure: a zone, and what is none'

# -- cloudxns
lines gone.ini 'dns_cloudxns_api_key = a' 'dns_cloudxns_secret_key = b'
gone='CloudXNS has ended its service, so --dns-cloudxns cannot work any more: move the domain to another DNS provider and use that provider.s plugin'
name=cloudxns
run strace -f -qq -e trace=connect -o calls acme-challenge dns-cloudxns check \
	--credentials gone.ini </dev/null
is "$status" 78 'cloudxns: a matter of configuration'
like "$err" "$gone" 'says that the service is gone'
is "$(grep -c 'AF_INET' calls)" 0 'nothing is asked of the network'
run certbot certonly -n --dns-cloudxns --dns-cloudxns-credentials gone.ini -d a.example \
	--agree-tos --register-unsafely-without-email --server https://127.0.0.1:1/dir \
	--config-dir c --work-dir w --logs-dir l </dev/null
is "$status" 1 'cloudxns: certbot'
like "$err" "$gone" 'says so, too'
run certbot plugins --config-dir c --work-dir w --logs-dir l </dev/null
like "$(printf '%s\n' "$out" | grep -A 4 '^\* dns-cloudxns')" 'has ended' 'certbot plugins shows it'
run certbot --help dns-cloudxns
like "$out" 'has ended' 'help shows it'
done_testing
