#!/bin/sh
# The pages are true: every option of -h is there and no other, every error with
# its status, every member of real documents, and every example does what it
# says.
. "$(dirname "$0")/../lib.sh"
need mandoc jq curl

# page NAME: its file.
page()
{
	# certbot's has its options from the table.
	for _page in "$ACME_BUILD/man/$1".1 "$ROOT/man/$1".[1578]; do
		[ -e "$_page" ] && echo "$_page" && return
	done
	echo /dev/null
}

# text FILE: as a reader sees it, without line breaks inside of paragraphs.
text()
{
	mandoc -Tascii -Owidth=900 "$1" | sed 's/.\x08//g'
}

# options: the options named in a text, one a line.
options()
{
	grep -oE '(^|[^-A-Za-z0-9_.])(--[a-z][a-z0-9-]+|-[A-Za-z])($|[^-A-Za-z0-9])' |
		grep -oE -e '--?[A-Za-z][a-z0-9-]*' | sort -u
}

# promised FILE: the options that the page's lists and its synopsis promise.
promised()
{
	{
		printf '.Dd x\n.Dt X 1\n.Os\n.Sh NAME\n.Nm x\n.Nd x\n'
		sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/p' "$1" | sed '/^\.Sh DESC/d'
		printf '.Sh DESCRIPTION\n.Bl -tag -width Ds\n'
		grep '^\.It Fl' "$1"
		printf '.El\n'
	} >promised.1
	text promised.1 | sed 's/[,|]/ & /g; s/\[/ /g; s/\]/ /g' |
		tr ' ' '\n' | options
}

# help PROGRAM [WORD]: the options that its -h lists.
help()
{
	"$@" | sed -n 's/^  \(-.*\)/\1/p' | sed 's/   .*//' |
		tr ', ' '\n\n' | grep -E '^-' | sort -u
}

# -- options --------------------------------------------------------------------

for program in "$ACME_BUILD"/bin/*; do
	name=${program##*/}
	[ "$name" != letsencrypt ] || name=certbot
	file=$(page "$name")
	isnt "$file" /dev/null "${program##*/} has a page" || continue
	like "$(sed -n '/^\.Sh NAME/,/^\.Nd/p' "$file")" \
		"^\.Nm ${program##*/}( ,)?\$" 'which names it'
	[ "$name" != certbot ] || continue
	text "$file" | tr ' ' '\n' | options >said
	help "$name" -h >helped
	is "$(comm -13 said helped)" '' "$name(1) has every option of -h"
	isnt "$(cat helped)" '' 'which are some'
	promised "$file" >all
	like "$(cat all)" '^-h$' 'and promises -h'
	comm -23 all helped >more
	is "$(cat more)" '' 'and promises no other'
done

# Every plugin has a page of its own (tests/t/share.t reads them); acme-challenge
# may leave out the plugin's name in front of an option.
text "$(page acme-challenge)" | tr ' ' '\n' | options >common
for descriptor in "$ROOT"/tools/plugins/*/*.json; do
	name=${descriptor##*/}
	name=${name%.json}
	ok "$name has its page" test -s \
		"$ACME_BUILD/man/certbot-plugin-$name.7"
	{
		cat common
		text "$ACME_BUILD/man/certbot-plugin-$name.7" | tr ' ' '\n' |
			options | sed "p; s/^--$name-/--/"
	} | sort -u >said
	help acme-challenge -h "$name" >helped
	isnt "$(cat helped)" '' "$name has options"
	is "$(comm -13 said helped)" '' 'with every option'
done

# certbot: the table of its options, and its subcommands.
certbot --list-options | awk -F '\t' '$1 == "group" { groups[$2] = 1 }
	$1 == "option" && " " $7 " " !~ / (hidden|deprecated|plugin) / {
		split($6, topic, " ")
		if (topic[1] in groups || topic[1] == "every")
			print $2
	}' |
	tr ' ' '\n' | sort -u >helped
ok 'certbot has more than a hundred options' test "$(wc -l <helped)" -gt 100
text "$(page certbot)" | tr ' ' '\n' | options >said
is "$(comm -13 said helped)" '' 'certbot(1) has every option'
promised "$(page certbot)" | comm -23 - helped >more
is "$(cat more)" '' 'and promises no other'
is "$(mandoc -Tlint -Wwarning "$(page certbot)")" '' 'well formed'
sed -n 's/.*{"\([a-z_]*\)", verb_[a-z_]*},*/\1/p' "$ROOT/tools/certbot/main.c" |
	sort >verbs
