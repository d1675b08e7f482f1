# shellcheck shell=sh
# Sourced by tests/t/dns-providers-*.t: emulators behind the APIs' own names.
#	providers_check NAME...		runs tests/helpers/dns-emulators/run.py
#	providers_pair NAME NAME	runs pair.py
#	providers_peers OUT NAME...	runs peers.py

providers_run()
{
	_program=$1
	_out=$2
	shift 2
	need python3 openssl jq
	_hosts=$(cd "$ROOT/tests/helpers/dns-emulators" && python3 -c '
import sys, serve
print("\n".join(h for n in sys.argv[1:] for h in serve.load(n).HOSTS))' "$@") ||
		bail 'no emulators'
	printf '%s\n' "$_hosts" | sed 's/^/127.0.0.1 /' >>"$T/hosts"
	printf 'nameserver 127.0.0.1\n' >"$T/resolv.conf"
	mount --bind "$T/resolv.conf" /etc/resolv.conf || bail 'no resolv.conf'
	ca_start dns=127.0.0.1:53 \
		tls_names="$(printf '%s\n' "$_hosts" | paste -sd ,)"
	acme-account register --agree-tos --no-contact \
		--account-dir "$T/accounts" >account.json || bail 'no account'
	# shellcheck disable=SC2086 # may be empty
	T=$T python3 -B "$ROOT/tests/helpers/dns-emulators/$_program" $_out "$@" ||
		_bad=1
	tap_plan=done
	exit "${_bad-0}"
}

providers_check()
{
	providers_run run.py '' "$@"
}

providers_pair()
{
	providers_run pair.py '' "$@"
}

providers_peers()
{
	providers_run peers.py "$@"
}
