# shellcheck shell=sh
# Sourced after lib.sh by the tests of the decision table: the lineages that its
# rows (tests/data/decisions.tsv) start from, and what came of them.
#
#	decisions_begin		the CA, an account, the lineages, below $T/c
#	decisions ERE FUNCTION	for each row whose section matches: the lineages
#				as at the beginning, its setup, then FUNCTION with the row in
#				$section $name $how $answers $option $arguments
#				$want_status $want $text
#	again			puts the lineages back, with the row's setup
#	row_run			runs it: sets $status, $out, $err
#	row_holds		runs it, and is what the row says
#	changed			prints which lineages are other than at the beginning
#	common			prints the options that every row gets

# shellcheck disable=SC2034,SC2154 # what rows and tests/lib.sh set
tab=$(printf '\t')
esc=$(printf '\033')
cr=$(printf '\r')

common()
{
	printf '%s\n' "--server $ACME_SERVER --standalone" \
		"--http-01-port $HTTP01_PORT --agree-tos" \
		'--register-unsafely-without-email' \
		"--config-dir $T/c --work-dir $T/w --logs-dir $T/l"
}

# lineages DIR: name, version, key, hash of the key, names.
lineages()
{
	certstore list --config-dir "$1" | jq -r 'select(.error | not) |
		[.lineage.name, .lineage.version,
		(if .lineage.keyType == "rsa" then "rsa\(.lineage.keySize)"
		else .lineage.curve end), .lineage.privkey,
		(.lineage.names | join(","))] | @tsv' |
		while IFS="$tab" read -r _n _v _k _path _names; do
			printf '%s %s %s %s %s\n' "$_n" "$_v" "$_k" \
				"$(sha256sum <"$_path" | cut -c 1-64)" "$_names"
		done
}

changed()
{
	lineages c >now
	grep -vxFf before now | while read -r _n _v _k _hash _names; do
		_kept=new
		! grep -q " $_hash " before || _kept=kept
		printf '%s %s %s %s %s\n' "$_n" "$_v" "$_k" $_kept "$_names"
	done | paste -sd ';' - | sed 's/;/; /g; s/^$/-/'
}

# on_terminal: $answers are arguments of the helper, quoted for the shell.
on_terminal()
{
	eval "run /usr/bin/python3 \"\$ROOT/tests/helpers/on-terminal.py\" $answers -- \"\$@\""
	# without colours and what was rewritten
	out=$(sed "s/$esc\[[0-9;]*[mK]//g; s/.*$cr//" "$T/out")
}

row_run()
{
	set -f
	# shellcheck disable=SC2046,SC2086 # words
	set -- certbot $(common) $(printf '%s' "$arguments" |
		sed "s|@|$ACME_SERVER|")
	set +f
	[ "$answers" != - ] || answers=
	case $how in
	n) run "$@" -n </dev/null ;;
	tty) on_terminal "$@" ;;
	pipe)
		printf '%s\n' "$answers" >answer
		[ -n "$answers" ] || : >answer
		run "$@" <answer
		;;
	esac
}

row_holds()
{
	row_run
	is "$status" "$want_status" "$section $name"
	is "$(changed)" "$want" "$section $name: the lineages"
	[ "$text" = - ] || like "$out
$err" "$text" "$section $name: its words"
}

# --- what a row's setup may call ---------------------------------------------

before()
{
	sed -i '/^# renew_before_expiry/d' "c/renewal/$1.conf"
	sed -i "1i renew_before_expiry = $2" "c/renewal/$1.conf"
}

due()
{
	before "$1" '20 years'
}

autorenew()
{
	sed -i "s/^\[renewalparams\]/&\nautorenew = $2/" "c/renewal/$1.conf"
}

server_of()
{
	sed -i "s|^server = .*|server = $2|" "c/renewal/$1.conf"
}

# A newer version that the links do not lead to.
pending()
{
	for _kind in cert chain fullchain privkey; do
		cp -p "c/archive/$1/${_kind}1.pem" "c/archive/$1/${_kind}2.pem"
	done
}

# ------------------------------------------------------------------------------

decisions_request()
{
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout csr.key -subj /O=x -out "$1" ${2:+-addext} \
		${2:+"subjectAltName=$2"} 2>>csr.log
}

decisions_begin()
{
	need openssl jq
	ca_start
	ready_keys
	for _name in bad.example bad2.example; do
		curl -sSd "{\"host\":\"$_name\"}" "$CA_CHALLTESTSRV/set-servfail"
	done
	for _args in '-d a.example,b.example' '-d ec.example --key-type ecdsa' \
		'-d p.example' '-d p.example --duplicate' \
		'-d q.example,r.example' '-d re.example --reuse-key'; do
		# shellcheck disable=SC2046,SC2086 # words
		run certbot certonly -n $_args $(common) </dev/null
		[ "$status" = 0 ] || bail "no lineage of $_args: $err"
	done
	decisions_request csr.pem DNS:csr.example
	decisions_request ab.pem DNS:a.example,DNS:b.example
	decisions_request empty.pem
	rm -rf w l
	lineages c >before
	mv c base
}

# again: the lineages as at the beginning of the row.
again()
{
	rm -rf c w l
	ready_keys 10
	cp -a base c
	[ "$setup" = - ] || eval "$setup"
}

decisions()
{
	grep -v '^#' "$ROOT/tests/data/decisions.tsv" >rows
	while IFS="$tab" read -r section name setup how answers option \
		arguments want_status want text <&3; do
		printf '%s\n' "$section" | grep -qE "$1" || continue
		again
		"$2"
	done 3<rows
}