sed -n 's/^\.It Cm \([a-z_]*\)$/\1/p' "$(page certbot)" | sort >said
is "$(cat said)" "$(cat verbs)" 'and exactly the subcommands'

# -- errors and documents ---------------------------------------------------------

sed -n 's/^	X(\([A-Za-z]*\), \([0-9]*\), "\(.*\)").*/\1 \2 \3./p' \
	"$ROOT/lib/base/err.h" | sort >rows
sed -n '/^\.It Cm [A-Za-z]* Pq [0-9]*$/{
	s/^\.It Cm \([A-Za-z]*\) Pq \([0-9]*\)$/\1 \2/
	N
	s/\n/ /
	p
}' "$(page acme-document)" | sort >said
same said rows 'acme-document(5) has every error, its status and text'
isnt "$(cat rows)" '' 'which are some'

sed -n 's/^    {"\([a-z0-9_]*\)", "[a-z0-9-]*", PLUGIN_.*/\1/p' \
	"$ROOT/lib/plugin/values.c" | sort >rows
sed -n '/^\.It Va globals/,/^\.It Va exclusive/s/^\.Cm //p' \
	"$(page certbot-plugin)" | tr -d ' .' | tr , '\n' | grep . | sort >said
same said rows 'certbot-plugin(7) has every global option'
isnt "$(cat rows)" '' 'which are some'

# -- examples -----------------------------------------------------------------------

# example PAGE N: the Nth literal block of its examples, as sh gets it.
example()
{
	awk -v n="$2" '
		/^\.Sh / { in_examples = /EXAMPLES/ }
		!in_examples { next }
		/^\.Dl / && ++i == n {
			sub(/^\.Dl (\$ )?/, "")
			print
		}
		/^\.Ed/ { inside = 0 }
		inside && i == n { print }
		/^\.Bd -literal/ { inside = 1; i++ }' "$(page "$1")" |
		sed 's/\\e/\\/g; s/\\(dq/"/g; s/\\&//g' |
		sed "s,/var/www/html,$T/www,g; s,/srv/www,$T/www,g"
}

# examples PAGE: how many it has.
examples()
{
	awk '/^\.Sh / { in_examples = /EXAMPLES/ }
		in_examples && /^\.(Dl|Bd -literal)/ { i++ }
		END { print i + 0 }' "$(page "$1")"
}

# try PAGE N: runs it; $shown counts it.
shown=
try()
{
	example "$1" "$2" >"example.$1.$2"
	shown="$shown $1:$2"
	run sh -e "example.$1.$2" </dev/null
	is "$status" 0 "$1, example $2" || diag "$(cat "example.$1.$2")"
}

ca_start
mkdir www
web_start www
web=$pid
cp "$ROOT/tests/helpers/txt-set" add-record
cp "$ROOT/tests/helpers/txt-clear" remove-record

try acme-account 1
is "$out" "$(jq -r .account.url <<END
$(acme-account list --account-dir accounts)
END
)" 'shows the URL of the account'

try acme-order 1
json order.json '[.order.identifiers[].value] |
	sort == ["example.com", "www.example.com"]' 'orders two names'

