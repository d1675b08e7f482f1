#!/bin/sh
# Every provider's file makes the requests of its recording; the example of
# certbot-dns-provider(7) is one that works, and what is wrong is found.
. "$(dirname "$0")/../lib.sh"
need python3 jq mandoc openssl

# display FILE N: the Nth example of the page
display()
{
	awk -v want="$2" '/^\.Bd -literal/ { n++; on = n == want; next }
		/^\.Ed/ { on = 0 } on' "$ROOT/man/certbot-dns-provider.7" |
		sed 's/\\e/\\/g' >"$1"
}
display example.json 1
display example.jq 2
display example.recording.json 3
run "$ROOT/tests/provider-check" example.json
is "$status" 0 "the page's example"
is "$out" 'example: 8 calls as recorded' 'makes the recorded calls'

sed 's/content: .value/contents: .value/' example.jq >changed && mv changed example.jq
run "$ROOT/tests/provider-check" example.jq
is "$status" 1 'another request'
like "$out" 'a request that is not recorded: POST' 'is found'
echo 'if' >example.jq
run "$ROOT/tests/provider-check" example.json
is "$status" 1 'what does not compile'
like "$out" 'example.jq: .*syntax error' 'is told'
run "$ROOT/tests/provider-check" "$T/none.json"
is "$status" 1 'what is not there'

for file in "$ROOT"/tests/data/dns-providers/*.json; do
	name=$(basename "$file" .json)
	run "$ROOT/tests/provider-check" "$ROOT/tools/plugins/dns/providers/$name.json"
	is "$status" 0 "$name"
	[ "$status" -eq 0 ] || diag "$out"
done

# Credentials of clouds from where their own programs have them: metadata
# services, roles, a user's file.
for file in "$ROOT"/tests/data/dns-credentials/*.json; do
	name=$(basename "$file" .json)
	run "$ROOT/tests/provider-check" \
		"$ROOT/tools/plugins/dns/providers/${name%%.*}.json" "$file"
	is "$status" 0 "$name"
	[ "$status" -eq 0 ] || diag "$out"
done

# Each provider has what the engine and the pages need.
for file in "$ROOT"/tools/plugins/dns/providers/*.json; do
	name=$(basename "$file" .json)
	json "$file" ".name == \"dns-$name\" and (.dns.title | length) > 0 and
		.dns.propagation > 0 and (.options | map(.name) | index(\"propagation-seconds\")) != null" \
		"$name: a whole descriptor"
	# of OVH the help says what certbot's says
	json "$file" '(if .name == "dns-ovh" then 30 else .dns.propagation end) ==
		(.options[] | select(.name == "propagation-seconds").help |
		capture("default: (?<n>[0-9]+)").n | tonumber)' \
		"$name: the help knows how long it waits"
	ok "$name: its program" test -s "${file%.json}.jq"
	page=$ACME_BUILD/man/certbot-plugin-dns-$name.7
	if [ "$(jq .dns.unproven "$file")" = true ]; then
		run certbot --help "dns-$name"
		like "$out" 'unproven' "$name: help tells that it is unproven"
		like "$(cat "$page")" 'unproven' "$name: its page, too"
	else
		unlike "$(cat "$page")" 'unproven' "$name: it is not called unproven"
	fi
	case $name in
	rfc2136 | cloudxns | exec | powerdns) ;; # other tests, or below
	*) ok "$name: a recording" test -s "$ROOT/tests/data/dns-providers/$name.json" ;;
	esac
done

n=$(find "$ROOT/tools/plugins/dns/providers" -name '*.json' | wc -l)
for file in README.md CHANGELOG.md; do
	like "$(cat "$ROOT/$file")" "$n plugins .dns-NAME" "$file counts them"
done

# The one whose service is gone says so, before anything is ordered.
printf 'dns_cloudxns_api_key = a\ndns_cloudxns_secret_key = b\n' >gone.ini
chmod 600 gone.ini
run certbot certonly -n --dns-cloudxns --dns-cloudxns-credentials gone.ini \
	-d a.example --agree-tos --register-unsafely-without-email \
	--server https://127.0.0.1:1/dir --config-dir c --work-dir w --logs-dir l
is "$status" 1 'cloudxns'
like "$err" 'CloudXNS has ended its service, so --dns-cloudxns cannot work any more: move the domain to another DNS provider' 'says that it is gone'
unlike "$err" 'connect' 'without asking the CA'

# A program that never comes to an end, in the engine.
mkdir -p own/providers
sed 's/dns-example/dns-endless/' example.json >own/dns-endless.json
echo '{sleep: 0}' >own/providers/endless.jq
ln -s "$ACME_BUILD/libexec/acme-tools/dns" own/dns-endless
(umask 077 && echo 'dns_endless_token = t' >endless.ini)
mkfifo requests
start endless sh -c 'exec acme-net -- own/dns-endless <requests'
exec 7>requests
jq -nc --arg file "$T/endless.ini" '{op: "init", version: 1,
	config: {credentials: $file, propagation_seconds: 0, dns_no_alias: true}},
	{op: "prepare"}, {op: "perform", challenges: [{type: "dns-01",
	identifier: {type: "dns", value: "a.example"}, wildcard: false, token: "t",
	keyAuthorization: "t.k", validation: "v"}]}' >&7
wait_for grep -q '"results"' endless.log
exec 7>&-
like "$(cat endless.log)" 'do not come to an end' 'a program without end is left'
done_testing
