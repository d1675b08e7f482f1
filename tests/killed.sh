# shellcheck shell=sh
# Sourced after lib.sh by tests of a server's plugin that is killed while it
# answers challenges: it is started again to clean up, and nothing is left. The
# test has the CA, account.json, the running server, its plugin's options in $dirs
# and $plugin, and unchanged and get as the installers' tests have them.
#
#	killed_begin PLUGIN CALLS PROGRAM	CALLS: a pattern (of case) for those
#			calls of the server's PROGRAM that count
#	killed STEP CALL STATUS WHEN [DOMAIN]	the plugin is killed after that step,
#			or at that of the calls, which is not made (0: not there);
#			what acme-challenge ends with; the name is below DOMAIN

killed_begin()
{
	KILLED=$1
	mkdir "$T/plugins"
	cp "$ROOT/tests/helpers/kill-at.py" "$T/plugins/$1"
	cp "$ROOT/tools/plugins/$1/$1.json" "$T/plugins/"
	cat >"$T/ctl" <<EOP
#!/bin/sh
case "\$*" in
$2)
	echo "\$*" >>"$T/ctl.calls"
	[ "\$(wc -l <"$T/ctl.calls")" != "\$(cat "$T/at")" ] || {
		kill -9 \$PPID
		exit 1
	}
	;;
esac
exec $(command -v "$3") "\$@"
EOP
	chmod 755 "$T/ctl"
}

killed()
{
	_name=k$1$2.${5-example}
	rm -rf kill
	mkdir kill
	: >kill/steps
	: >ctl.calls
	echo "$2" >at
	# shellcheck disable=SC2086,SC2154 # several words; the test's
	acme-order new -d "$_name" <account.json |
		CERTBOT_PLUGIN_PATH=$T/plugins KILL_DIR=$T/kill KILL_WHO=plugin KILL_AT=$1 \
			KILL_PLUGIN=$ACME_BUILD/libexec/acme-tools/$KILLED \
			acme-challenge "$KILLED" $dirs $plugin "--$KILLED-ctl" "$T/ctl" \
			>killed.json 2>killed.err
	is "$?" "$3" "killed $4" || diag "$(cat killed.err)"
	is "$(grep -c 'started again' killed.err)" 1 'it is started again to clean up'
	[ "$3" = 0 ] ||
		is "$(grep -v 'started again' killed.err)" \
			"acme-challenge: $_name: plugin $KILLED ended with status 137 before it answered" \
			'there is one error'
	unchanged 'the files are as before'
	is "$(ls -A "$T/w")" backups 'nothing is left to be undone or read'
	_url=http://$_name:$HTTP01_PORT/.well-known/acme-challenge
	_token=$(jq -r '.authorizations[0].challenges[] | select(.type == "http-01").token' killed.json)
	is "$(get "$_url/$_token" | sed "s/$_token/none/")" "$(get "$_url/none")" \
		'the challenge is answered like any other request'
}