cp order.json ordered.json
example_document=$(awk '/^\.Bd -literal/ { i = 1; next }
	/^\.Ed/ { exit } i' "$(page acme-document)")
run sh -e -c "$example_document" </dev/null
is "$status" 0 'acme-document, its example'
json annotated.json '.note and .order' 'annotates a document'
ok 'which goes on' sh -c "acme-challenge webroot -w '$T/www' \
	<annotated.json | jq -e '.note and .authorizations[0].status == \"valid\"'"

# By hand: somebody reads what is to be put in place, and does it.
acme-account register --account-dir accounts >account.json
acme-order new -d hand.example - <account.json >order.json
CERTBOT_DOMAIN=hand.example CERTBOT_VALIDATION=$(acme-challenge show \
	<order.json | jq -r '.authorizations[].challenges[] |
	select(.type == "dns-01").validation') ./add-record
try acme-challenge 2
like "$out" "^dns-01	[A-Za-z0-9_-]{43}\$" 'shows what is to be put in place'
printf '%s\n' "$out" | tail -n 1 >answered.json
json answered.json '.authorizations[0].status == "valid" and (.error | not)' \
	'and has it validated'

try acme-challenge 1
json ready.json '[.authorizations[].status] == ["valid", "valid"]' \
	'both ways of validation'
json ready.json '.acmeTools.challenges[0].for == ["*.example.com"] and
	.renewalparams.authenticator == "webroot"' 'are noted'

try acme-finalize 1
json done.json .certificate 'there is a certificate'
like "$(openssl x509 -noout -ext subjectAltName -in fullchain.pem)" \
	'DNS:\*\.example\.com, DNS:www\.example\.org' 'with its names'

cp fullchain.pem cert.pem
try acme-revoke 1
cp out revoked.json
json out '.revocation.reason == "keycompromise"' 'says so'

cat >issue.sh <<'END'
acme-account register --account-dir accounts |
acme-order new -d net.example |
acme-challenge webroot -w www |
acme-finalize --new-key ecdsa --key-out net.pem |
certstore save --config-dir ./letsencrypt --cert-name net.example
END
try acme-net 1
json out '.lineage.name == "net.example"' 'the script ran'

try certbot 1
ok 'its text is a script' sh -n out
like "$out" '^acme-order new ' 'of stages'

mkdir -p "$HOME/.config/letsencrypt"
printf '%s\n' "config-dir = $T/letsencrypt" "work-dir = $T/work" \
	"logs-dir = $T/logs" >"$HOME/.config/letsencrypt/cli.ini"
try certbot-certificates 1
is "$out" '' 'none ends soon'
example certbot-certificates 1 | sed 's/< 30/< 30000/' >later
run sh later
like "$out" '^net\.example	[0-9]+$' 'and none is far off'
try certbot-certificates 2
is "$out" '' 'none fails'
rm "$HOME/.config/letsencrypt/cli.ini"

try certbot-plugin-check 1
unlike "$out" '^not ok' 'no case fails'

try certstore 1
json out '.plan.action == "new"' 'a plan'
try certstore 2
is "$out" '' 'none ends before'
example certstore 2 | sed 's/2027/3027/' >later
run sh later
is "$out" net.example 'before a later date'

# No responder is named in these certificates: nothing is known of them.
try acme-renewal 1
is "$out" '' 'none is revoked'
certstore show --config-dir letsencrypt | acme-renewal >renewal.json
json renewal.json '.renewal.revoked == false and .renewal.why' 'and why is said'
certstore show --config-dir letsencrypt |
	jq -c '.renewal.revoked = true' >revoked.net
example acme-renewal 1 | sed 's/.*acme-renewal |/cat revoked.net |/' >named
run sh named
is "$out" net.example 'one that is would be named'
try acme-renewal 2
json out '.plan.action == "new" and (.error | not)' 'a plan for a name'

# Here without a server: the installer that accepts everything.
for n in 1 2; do
	example acme-install $n | sed "s/acme-install nginx/acme-install null/
		s,acme-challenge nginx,acme-challenge webroot -w '$T/www',
		s/k.pem/installed.pem/" >"example.acme-install.$n"
	shown="$shown acme-install:$n"
	run sh -e "example.acme-install.$n" </dev/null
	is "$status" 0 "acme-install, example $n"
	cp out "installed.$n"
done
json installed.1 '.installation.plugin == "null" and
	.renewalparams.installer == "null"' 'an installer is noted and used'
json installed.2 '.installer.plugin == "null"' 'and rolled back'

# The plugin in sh: a descriptor and a script.
mkdir plugins
example certbot-plugin 1 >plugins/files.json
example certbot-plugin 2 >plugins/files
chmod +x plugins/files
shown="$shown certbot-plugin:1 certbot-plugin:2"
export CERTBOT_PLUGIN_PATH="$T/plugins"
where=www/.well-known/acme-challenge
mkdir -p "$where"
ok 'the plugin keeps the promises of certbot-plugin(7)' \
	certbot-plugin-check --config "{\"dir\":\"$T/$where\"}" \
	--performed "test -e '$T/$where/'\$CERTBOT_TOKEN" \
	--cleaned "! test -e '$T/$where/'\$CERTBOT_TOKEN" files
acme-order new -d files.example - <account.json |
	acme-challenge files --dir "$where" >files.json
json files.json '.authorizations[0].status == "valid" and (.error | not)' \
	'and validates a name'
is "$(ls "$where")" '' 'and cleans up'

# The DNS provider, by the recording beside it.
mkdir provider
example certbot-dns-provider 1 >provider/example.json
example certbot-dns-provider 2 >provider/example.jq
example certbot-dns-provider 3 >provider/example.recording.json
ok 'the DNS provider makes the requests of its recording' \
	"$ROOT/tests/provider-check" provider/example.json
shown="$shown certbot-dns-provider:1 certbot-dns-provider:2 certbot-dns-provider:3"

# The plugin in C.
example certbot-api 1 >plugins/files-c.c
example certbot-api 2 >plugins/files-c.json
shown="$shown certbot-api:1 certbot-api:2"
case $ACME_BUILD in
*san*) skip 1 'the library of a sanitizer build needs its flags' ;;
*)
	cc -o plugins/files-c plugins/files-c.c -I"$ROOT/lib" \
		-L"$ACME_BUILD/lib" -lcertbot-plugin -ljq -lcrypto -lidn2
	ok 'the plugin in C keeps them, too' \
		certbot-plugin-check --config "{\"dir\":\"$T/$where\"}" \
		--performed "test -e '$T/$where/'\$CERTBOT_TOKEN" \
		--cleaned "! test -e '$T/$where/'\$CERTBOT_TOKEN" files-c
	;;
