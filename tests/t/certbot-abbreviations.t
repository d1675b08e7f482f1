#!/bin/sh
# Beginnings of long options (spec 3.2): those of the manual and of the
# specification's 3.5 take part, nothing of our own does, and no plugin that
# certbot's manual does not know. So no abbreviation in a script turns ambiguous.
. "$(dirname "$0")/../lib.sh"
tab=$(printf '\t')
certbot --list-options >table

# The manual's, with all their names, and what 3.5 adds to them.
/usr/bin/python3 "$ROOT/tests/helpers/help-rows.py" "$ROOT/tests/data/help-all.txt" |
	awk -F "$tab" '$2 != "-" { print $2 }' | tr ' ,' '\n\n' | grep -e '^--' | sort -u >manual
awk -F "$tab" '/^--/ { print $1 }' "$ROOT/tests/data/options.tsv" | sort -u >rows
is "$(comm -23 rows manual)" '' 'the rows of options.tsv are of the manual'
for option in verbose-level text preconfigured-renewal eab-hmac-alg run-deploy-hooks \
	new-key ip-address no-hsts no-uir no-staple-ocsp required-profile preferred-profile \
	issuance-timeout renew-hook no-random-sleep-on-renew os-packages-only no-self-upgrade \
	no-bootstrap no-permissions-check manual-public-ip-logging-ok; do
	printf '%s\n' "--$option"
done >more
sort -u manual more >certbots

# Each beginning that only one of them has, as it would be typed: with a value
# where the option takes one.
awk -F "$tab" '
	FILENAME == "table" && $1 == "option" {
		split($4, words, " ")
		n = split($2, names, " ")
		for (i = 1; i <= n; i++)
			value[names[i]] = words[1]
	}
	FILENAME == "certbots" {
		all[$1] = 1
		for (i = 3; i <= length($1); i++)
			count[substr($1, 1, i)]++
	}
	FILENAME == "manual" && $1 in value && $1 != "--help" && $1 != "--version" {
		v = value[$1]
		for (i = 3; i < length($1); i++) {
			short = substr($1, 1, i)
			if (count[short] > 1 || short in all)
				continue
			if (v == "-")
				print short
			else if ($1 == "--webroot-map")
				print short "={}"
			else if ($1 == "--preferred-challenges")
				print short "=dns"
			else
				print short "=" (v == "<number>" ? "1" : v ~ /^<(dir|file)>$/ ? "." : v ~ /^</ ? "a.example" : v)
		}
	}' table certbots manual >beginnings
ok 'there are more than a thousand' test "$(wc -l <beginnings)" -gt 1000
# One that is ambiguous or not known would be said instead, or as well.
# shellcheck disable=SC2046 # one word a line, none with a blank
run certbot certonly $(cat beginnings) --not-an-option
is "$status" 2 'all of them in one command line'
is "$(tail -n 1 "$T/err")" 'certbot: error: unrecognized arguments: --not-an-option' \
	'every beginning of an option of the manual that is unique among them is enough'
run certbot --hel
is "$status" 0 '--hel'
like "$out" 'certbot .SUBCOMMAND.' 'is --help'
run certbot --vers
like "$out" '^certbot [0-9.]*$' '--vers is --version'

# Those of 3.5 that no listing shows are taken all the same, and do not show.
hidden='verbose-level=10 text preconfigured-renewal no-hsts no-uir no-staple-ocsp
	renew-hook=true no-random-sleep-on-renew os-packages-only no-self-upgrade
	no-bootstrap no-permissions-check manual-public-ip-logging-ok'
run certbot certonly $(printf -- '--%s ' $hidden) --not-an-option
is "$(tail -n 1 "$T/err")" 'certbot: error: unrecognized arguments: --not-an-option' \
	'every hidden option is known'
run certbot --help all
for option in $hidden; do
	if printf '%s\n' "$out" | grep -qE -e "(^|[ ,])--${option%=*}([ ,]|$)"; then
		fail "--${option%=*} is shown"
	fi
	awk -F "$tab" -v o="--${option%=*}" '$1 == "option" && index(" " $2 " ", " " o " ") &&
		" " $7 " " ~ / hidden / { found = 1 } END { exit !found }' table ||
		fail "--${option%=*} is not hidden"
done
pass 'and none of them is shown'

# Those that are not certbot's are written out.
awk -F "$tab" '$1 == "option" { print $2 }' table | tr ' ' '\n' | grep -e '^--' | sort -u |
	comm -23 - certbots >ours
ok 'there are many of our own' test "$(wc -l <ours)" -gt 50
ok '--json is one' grep -qxe --json ours
ok '--dns-gandi is one' grep -qxe --dns-gandi ours
awk 'FILENAME == "certbots" || FILENAME == "ours" {
		for (i = 3; i < length($1); i++)
			known[substr($1, 1, i)] = FILENAME == "certbots" ? 1 : known[substr($1, 1, i)]
		known[$1] = 1
	}
	FILENAME == "ours" {
		for (i = 3; i < length($1); i++)
			mine[substr($1, 1, i)] = 1
	}
	END { for (s in mine) if (!known[s]) print s }' certbots ours | sort >cut
ok 'and many beginnings that only they have' test "$(wc -l <cut)" -gt 200
# shellcheck disable=SC2046
run certbot certonly $(cat cut)
is "$(tail -n 1 "$T/err")" \
	"certbot: error: unrecognized arguments: $(tr '\n' ' ' <cut | sed 's/ $//')" \
	'none of them is taken for an option'
run certbot certonly --dns-gandi-credentials x --not-an-option
is "$(tail -n 1 "$T/err")" 'certbot: error: unrecognized arguments: --not-an-option' \
	'a whole one is'

# A plugin that somebody added takes nothing away.
mkdir plugins
cat >plugins/webroot-2.json <<'END'
{"name": "webroot-2", "version": 1, "summary": "Another", "about": "Another",
 "kinds": ["authenticator"], "challenges": ["http-01"], "select": true,
 "options": [{"name": "path"}]}
END
printf '#!/bin/sh\nexit 1\n' >plugins/webroot-2
chmod +x plugins/webroot-2
run env CERTBOT_PLUGIN_PATH="$T/plugins" certbot certonly --webroot-2 --webroot-2-path x \
	--webroot-p . --not-an-option
is "$(tail -n 1 "$T/err")" 'certbot: error: unrecognized arguments: --not-an-option' \
	'beside --webroot-2-path, --webroot-p is still --webroot-path'
done_testing
