# Starting and stopping a local CA: functions for POSIX sh, sourced by
# tests/lib.sh, tests/ca and scripts/demo.
#
#	ca_up DIR [SETTING=VALUE]...
#	ca_down DIR
#
# ca_up starts Debian's pebble and pebble-challtestsrv on free loopback ports
# with everything they need in DIR, waits until both listen, writes the
# variables below to DIR/env and sets them. Every name resolves to 127.0.0.1.
# The servers are children of the calling shell and die with it. It returns 1
# and says why on standard error if they cannot be started.
#
# ACME_SERVER		the directory's URL
# REQUESTS_CA_BUNDLE	trust for it (also SSL_CERT_FILE, CURL_CA_BUNDLE,
#			LEGO_CA_CERTIFICATES)
# HTTP01_PORT		where it looks for http-01 (and TLSALPN01_PORT)
# CA_MANAGEMENT		pebble's own URLs: $CA_MANAGEMENT/roots/0, /intermediates/0,
#			/cert-status-by-serial/HEX
# CA_CHALLTESTSRV	the DNS server's control URL: /set-txt, /clear-txt, /add-a,
#			/set-servfail, ... (POST of JSON)
# CA_DNS		the DNS server's own address, 127.0.0.1:PORT
# CA_DIR		DIR; logs are DIR/pebble.log and DIR/challtestsrv.log
# CA_PEBBLE_PID, CA_CHALLTESTSRV_PID
#
# Settings:
#	PEBBLE_NAME=VALUE	goes into pebble's environment. Without any:
#				PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0
#				PEBBLE_AUTHZREUSE=0
#	eab=1			demands external account binding; the keys are
#				CA_EAB_KID and CA_EAB_HMAC (base64url)
#	block=a.example,b.example	names that it refuses
#	config=JQ		a jq program that changes pebble's configuration
#	pebble=FILE		another pebble (tests/pebble-new finds one)
#	strict=true		pebble -strict
#	http_port=N tls_port=N port=N	these ports instead of free ones
#	dns=ADDRESS:PORT	pebble asks this DNS server, not challtestsrv
#	ipv6=ADDRESS		names have this AAAA record too
#	tls_names=a,b		more names in the certificate of the CA's own TLS

# Ports are reserved for the life of a process in a directory of this user's,
# below the range from which the kernel takes ports for connections, so that
# tests side by side never get the same one.
CA_PORTS=${TMPDIR:-/tmp}/acme-tools-ports.$(id -u)

# port_listens PORT: whether something listens on this TCP port.
port_listens()
{
	[ -n "$(ss -Hltn "sport = :$1")" ]
}

# ports_used: every local TCP and UDP port, one a line, each after a colon.
ports_used()
{
	ss -Htuan | sed 's/^\([^ ]* *\)\{4\}[^ ]*\(:[0-9]*\) .*/\2/'
}

# free_port [N]: prints N ports (1) of this shell's own, kept until the shell
# ends.
free_port()
{
	(
		umask 077
		[ -d "$CA_PORTS" ] || mkdir -p "$CA_PORTS"
		exec 9>"$CA_PORTS/lock" && flock 9 || exit 1
		_used="
$(ports_used)
" || exit 1
		_wanted=${1-1}
		_from=$((($$ * 61) % 12000))
		_n=0
		while [ $_n -lt 12000 ]; do
			_p=$((20000 + (_from + _n) % 12000))
			_n=$((_n + 1))
			if [ -e "$CA_PORTS/$_p" ]; then
				read -r _owner <"$CA_PORTS/$_p"
				kill -0 "$_owner" 2>/dev/null && continue
			fi
			case $_used in
			*"
:$_p
"*) continue ;;
			esac
			echo $$ >"$CA_PORTS/$_p"
			echo $_p
			_wanted=$((_wanted - 1))
			[ $_wanted -gt 0 ] || exit 0
		done
		echo 'free_port: none left' >&2
		exit 1
	)
}

# free_ports_release: gives back every port of this shell.
free_ports_release()
{
	[ -d "$CA_PORTS" ] || return 0
	grep -lx "$$" "$CA_PORTS"/[0-9]* 2>/dev/null | xargs -r rm -f
}

