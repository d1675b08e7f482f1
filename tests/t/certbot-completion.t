#!/bin/bash
# The shell completion made from the table of options, in bash itself.
. "$(dirname "$0")/../lib.sh"
tab=$(printf '\t')
file=$ACME_BUILD/share/bash-completion/completions/certbot

# shellcheck source=/dev/null
. "$file"
# Bash has it outside of a completion only.
compopt()
{
	echo "$*" >>"$T/compopt"
}

# typed WORD...: what is offered for the last one, in $offered.
typed()
{
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	: >compopt
	_certbot
	offered=$(printf '%s\n' "${COMPREPLY[@]}" | sort)
}

certbot --list-options >table
like "$(complete -p certbot letsencrypt)" '_certbot certbot' 'both names are completed'

typed certbot ''
is "$offered" "$(awk -F "$tab" '$1 == "verb" { print $2; if ($3 != "-") print $3 }' table | sort)" \
	'the subcommands'
typed certbot re
is "$offered" "$(awk -F "$tab" '$1 == "verb" && $2 ~ /^re/ { print $2 }' table | sort)" 'those with a beginning'
typed certbot certonly ''
is "$offered" '' 'one of them is enough'

# Every option that is shown, for some subcommand.
for verb in $(awk -F "$tab" '$1 == "verb" { print $2 }' table); do
	typed certbot "$verb" --
	printf '%s\n' "$offered" >"options.$verb"
done
cat options.* | sort -u >offered
# Without those of a subcommand that is not here.
awk -F "$tab" '$1 == "group" { groups[$2] = 1 }
	$1 == "option" && " " $7 " " !~ / (hidden|deprecated) / {
		split($6, topic, " ")
		if (topic[1] in groups || topic[1] == "every")
			print $2
	}' table | tr ' ' '\n' | grep '^--' | sort -u >want
same want offered 'every option, and nothing that is hidden'
not_ok 'none that certbot hides' grep -qx -e --preconfigured-renewal -e --no-hsts offered
ok 'which are more than a hundred' test "$(wc -l <offered)" -gt 100
not_ok 'certonly has no --reason' grep -qx -e --reason options.certonly
ok 'revoke has it' grep -qx -e --reason options.revoke
ok 'plugins has --init' grep -qx -e --init options.plugins
not_ok 'renew has no --csr' grep -qx -e --csr options.renew
typed certbot auth --cs
is "$offered" --csr 'an alias has the options of its subcommand'
typed certbot --cs
is "$offered" '' 'without one those of run'
typed certbot certonly --webroot-
is "$offered" '--webroot-map
--webroot-path' "a plugin's options"

# Values.
typed certbot certonly --key-type ''
is "$offered" 'ecdsa
rsa' '--key-type'
typed certbot certonly --key-type = r
is "$offered" rsa '--key-type=r, as bash splits it'
typed certbot certonly --key-type =
is "$offered" 'ecdsa
rsa' '--key-type='
typed certbot revoke --reason k
is "$offered" keycompromise '--reason'
typed certbot certonly -a ''
is "$offered" "$(certbot --list-options | awk -F "$tab" '$1 == "group" && $4 ~ /authenticator/ { print $2 }' | sort)" \
	'-a: the authenticators'
like "$offered" '^webroot$' 'webroot is one'
typed certbot certonly -i n
like "$offered" '^null$' '-i: the installers'
unlike "$offered" '^webroot$' 'webroot is none'
mkdir -p c/renewal 'd one'
touch c/renewal/a.example.conf c/renewal/b.example.conf 'd one/file' request.csr
typed certbot renew --config-dir c --cert-name ''
is "$offered" 'a.example
b.example' '--cert-name'
typed certbot renew --config-dir=c --cert-name b
is "$offered" '' 'bash would have split this word'
typed certbot renew --config-dir = c --cert-name b
is "$offered" b.example 'and so it does'
typed certbot certonly --config-dir d
is "$offered" 'd one' 'a directory with a blank'
like "$(cat compopt)" '-o filenames' 'is shown as a file name'
typed certbot certonly --csr req
is "$offered" request.csr 'a file'
typed certbot certonly -d a
is "$offered" '' 'nothing where anything may stand'
typed certbot --help sec
is "$offered" security 'a topic'
typed certbot --help standa
is "$offered" standalone 'a plugin'
done_testing
