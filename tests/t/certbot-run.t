#!/bin/sh
# certbot run, install, enhance, rollback and certonly with an installer: texts,
# calls, files, statuses; failures and signals put the server back.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/sites.sh"
need jq python3 openssl
ca_start PEBBLE_VA_NOSLEEP=1 PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_WFE_NONCEREJECT=0

certbot_run()
{
	run certbot "$@" --server "$ACME_SERVER" --config-dir "$T/c" \
		--work-dir "$T/w" --logs-dir "$T/l" --sites-root "$T/s" \
		--no-random-sleep-on-renew </dev/null
}
agree='--agree-tos --register-unsafely-without-email -n'
both='--configurator sites'
restored='We were unable to install your certificate, however, we successfully restored your server to its prior configuration.'

# -- run ---------------------------------------------------------------------------

sites_new a.example b.example c.example
# shellcheck disable=SC2086
certbot_run $both -d a.example -d b.example $agree
is "$status" 0 'run, the default subcommand, obtains and installs'
like "$out" '^Deploying certificate$' 'says so'
like "$out" "^Successfully deployed certificate for a.example to $T/s/a.example.site" 'for each name'
like "$out" '^Congratulations! You have successfully enabled HTTPS on https://a.example and https://b.example$' 'and at the end'
is "$err" "Saving debug log to $T/l/letsencrypt.log" 'standard error has the log line only'
like "$(site b.example)" "^cert $T/c/live/a.example/fullchain.pem" 'the site uses live/'
like "$(site b.example)" '^redirect yes' 'redirect is tried by default'
sites_as_loaded 'the server runs it'
like "$(cat c/renewal/a.example.conf)" '^installer = sites$' 'the installer is saved'
like "$(cat c/renewal/a.example.conf)" "^sites_root = $T/s\$" 'with its options'
is "$(ls w/backups | wc -l)" 2 'deploy and redirect are a checkpoint each'
is "$(find w -name '.[iu]n*' -o -name IN_PROGRESS -o -name temp_checkpoint)" '' 'nothing is left in the work directory'

: >s/calls
certbot_run $both -d a.example -d b.example -n
is "$status" 0 'the same again'
like "$out" 'Congratulations! You have successfully enabled' 'is installed again'
unlike "$out" 'Successfully received' 'and not renewed'
like "$(calls)" 'deploy a.example;save;deploy b.example' 'by the plugin'
certbot_run $both -d a.example -d b.example -n --force-renewal --no-redirect
like "$out" 'Your existing certificate has been successfully renewed, and the new certificate has been installed.' \
	'a renewal has its text'
unlike "$(calls)" 'enhance.*enhance a.example redirect.*enhance a.example redirect' '--no-redirect'

cp -a s s.rolled && : >s/calls
certbot_run rollback -i sites --checkpoints 0
is "$status-$(calls)" '0-rollback 0;config-test;restart;' 'no checkpoint: a reload'
unlike "$out$err" 'ollback|odified' 'without a word'
ok 'and nothing changes' diff -r -x calls s.rolled s
certbot_run rollback -i sites --checkpoints 9
is "$status" 0 'rollback'
like "$err" 'Unable to rollback 9 checkpoints, only 2 exist' 'says how many there were'
is "$out" '' 'nothing else'
sites_original 'and all of them are undone'
certbot_run rollback -i sites
like "$err" "Certbot hasn't modified your configuration, so rollback isn't available." 'then there is none'
is "$status" 0 'which is no failure'
certbot_run rollback -i sites --checkpoints -1
is "$status" 1 'a negative number'
like "$err" 'Rollback argument must be a positive integer' 'is refused'
certbot_run rollback -i sites --checkpoints one
is "$status" 2 'what is no number'
like "$err" "argument --checkpoints: invalid int value: 'one'" 'is no usage'
certbot_run rollback -n
is "$status" 1 'no plugin is chosen without a person'
like "$err" 'Missing command line flags. For non-interactive execution' 'and the text says it'
certbot_run rollback -i foo
is "$status" 1 'an installer that is not there'
like "$err" 'The requested foo plugin does not appear to be installed' 'is named'
mkdir broken
printf '#!/bin/sh\n' >broken/foo
chmod 755 broken broken/foo
echo '{' >broken/foo.json
CERTBOT_PLUGIN_PATH=$T/broken:${CERTBOT_PLUGIN_PATH-} certbot_run rollback -i foo
like "$err" "^The requested foo plugin cannot be used: '$T/broken/foo.json': this is no JSON" 'one that cannot be used, and why'
like "$(cat l/letsencrypt.log)" "Plugin foo is left out: '$T/broken/foo.json': " 'in the log, too'