# uptime_cs: sets _uptime, centiseconds since boot.
uptime_cs()
{
	read -r _uptime _ </proc/uptime
	_uptime=${_uptime%.*}${_uptime#*.}
}

# wait_for [-t SECONDS] COMMAND...: repeats COMMAND until it succeeds; 1 if it
# has not after SECONDS (15).
wait_for()
{
	_limit=15
	if [ "$1" = -t ]; then
		_limit=$2
		shift 2
	fi
	"$@" && return
	uptime_cs
	_deadline=$((_uptime + _limit * 100))
	while [ "$_uptime" -lt $_deadline ]; do
		sleep 0.02
		"$@" && return
		uptime_cs
	done
	return 1
}

# alive PID: whether this process runs (a zombie does not).
alive()
{
	_state=
	# Not of stat, where a name of several lines may come first.
	while read -r _key _value; do
		[ "$_key" != State: ] || _state=$_value
	done 2>/dev/null <"/proc/$1/status"
	case $_state in
	'' | [ZX]*) return 1 ;;
	esac
}

not_alive()
{
	! alive "$1"
}

# stop_pid PID: ends a process, hard after 5 s, and reaps it if it is ours.
stop_pid()
{
	if alive "$1"; then
		kill "$1" 2>/dev/null
		wait_for -t 5 not_alive "$1" || kill -9 "$1" 2>/dev/null
	fi
	wait "$1" 2>/dev/null || :
}