esac

for file in "$ROOT"/man/*.[1578]; do
	name=${file##*/}
	name=${name%.*}
	n=$(examples "$name")
	while [ "$n" -gt 0 ]; do
		like "$shown " " $name:$n " "$name: example $n is run here"
		n=$((n - 1))
	done
	case $name in
	acme-document) ;;
	*) isnt "$(examples "$name")" 0 "$name has examples" ;;
	esac
done

# -- members of documents -----------------------------------------------------------

# More documents, with all that programs add.
acme-order new -d bad.example - <account.json |
	acme-challenge webroot -w "$T/plugins" >failed.json 2>more.err
acme-challenge deactivate --again <failed.json >deactivated.json
certstore plan --config-dir letsencrypt -d net.example - <account.json \
	>kept.json
certstore plan --config-dir letsencrypt --ask --key-type rsa \
	--cert-name net.example -d a.example,net.example - <account.json \
	>asked.json 2>>more.err
certstore show --config-dir letsencrypt >shown.json
certstore delete --config-dir letsencrypt net.example >deleted.json
acme-account list --account-dir accounts >accounts.json
echo '{"no document' | acme-order new >garbage.json 2>garbage.err
stop "$web"
certstore checkpoint add --work-dir work "$T/account.json" >checkpoint.json
certstore storage put --config-dir letsencrypt --work-dir work p k 1 >storage.json
cat checkpoint.json storage.json installed.1 installed.2 account.json order.json answered.json ready.json done.json revoked.json failed.json \
	deactivated.json kept.json asked.json shown.json renewal.json deleted.json \
	accounts.json garbage.json |
	jq -r 'del(.directory, .account.contact, .account.orders, .account.status,
		.renewalparams, .authorizations[]?.challenges[]?.error,
		.authorizations[]?.challenges[]?.validated,
		.authorizations[]?.wildcard, .order.error,
		.acmeTools.challenges[]?.options[]?, .error.subproblems) |
		del(.order, .authorizations) as $own | ($own, .) |
		[paths | map(strings) | .[0:3]] | unique | .[] | .[]' 2>jq.err |
	sort -u >members
is "$(cat jq.err)" '' 'the members of documents are read'
ok 'there are many' test "$(wc -l <members)" -gt 60
# RFC 8555's own members of orders, authorizations and problems.
grep -vxE 'authorizations|challenges|expires|finalize|identifiers?|status|token|value|certificate|type|title|detail|contact|orders|for|options' \
	members >own
sed -n '/^\.Sh MEMBERS/,$p' "$(page acme-document)" |
	{
		printf '.Dd x\n.Dt X 5\n.Os\n.Sh NAME\n.Nm x\n.Nd x\n'
		cat
	} | mandoc -Tascii -Owidth=900 | sed 's/.\x08//g' |
	grep -oE '[A-Za-z0-9]+' | sort -u >said
is "$(comm -13 said own)" '' 'acme-document(5) names every member'
done_testing