# -- names of the server, plugin choice --------------------------------------------------

certbot_run $both -n
is "$status" 1 'without names and a person'
like "$err" 'Which names would you like to activate HTTPS for' 'the question is named'
like "$err" 'a.example\? b.example\? c.example\?' 'with the names of the server'
like "$err" 'You can set this with the --domains flag' 'and the option'
certbot_run -n -d a.example
is "$status" 1 'no plugin'
like "$err" 'Missing command line flags. For non-interactive execution' 'is chosen without a person'
certbot_run --standalone -d a.example -n
like "$err" 'With the standalone plugin, you probably want to use the "certonly" command' 'an authenticator alone'
certbot_run -a sites -i webroot -d a.example -n
like "$err" 'The webroot plugin is not working' 'a plugin that cannot install'
unlike "$err" 'Ask for help' 'is a plain message'
certbot_run -i nothing -a sites -d a.example -n
like "$err" 'The requested nothing plugin does not appear to be installed' 'an unknown one'
certbot_run $both -n -d a.example --sites-fail prepare
like "$err" "^The sites plugin is not working; there may be problems with your existing configuration." 'a server that is broken'
like "$err" "^The error was: MisconfigurationError\\('told to fail at prepare'\\)" 'with its error'
certbot_run -n $both -d a.example --must-staple --sites-lack staple-ocsp
is "$status" 1 'must-staple needs an installer that can'
like "$err" 'Must-Staple extension requested, but OCSP stapling is not supported by the selected installer \(sites\)' \
	'and fails before the order'
certbot_run -n $both -d a.example --auto-hsts --sites-lack auto-hsts
like "$err" 'One or more of the requested enhancements are not supported by the selected installer' 'AutoHSTS, too'
is "$(ls c/archive)" a.example 'nothing was issued'

# -- failures --------------------------------------------------------------------------------

rm -rf w
sites_new a.example b.example
certbot_run $both -d b.example -n --sites-fail restart@1
is "$status" 1 'the reload fails'
like "$out" "$restored" 'the server is restored'
like "$out" 'The certificate was saved, but could not be installed \(installer: sites\)' 'what to do is said'
like "$out" '  certbot install --cert-name b.example' 'with the command'
like "$err" 'told to fail at restart' 'and the error'
sites_original 'the server is as before'
ok 'the certificate is saved' test -e c/live/b.example/cert.pem
certbot_run install --cert-name b.example -i sites -n
is "$status" 0 'that command works'
is "$(site b.example | grep -c "^cert $T/c/live/b.example")" 1 'and installs it'
unlike "$out" 'Congratulations' 'without ado'
sites_new a.example b.example
certbot_run $both --cert-name x -d a.example,x.example -n
is "$status" 1 'a name that the server lacks'
like "$err" 'there is no site x.example' 'is named'
like "$out" 'Could not install certificate' 'and people are told'
sites_original 'nothing was changed'

# -- install ----------------------------------------------------------------------------------

certbot_run install -i sites -n
is "$status" 1 'install needs to know what'
like "$err" 'Which certificate would you like to install\?' 'asks'
like "$err" 'You can set this with the --cert-name flag' 'by its option'
certbot_run install -i sites -n --cert-name none.example
like "$err" 'Path to certificate or key was not defined' 'no such lineage'
certbot_run install -i sites -n --cert-path /none --key-path /none -d a.example
like "$err" 'Error while reading certificate from path /none' 'no such file'
certbot_run install -i sites -n --cert-path c/live/a.example/cert.pem --key-path c/live/a.example/privkey.pem -d a.example
is "$status" 0 'files'
like "$(site a.example)" "^cert $T/c/live/a.example/cert.pem" 'are installed'
certbot_run install -i sites -a standalone -n --cert-name a.example
like "$err" "Specifying an authenticator doesn't make sense when running Certbot with verb \"install\"" 'an authenticator is warned of'

# -- enhance ------------------------------------------------------------------------------------

certbot_run enhance -i sites -n
is "$status" 1 'enhance needs to know how'
like "$err" 'No enhancements requested, exiting.' 'and says so'
: >s/calls
certbot_run enhance -i sites -n --cert-name a.example --hsts --uir
is "$status" 0 'enhance'
like "$(calls)" 'enhance a.example ensure-http-header Strict-Transport-Security;enhance b.example' 'takes all names'
unlike "$(calls)" 'redirect' 'without a redirect'
certbot_run enhance -i sites -n --cert-name none.example --hsts
like "$err" 'Could not find the list of domains for the given certificate name.' 'no such lineage'
certbot_run enhance -i sites -n --cert-name a.example --hsts --sites-fail enhance
is "$status" 1 'one that fails'
like "$err" 'Unable to set the Strict-Transport-Security enhancement for a.example' 'is named'