# ca_tls DIR [NAMES]: makes a root (root.pem) and a certificate for localhost
# (cert.pem, key.pem) and NAMES, comma separated. Without NAMES it is made
# once a day for a build tree.
ca_tls()
{
	_san=DNS:localhost,IP:127.0.0.1,IP:::1
	for _name in $(printf %s "$2" | tr , ' '); do
		_san=$_san,DNS:$_name
	done
	_made=
	[ -n "$2" ] || [ -z "${ACME_BUILD-}" ] ||
		_made=$ACME_BUILD/ca-tls/$(date +%Y-%m-%d)
	mkdir -p "$1" || return 1
	if [ -d "$_made" ]; then
		cp "$_made"/* "$1"
		return
	fi
	(
		umask 077
		cd "$1" || exit 1
		exec 2>openssl.log
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
			-nodes -days 30 -subj '/CN=acme-tools test TLS root' \
			-addext basicConstraints=critical,CA:TRUE \
			-addext keyUsage=critical,keyCertSign,cRLSign \
			-keyout root.key -out root.pem &&
		openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
			-nodes -subj /CN=localhost -keyout key.pem \
			-out req.pem &&
		printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' \
			"$_san" >ext &&
		openssl x509 -req -in req.pem -CA root.pem -CAkey root.key \
			-set_serial 2 -days 30 -extfile ext -out cert.pem &&
		chmod 644 root.pem cert.pem
	) || {
		echo "ca: cannot make a certificate in $1:" >&2
		cat "$1/openssl.log" >&2
		return 1
	}
	[ -z "$_made" ] || {
		mkdir -p "${_made%/*}" && cp -pr "$1" "$_made.$$" &&
			mv -T "$_made.$$" "$_made" || rm -rf "$_made.$$"
	} 2>/dev/null
}

# ca_config: prints pebble's configuration; uses the _ variables of ca_up.
ca_config()
{
	case $_dir$_block in
	*[\"\\]*)
		echo "ca: no such characters, please: $_dir $_block" >&2
		return 1
		;;
	esac
	_blocked=
	for _name in $(printf %s "$_block" | tr , ' '); do
		_blocked="$_blocked${_blocked:+, }\"$_name\""
	done
	cat <<-END
	{"pebble": {
	  "listenAddress": "127.0.0.1:$_port",
	  "managementListenAddress": "127.0.0.1:$_mgmt",
	  "certificate": "$_dir/tls/cert.pem",
	  "privateKey": "$_dir/tls/key.pem",
	  "httpPort": $_http,
	  "tlsPort": $_tls,
	  "ocspResponderURL": "",
	  "externalAccountBindingRequired": $([ -n "$_eab" ] && echo true || echo false),
	  "externalAccountMACKeys": {"$CA_EAB_KID": "$CA_EAB_HMAC"},
	  "domainBlocklist": [$_blocked],
	  "certificateValidityPeriod": 7776000
	}}
	END
}

ca_up()
{
	case $1 in
	/*) _dir=$1 ;;
	*) _dir=$(pwd)/$1 ;;
	esac
	shift
	_port='' _http='' _tls='' _eab='' _block='' _ipv6='' _tls_names=''
	_dnsserver=''
	_config='' _pebble=pebble _strict=false
	set -- PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 \
		PEBBLE_AUTHZREUSE=0 "$@"
	_env=
	for _set; do
		case $_set in
		PEBBLE_*) _env="$_env $_set" ;;
		eab=*) _eab=${_set#*=} ;;
		block=*) _block=${_set#*=} ;;
		config=*) _config=${_set#*=} ;;
		pebble=*) _pebble=${_set#*=} ;;
		strict=*) _strict=${_set#*=} ;;
		port=*) _port=${_set#*=} ;;
		http_port=*) _http=${_set#*=} ;;
		tls_port=*) _tls=${_set#*=} ;;
		ipv6=*) _ipv6=${_set#*=} ;;
		dns=*) _dnsserver=${_set#*=} ;;
		tls_names=*) _tls_names=${_set#*=} ;;
		*)
			echo "ca: unknown setting $_set" >&2
			return 1
			;;
		esac
	done
	for _cmd in "$_pebble" pebble-challtestsrv openssl jq; do
		command -v "$_cmd" >/dev/null || {
			echo "ca: $_cmd is not installed" >&2
			return 1
		}
	done
	_ports=$(free_port 6) || return 1
	# shellcheck disable=SC2086 # six words
	set -- $_ports
	: "${_port:=$1}" "${_http:=$2}" "${_tls:=$3}"
	_mgmt=$4 _dns=$5 _control=$6
	CA_EAB_KID=kid-1
	CA_EAB_HMAC=zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W
	mkdir -p "$_dir" && ca_tls "$_dir/tls" "$_tls_names" &&
		ca_config >"$_dir/pebble.json" || return 1
	if [ -n "$_config" ]; then
		jq "$_config" "$_dir/pebble.json" >"$_dir/pebble.new" &&
			mv "$_dir/pebble.new" "$_dir/pebble.json" || return 1
	fi

	# Pebble 2.10 has another name for it, and serves DNS over HTTPS besides.
	case $(pebble-challtestsrv -help 2>&1) in
	*' -dns01 '*) _challtestsrv=-dns01 ;;
	*) _challtestsrv='-doh= -dnsserver' ;;
	esac
	# shellcheck disable=SC2086 # one option or two
	setpriv --pdeathsig TERM env -i PATH="$PATH" pebble-challtestsrv \
		$_challtestsrv "127.0.0.1:$_dns" -management "127.0.0.1:$_control" \
		-http01 '' -https01 '' -tlsalpn01 '' \
		-defaultIPv4 127.0.0.1 -defaultIPv6 "$_ipv6" \
		</dev/null >"$_dir/challtestsrv.log" 2>&1 &
	CA_CHALLTESTSRV_PID=$!
	# shellcheck disable=SC2086 # several assignments
	setpriv --pdeathsig TERM env -i PATH="$PATH" $_env "$_pebble" \
		-config "$_dir/pebble.json" -dnsserver "${_dnsserver:-127.0.0.1:$_dns}" \
		-strict="$_strict" \
		</dev/null >"$_dir/pebble.log" 2>&1 &
	CA_PEBBLE_PID=$!
	{
		echo "ACME_SERVER=https://localhost:$_port/dir"
		for _set in REQUESTS_CA_BUNDLE SSL_CERT_FILE CURL_CA_BUNDLE \
			LEGO_CA_CERTIFICATES; do
			echo "$_set='$_dir/tls/root.pem'"
		done
		echo "HTTP01_PORT=$_http"
		echo "TLSALPN01_PORT=$_tls"
		echo "CA_MANAGEMENT=https://localhost:$_mgmt"
		echo "CA_CHALLTESTSRV=http://localhost:$_control"
		echo "CA_DNS=127.0.0.1:$_dns"
		echo "CA_DIR='$_dir'"
		echo "CA_PEBBLE_PID=$CA_PEBBLE_PID"
		echo "CA_CHALLTESTSRV_PID=$CA_CHALLTESTSRV_PID"
		echo "CA_EAB_KID=$CA_EAB_KID"
		echo "CA_EAB_HMAC=$CA_EAB_HMAC"
	} | sed 's/^/export /' >"$_dir/env"
	# shellcheck source=/dev/null
	. "$_dir/env"
	for _set in "$CA_PEBBLE_PID $_port" "$CA_PEBBLE_PID $_mgmt" \
		"$CA_CHALLTESTSRV_PID $_dns" "$CA_CHALLTESTSRV_PID $_control"
	do
		# shellcheck disable=SC2086 # two words
		wait_for ca_ready $_set && alive "${_set% *}" && continue
		echo 'ca: does not start:' >&2
		cat "$_dir/challtestsrv.log" "$_dir/pebble.log" >&2
		ca_down "$_dir"
		return 1
	done
}

# ca_ready PID PORT: it listens, or never will.
ca_ready()
{
	port_listens "$2" || ! alive "$1"
}

ca_down()
{
	[ -r "$1/env" ] || return 0
	stop_pid "$(sed -n 's/^export CA_PEBBLE_PID=//p' "$1/env")"
	stop_pid "$(sed -n 's/^export CA_CHALLTESTSRV_PID=//p' "$1/env")"
	rm -f "$1/env"
}
