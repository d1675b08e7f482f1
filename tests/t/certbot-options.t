#!/bin/sh
# Every option of the manual's listing does something: the rows of
# tests/data/options.tsv, and an option without a row fails. Then the names of
# each, the options that no listing shows, and abbreviations.
. "$(dirname "$0")/../lib.sh"
namespaces
need openssl jq
. "$ROOT/tests/both.sh"
tab=$(printf '\t')
mkdir etc www && mount --bind etc /etc/letsencrypt 2>/dev/null ||
	{ mkdir -p /etc/letsencrypt && mount --bind etc /etc/letsencrypt; } ||
	bail 'no /etc/letsencrypt of its own'
ca_start PEBBLE_VA_ALWAYS_VALID=1

# What the rows use.
# shellcheck disable=SC2034
N="-n --webroot -w www --key-type ecdsa --server $ACME_SERVER"
E="-n --webroot -w www --server $ACME_SERVER"
R='--no-random-sleep-on-renew' INSTALLER=watched
echo 'cert-name = none.example' >own.ini
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout other.key -subj /CN=x.example -out x.csr 2>/dev/null
mkdir plugins
cat >plugins/only-installs.json <<'END'
{"name": "only-installs", "version": 1, "summary": "Installs", "about": "Installs",
 "kinds": ["installer"]}
END
cp plugins/only-installs.json plugins/watched.json
sed -i 's/only-installs/watched/' plugins/watched.json
# An installer that writes down what it is asked.
cat >plugins/watched <<'END'
#!/bin/sh
while IFS= read -r line; do
	printf '%s\n' "$line" >>"$WATCHED"
	case $line in
	*'"enhancements"'*) echo '{"ok":true,"enhancements":["redirect","ensure-http-header","staple-ocsp","auto-hsts"]}' ;;
	*'"names"'*) echo '{"ok":true,"names":["a.example"]}' ;;
	*) echo '{"ok":true}' ;;
	esac
done
END
cp plugins/watched plugins/only-installs
chmod +x plugins/watched plugins/only-installs
export CERTBOT_PLUGIN_PATH="$T/plugins" WATCHED="$T/asked"

ours certonly $N -d a.example --agree-tos -m me@example.com --no-eff-email
is "$status" 0 'a certificate'
ours certonly $N -d i.example -i watched
is "$status" 0 'one with an installer'
mkdir -p c/renewal-hooks/pre
printf '#!/bin/sh\ntouch "%s/ran"\n' "$T" >c/renewal-hooks/pre/mark
chmod +x c/renewal-hooks/pre/mark
mv c base

# A condition of rows, besides those of both.sh.
installer()
{
	grep -qE "$@" asked
}

# afresh: as at the start.
afresh()
{
	rm -rf c w l new ran asked one.pem
	cp -a base c
	mkdir l
	: >asked
	# One that is not revoked yet.
	case $command in
	revoke*) ours certonly $N -d a.example --force-renewal ;;
	esac
}

# try WORDS: runs certbot with them and the directories that the row does not
# give itself; the status of its condition.
try()
{
	case $command in *--explain*) [ -d c ] || afresh ;; *) afresh ;; esac
	dirs=
	for dir in config:c work:w logs:l; do
		case $command in
		*"--${dir%:*}-dir"*) ;;
		*) dirs="$dirs --${dir%:*}-dir $T/${dir#*:}" ;;
		esac
	done
	eval "run certbot $1 $dirs" </dev/null
	eval "$condition"
}

certbot --list-options >table
absent()
{
	case $1 in
	-) return 1 ;;
	verb:*) ! grep -q "^verb$tab${1#verb:}$tab" table ;;
	plugin:*) ! grep -q "^group$tab${1#plugin:}$tab" table ;;
	esac
}

: >seen
while IFS=$tab read -r option needs command condition; do
	case $option in '#'*) continue ;; esac
	printf '%s\n' "$option" >>seen
	[ -z "${ONLY-}" ] || [ "$ONLY" = "$option" ] || continue
	if absent "$needs"; then
		note "$option: there is no $needs"
		continue
	fi
	case $command in
	*"$option"*) ;;
	*) fail "$option: its row does not use it" ;;
	esac
	if ! try "$(printf '%s\n' "$command" | sed 's/ \[\(.*\)\]/ \1/')"; then
		fail "$option: $command"
		diag "does not hold: $condition"
		tap_context
		diag "    stdout: $(head -c 1500 "$T/out")"
		continue
	fi
	if try "$(printf '%s\n' "$command" | sed 's/ \[.*\]//')"; then
		fail "$option: the same without it"
		diag "holds all the same: $condition"
		tap_context
		continue
	fi
	pass "$option: $command"
done <"$ROOT/tests/data/options.tsv"

# The listing: a line for each option, with all its names.
/usr/bin/python3 "$ROOT/tests/helpers/help-rows.py" "$ROOT/tests/data/help-all.txt" |
	awk -F "$tab" '$2 != "-" { print $2 }' |
	while IFS= read -r typed; do
		printf '%s\n' "$typed" | tr ' ,' '\n\n' | grep -E '^-' | tr '\n' ' '
		echo
	done | grep -e -- | sed 's/ $//' | sort -u >listed
ok 'the manual lists more than a hundred' test "$(wc -l <listed)" -gt 100
while read -r names; do
	first=$(printf '%s\n' "$names" | tr ' ' '\n' | grep -m 1 '^--')
	grep -qxF -e "$first" seen || fail "$first: no row"
	row=$(awk -F "$tab" -v first="$first" '$1 == "option" &&
		index(" " $2 " ", " " first " ") { print $2 }' table)
	if [ -z "$row" ]; then
		absent "$(awk -F "$tab" -v o="$first" '$1 == o { print $2 }' \
			"$ROOT/tests/data/options.tsv")" || fail "$first: not known"
		continue
	fi
	is "$(printf '%s\n' "$row" | tr ' ' '\n' | sort | tr '\n' ' ')" \
		"$(printf '%s\n' "$names" | tr ' ' '\n' | sort | tr '\n' ' ')" \
		"$first: its names"
done <listed
done_testing
