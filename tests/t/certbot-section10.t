#!/bin/sh
# Where certbot's versions differ (section 10 of the specification): the rows of
# tests/data/section10.tsv, some of which say which other test looks at them. Every
# row of the specification needs one, if it is at hand ($SPEC, or ../shared).
. "$(dirname "$0")/../lib.sh"
need openssl jq
. "$ROOT/tests/both.sh"
tab=$(printf '\t')
table=$ROOT/tests/data/section10.tsv
SPEC=${SPEC-$ROOT/../shared/spec/core-behaviour.md}

grep -v '^#' "$table" | cut -f 1 | sort -u >have
if [ -r "$SPEC" ]; then
	# First cells of the tables; what stands before the colon of a list's entry.
	sed -n '/^## 10\./,/^## 11\./p' "$SPEC" |
		sed -n 's/^| \(.*\)/\1/; T list; s/ | .*//; p; b; :list
			s/^\* \([^`:]*\): .*/\1/p; t; s/^\* //p' |
		grep -vxE 'item|1\.22' | sort -u >want
	is "$(comm -3 want have)" '' 'each row of the specification has one here, and no other'
else
	skip 1 'there is no specification'
fi

mkdir www
ca_start PEBBLE_VA_ALWAYS_VALID=1
faultd_start
# shellcheck disable=SC2034
{
	S="-n --server $ACME_SERVER"
	N="$S --webroot -w www"
	A="$S --agree-tos -m me@x.example --no-eff-email"
	R=--no-random-sleep-on-renew
}
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -subj / \
	-addext subjectAltName=DNS:x.example -out x.csr 2>openssl.log
ours certonly $N -d a.example --agree-tos -m me@x.example --no-eff-email
is "$status" 0 'a certificate'
ours certonly $N -d e.example --key-type ecdsa
# Names of 17774 bytes in all.
long=$(printf '%060d.%060d.%060d' 1 2 3)
names=
for i in $(seq 75); do
	names="$names -d $(printf '%045d' "$i").$long.example"
done
ours certonly $N --key-type ecdsa --cert-name l.example $names
is "$status" 0 'one with many long names'
mv c base

# What happens before the command of a row.
no_terms()
{
	faultd_rules '[{"resource": "directory", "json": "del j[\"meta\"][\"termsOfService\"]"}]'
}
acme_v1()
{
	faultd_rules '[{"resource": "directory", "status": 200, "body": {"new-authz": "https://localhost/a",
		"new-cert": "https://localhost/c", "new-reg": "https://localhost/r"}}]'
}
refuse()
{
	faultd_rules "$(jq -nc --arg name "$1" '[{resource: "newOrder", nth: 1, status: 403, fresh_nonce: true,
		headers: {"Content-Type": "application/problem+json"},
		body: {type: "urn:ietf:params:acme:error:compound", detail: "x", subproblems: [
			{type: "urn:ietf:params:acme:error:rejectedIdentifier", detail: "x",
			 identifier: {type: "dns", value: $name}}]}}]')"
	faultd_post /reset
}
# of_type LINEAGE TYPE: rsa or ec
of_type()
{
	openssl x509 -in "c/live/$1/cert.pem" -noout -text | grep -qi "Public Key Algorithm: [a-z-]*$2"
}
# bound ALGORITHM: the external account's, in what was sent
bound()
{
	sed -n 's/.*"externalAccountBinding":{[^}]*"protected":"\([^"]*\)".*/\1/p' l/letsencrypt.log |
		head -n 1 | tr '_-' '/+' | sed 's/$/==/' | base64 -di 2>/dev/null | grep -q "\"$1\""
}

afresh()
{
	umask 022
	faultd_rules '[]'
	rm -rf c w l new ran
	cp -a base c
}

while IFS=$tab read -r row how what text condition <&3; do
	case $row in '#'*) continue ;; esac
	case $how in
	in)
		ok "$row: in $what" grep -qF -- "$text" "$ROOT/$what"
		;;
	run)
		afresh
		[ "$what" = - ] || eval "$what" || bail "$row: $what"
		dirs=
		for dir in config:c work:w logs:l; do
			case $text in
			*"--${dir%:*}-dir"*) ;;
			*) dirs="$dirs --${dir%:*}-dir $T/${dir#*:}" ;;
			esac
		done
		eval "run certbot $text $dirs" </dev/null
		umask 022
		if eval "$condition" >condition 2>&1; then
			pass "$row: $text"
		else
			fail "$row: $text"
			diag "not so: $condition"
			diag "$(head -c 3000 out)"
			tap_context
		fi
		;;
	none) ok "$row: $what" test -n "$what" ;;
	*) fail "$row: what is $how?" ;;
	esac
done 3<"$table"
is "$(leftovers)" '' 'no process is left'
done_testing
