# shellcheck shell=sh
# Sourced after decisions.sh: for each row of the decision table sh runs what
# --explain prints, and makes the lineages that certbot makes.
#
#	explain_decisions ERE	the rows whose section matches

# shellcheck disable=SC2154 # what rows set
# made: renewal files without the version, and every file with its mode.
made()
{
	(cd c && grep -H . renewal/*.conf) | grep -v '\.conf:version =' |
		sed 's/[ 	]*$//' | sort
	(cd c && find . -path ./accounts -prune -o -path ./renewal-hooks \
		-prune -o ! -name .certbot.lock -print) | sort |
		while read -r _file; do
			stat -c '%A %N' "c/$_file"
		done
}

# Where a person gives up, nobody is asked by a script: it decides as -n does.
check_unasked()
{
	explained -
	[ "$status" = 0 ]
	was=$?
	made >made.sh
	again
	how=n
	arguments=$(printf '%s' "$arguments" | sed 's/--force-interactive //')
	row_run
	[ "$status" = 0 ]
	is "$was" $? "$section $name, unasked: its status" ||
		diag "$(cat script)"
	made >made.certbot
	same made.sh made.certbot "$section $name, unasked: as certbot -n makes it"
}

check()
{
	if [ "$option" = ! ]; then
		check_unasked
		return
	fi
	explained "$option"
	was=$status
	is "$(changed)" "$want" "$section $name: the lineages" ||
		diag "$(cat script; cat err)"
	if [ "$want" = - ]; then
		if [ "$want_status" = 0 ]; then
			is "$was" 0 "$section $name: its status"
		else
			isnt "$was" 0 "$section $name: its status"
		fi
		return
	fi
	made >made.sh
	again
	row_run
	made >made.certbot
	same made.sh made.certbot "$section $name: as certbot makes it"
}

# explained OPTION...: the row's script, run.
explained()
{
	set -f
	# shellcheck disable=SC2046,SC2086 # words
	set -- $(common) $(printf '%s' "$arguments" | sed "s|@|$ACME_SERVER|") \
		$([ "$1" = - ] || printf '%s' "$1") --explain
	set +f
	[ "$how" != n ] || set -- "$@" -n
	run certbot "$@" </dev/null
	[ "$status" = 0 ] || return
	cp out script
	run sh script </dev/null
}

explain_decisions()
{
	decisions_begin
	decisions "$1" check
	ok 'there are many rows' test "$tap_n" -gt 60
	is "$(find "$TMPDIR" -name 'tmp.*')" '' 'the scripts leave nothing behind'
	is "$(leftovers)" '' 'no process is left'
}
