#!/bin/sh
# The texts that scripts look for (spec 11) stand where they are expected, and
# whole: the rows of tests/data/texts.tsv.
. "$(dirname "$0")/../lib.sh"
need openssl curl
ca_start
C=$T/c
NEW="-n --standalone --server $ACME_SERVER --http-01-port $HTTP01_PORT"
R="--no-random-sleep-on-renew --server $ACME_SERVER"
BUSY=$(free_port)
mkdir www
start other /usr/bin/python3 -m http.server -b 127.0.0.1 "$BUSY"
wait_for port_listens "$BUSY"
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout csr.key \
	-subj / -addext subjectAltName=DNS:csr.example -out csr.pem 2>csr.log

ours()
{
	run certbot "$@" --config-dir "$C" --work-dir "$T/w" \
		--logs-dir "$T/l" </dev/null
}

# What a row needs that is not there; the command ends with its name.
prepare()
{
	case $1 in
	*': mixed')
		rm -f "$C/renewal/x.example.conf"
		ours certonly $NEW -d bad.example
		curl -sSd '{"host":"bad.example"}' "$CA_CHALLTESTSRV/set-servfail"
		echo x >"$C/renewal/broken.conf"
		;;
	*': shared')
		sed 's/live\/a\.example/live\/other/' "$C/renewal/a.example.conf" \
			>"$C/renewal/other.conf"
		cp -a "$C/live/a.example" "$C/live/other"
		rm "$C/renewal/broken.conf"
		;;
	*': staging')
		sed -i 's|^server = .*|server = https://acme-staging.example/dir|' \
			"$C/renewal/a.example.conf"
		;;
	esac
}

# has STREAM ERE: is there such a line?
has()
{
	case $1 in
	O) grep -qxE -e "$2" out ;;
	E) grep -qxE -e "$2" err ;;
	L) grep -qxE -e "$2" l/letsencrypt.log ;;
	esac
}

tab=$(printf '\t')
grep -v '^#' "$ROOT/tests/data/texts.tsv" >rows
while IFS="$tab" read -r what text <&3; do
	if [ "$what" = run ]; then
		prepare "$text"
		rm -f l/letsencrypt.log
		eval "ours $(printf '%s' "$text" | sed 's/; : [a-z]*$//')"
		command=$text
		continue
	fi
	text=$(printf '%s' "$text" | sed "s|\\\$C|$C|g; s|\\\$T|$T|g; s|\\\$BUSY|$BUSY|g")
	case $what in
	!*)
		! has "${what#!}" "$text"
		;;
	*) has "$what" "$text" ;;
	esac && pass "$command: $what $text" || {
		fail "$command: $what $text"
		tap_context
		diag "$(cat out)"
	}
done 3<rows
is "$(leftovers)" '' 'no process is left'
done_testing