# -- certonly -------------------------------------------------------------------------------------

: >s/calls
certbot_run certonly -a sites -i sites -d c.example -n
is "$status" 0 'certonly with an installer'
like "$(cat s/calls | tr '\n' ';')" 'config-test;restart;$' 'reloads it afterwards'
unlike "$(calls)" 'deploy' 'and nothing more'
like "$(cat c/renewal/c.example.conf)" '^installer = sites$' 'it is saved'
certbot_run certonly -a sites -i sites -d d.example -n --sites-fail restart
is "$status" 1 'a reload that fails'
like "$out" 'Successfully received certificate' 'comes after the certificate'
like "$out" 'not successfully loaded by the installer \(sites\) due to the installer failing to reload' 'with advice'

# -- what a killed run has left ---------------------------------------------------------------------

rm -rf w
sites_new a.example b.example
start killed certbot install -i sites -n --cert-name a.example --config-dir "$T/c" --work-dir "$T/w" \
	--logs-dir "$T/l" --sites-root "$T/s" --sites-stall config-test
wait_for test -e s/stalled
host=$(pgrep -P "$pid" acme-install)
all="$(pgrep -P "$host" sites) $host $pid"
# Stopped first: none of them may see another's end.
# shellcheck disable=SC2086 # three
kill -STOP $all && kill -KILL $all
wait "$pid"
ok 'killed: changes are in progress' test -e w/IN_PROGRESS
touch s/go
certbot_run certificates
is "$status" 0 'any subcommand'
sites_original 'repairs the server' || diag "$err; $(tr '\n' ';' <s/calls)"
is "$(find w -name '.installer*' -o -name IN_PROGRESS)" '' 'and nothing is left'
like "$(cat s/calls | tr '\n' ';')" 'init;recover;config-test;restart;$' 'by the plugin with its options'

# Between two enhancements nothing is in progress, and the server has read neither.
rm -rf w
sites_new a.example b.example
certbot_run enhance -i sites -n --cert-name a.example --hsts --uir --sites-die save@2
is "$status" 1 'killed behind a finished checkpoint'
is "$(ls w/backups | wc -l) $(ls -d w/IN_PROGRESS 2>/dev/null)" '1 ' 'nothing is in progress'
not_ok 'the server has not read it' grep -q header s/live
certbot_run renew --cert-name c.example
sites_as_loaded 'the next subcommand has it read'
ok 'and it is no other' grep -q header s/live
is "$(find w -name '.installer*' -o -name '.unread*')" '' 'and nothing is left'
touch w/.unread-gone@1
certbot_run certificates
like "$err" 'server of the plugin gone .* reload the server' 'a plugin that is gone: people are told'
certbot_run certificates
unlike "$err" gone 'once'

# -- signals -----------------------------------------------------------------------------------------

# signalled SIGNAL STEP SUBCOMMAND...	while the plugin is at that step
signalled()
{
	_sig=$1 _step=$2
	shift 2
	rm -rf w
	sites_new a.example b.example
	start interrupted certbot "$@" -i sites -n --cert-name a.example --config-dir "$T/c" --work-dir "$T/w" \
		--logs-dir "$T/l" --sites-root "$T/s" --sites-stall "$_step"
	wait_for test -e s/stalled
	# The stage, too: it has it before the plugin goes on.
	kill "-$_sig" "$(pgrep -P "$pid" acme-install)" "$pid"
	touch s/go
	wait "$pid"
	isnt $? 0 "$_sig at $_step ends certbot $1"
	is "$(leftovers)" '' 'no process is left'
}

# The last is the title of the checkpoint: the server has read its files.
for at in TERM:restart HUP:restart TERM:save@3; do
	signalled "${at%:*}" "${at#*:}" install
	sites_original 'the server is as before'
	is "$(ls w/backups)" '' 'and no checkpoint is left of it'
done
signalled TERM save@4 enhance --hsts --uir
sites_as_loaded 'the server runs what is there'
is "$(grep -c header s/live) $(grep -c Insecure s/live) $(ls w/backups | wc -l)" '2 0 1' \
	'which is the first enhancement, without the one that was not finished'
done_testing
