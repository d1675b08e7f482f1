#!/bin/sh
# acme-install: the conversation with an installer, in what order, and what is
# put back when an operation fails, the plugin dies or a signal comes.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/sites.sh"
need jq python3

for kind in cert privkey chain fullchain; do
	echo $kind >$kind.pem
done
document()
{
	jq -cn --arg T "$T" '{acme: 1, request: {names: $ARGS.positional},
		plan: {action: "keep"}, lineage: {name: "l", path: ($T + "/l"),
		cert: ($T + "/cert.pem"), privkey: ($T + "/privkey.pem"),
		chain: ($T + "/chain.pem"), fullchain: ($T + "/fullchain.pem")}}' \
		--args "$@"
}
# install VERB [OPTION...] <document
install()
{
	run acme-install sites --work-dir w --config-dir c --logs-dir l \
		--sites-root "$T/s" -n --timeout 5 "$@"
}
checkpoints()
{
	ls w/backups | wc -l
}
unfinished()
{
	ls -d w/IN_PROGRESS w/temp_checkpoint 2>/dev/null
}
restored='We were unable to install your certificate, however, we successfully restored your server to its prior configuration.'

# -- what is asked in which order ------------------------------------------------------

sites_new a.example b.example
document a.example b.example >doc
install deploy <doc
is "$status" 0 'deploy works on a document that says keep'
json "$T/out" '.installation == {plugin: "sites",
	names: ["a.example", "b.example"]} and .plan.action == "keep"' \
	'and says what was installed'
is "$(calls)" 'deploy a.example;save;deploy b.example;save;config-test;restart;save Deployed ACME Certificate;' \
	'edit and save for each name, test, reload, finish'
like "$err" '^acme-install: Deploying certificate' 'it says so'
is "$(checkpoints)" 1 'there is one checkpoint'
like "$(cat w/backups/*/CHANGES_SINCE)" '^-- Deployed ACME Certificate --' \
	'with its title'
sites_as_loaded 'the server runs the new configuration'
like "$(site b.example)" "^cert $T/fullchain.pem" 'with the certificate'
install deploy <doc
is "$status $(checkpoints)" '0 1' 'a second time changes nothing'

sites_new a.example
rm -r w
document a.example >doc
install deploy --hsts --uir --redirect --staple-ocsp <doc
is "$(calls)" 'deploy a.example;save;config-test;restart;save Deployed ACME Certificate;enhance a.example ensure-http-header Strict-Transport-Security;save;config-test;save Add enhancement Strict-Transport-Security;enhance a.example redirect;save;config-test;save Add enhancement redirect;enhance a.example staple-ocsp '"$T"'/chain.pem;save;config-test;save Add enhancement staple-ocsp;enhance a.example ensure-http-header Upgrade-Insecure-Requests;save;config-test;restart;save Add enhancement Upgrade-Insecure-Requests;' \
	'enhancements follow in their order, with one reload'
is "$(checkpoints)" 5 'each is a checkpoint'
json "$T/out" '.installation.enhancements | length == 4' 'the document says which'
: >s/calls
install enhance --redirect --auto-hsts <doc
is "$status" 0 'what is there already is no failure'
is "$(calls)" 'enhance a.example redirect;save;config-test;restart;save Add enhancement redirect;auto-hsts-enable l a.example;' \
	'AutoHSTS comes last'
: >s/calls
install rollback --checkpoints 6 </dev/null
is "$status $(calls)" '0 rollback 6;config-test;restart;' 'rollback tests and reloads'
sites_original 'everything is as before'

install enhance --redirect --sites-lack redirect <doc
is "$status" 0 'an enhancement that the plugin lacks is skipped'
like "$err" 'Option redirect is not supported by the selected installer. Skipping enhancement.' \
	'with an error in the log'
install enhance --try-redirect --sites-lack redirect <doc
is "$status $err" '0 ' 'but not if it was only to be tried'
install enhance --auto-hsts --sites-lack auto-hsts <doc
is "$status" 78 'AutoHSTS that it lacks is an error'

# -- the small ones -----------------------------------------------------------------------

install check </dev/null
json "$T/out" '.installer | .plugin == "sites" and
	.enhancements[0] == "redirect"' 'check: what it can do'
install names </dev/null
json "$T/out" '.installer.names == ["a.example"]' 'names: what it has'
install check - <doc
json "$T/out" '.renewalparams | .installer == "sites" and .sites_root != null' \
	'check of a document: what a renewal needs'
: >s/calls
install restart </dev/null
is "$status $(calls)" '0 config-test;restart;' 'restart tests first'
: >s/calls
install restart --sites-fail config-test </dev/null
is "$status $(calls)" '78 config-test;' 'and reloads nothing that the server refuses'
: >s/calls
install renew-deploy <doc
is "$status $(calls)" '0 ' 'renew-deploy leaves alone what was kept'
same doc out 'and its document'
sed -i 's/"keep"/"renew"/' doc
install renew-deploy <doc
is "$(calls)" 'renew-deploy l a.example;auto-hsts-deploy l a.example;config-test;restart;' \
	'renew-deploy ends with a reload'
like "$err" 'Reloading sites server after certificate renewal' 'and says so'
: >s/calls
install renew-deploy --disable-renew-updates <doc
is "$(calls)" 'config-test;restart;' 'which is all without updates'
: >s/calls
install generic-updates --sites-lack op:generic-updates <doc
is "$status $(cat s/calls | tr '\n' ';')" '0 init;auto-hsts-update l a.example;' \
	'updates: unprepared, and what it does not know is no failure'
install deploy --sites-root "$T/none" <doc
is "$status" 78 'nothing to work on'
json "$T/out" '.error.type == "urn:acme-tools:error:noInstallation"' 'has its type'
install deploy <<END
{"acme":1,"request":{"names":["a.example"]}}
END
is "$status" 65 'a document without a lineage'
jq -c 'del(.request) | .order.identifiers = [{type: "dns", value: "o.example"}] |
	.lineage.names = ["l.example"]' doc >order.doc
jq -c 'del(.order)' order.doc >lineage.doc
: >s/calls
install deploy <order.doc
install deploy <lineage.doc
is "$(calls)" 'deploy o.example;recover;deploy l.example;recover;' \
	'without a request the names are those of the order, then of the lineage'
install deploy -d other.example <doc
is "$status" 77 'a name that the server lacks'
run acme-install webroot check </dev/null
is "$status" 78 'a plugin that is none'
run acme-install sites nothing </dev/null
is "$status" 64 'an unknown subcommand'
run acme-install </dev/null
is "$status" 64 'no plugin'

# Checkpoints are one process's at a time.
: >s/calls
mkfifo unlock
start holder "$ROOT/tests/helpers/hold-lock.py" "$T/w/.certbot.lock" held unlock
holder=$pid
wait_for test -e held || bail 'no lock'
install deploy --timeout 0 <doc
is "$status $(cat s/calls)" '75 ' 'a work directory that another program has'
json out '.error.type == "urn:acme-tools:error:locked"' 'is left to it'
start waiting sh -c 'exec acme-install sites restart --work-dir w --config-dir c \
	--logs-dir l --sites-root "$1" -n' - "$T/s"
echo >unlock
wait "$holder"
wait "$pid"
is "$? $(calls)" '0 config-test;restart;' 'and waited for'

# -- failures: everything is as before, the document has the error ----------------------------

# fails OP WANTED-CALLS DESCRIPTION [OPTION...]
fails()
{
	_op=$1 _calls=$2 _what=$3
	shift 3
	sites_new a.example b.example
	rm -rf w
	document a.example b.example >doc
	install deploy "--sites-fail=$_op" "$@" <doc
	json "$T/out" ".error.detail == \"told to fail at ${_op%@*}\" and .lineage.name == \"l\"" \
		"$_what: the document gets the error"
	is "$(calls)" "$_calls" 'what was done and put back'
	sites_original 'files and server are as before'
	is "$(unfinished)" '' 'nothing is left to recover'
}
fails deploy@2 'deploy a.example;save;deploy b.example;recover;config-test;restart;' \
	'deploy'
like "$err" 'Could not install certificate' 'and people are told'
is "$status" 77 'with its status'
fails save@3 'deploy a.example;save;deploy b.example;save;config-test;restart;save Deployed ACME Certificate;recover;config-test;restart;' \
	'save with the title'
fails config-test@1 'deploy a.example;save;deploy b.example;save;config-test;recover;config-test;restart;' \
	'the configuration test'
is "$(checkpoints)" 0 'what the server refuses is never finished'
fails restart@1 'deploy a.example;save;deploy b.example;save;config-test;restart;recover;config-test;restart;' \
	'restart'
like "$err" "$restored" 'and people are told'
is "$(checkpoints)" 0 'what the server cannot load is never finished'
fails deploy@1 'deploy a.example;recover;' 'the first deploy: nothing was changed'

sites_new a.example
rm -rf w
document a.example >doc
install deploy --hsts --uir --sites-fail enhance@2 <doc
is "$status" 77 'an enhancement fails'
like "$err" 'Unable to set the Upgrade-Insecure-Requests enhancement for a.example.' \
	'and is named'
like "$(site a.example)" 'header-Strict-Transport-Security' 'the one before it stays'
unlike "$(site a.example)" 'header-Upgrade' 'it does not'
sites_as_loaded 'the server runs what is on disk'
json "$T/out" '.installation.names == ["a.example"]' 'the document says what was installed'
sites_new a.example
rm -rf w
install enhance --hsts --redirect --sites-fail restart@1 <doc
like "$err" 'We were unable to restart web server' 'a reload after enhancements fails'
sites_original 'all of them are undone'
sites_new a.example
install deploy --sites-fail restart,rollback <doc
like "$err" 'we failed to restore your config and restart your server' \
	'what cannot be put back is said loudly'
sites_new a.example
rm -rf w
install deploy --sites-die save <doc
is "$status" 77 'a plugin that is killed'
install recover </dev/null
is "$status $(calls)" '0 deploy a.example;save;recover;config-test;restart;' \
	'is repaired by recover, without prepare'
sites_original 'everything is as before'

# -- killed: the server is told by the next one ----------------------------------------------------

# dies OP CALLS DESCRIPTION OPTION...: the plugin is killed when OP is done; CALLS
# is what recover does then.
dies()
{
	_op=$1 _calls=$2 _what=$3
	shift 3
	sites_new a.example
	rm -rf w
	install "$@" "--sites-die=$_op" <doc
	isnt "$status" 0 "killed at $_op: $_what"
	: >s/calls
	install recover </dev/null
	is "$status $(calls)" "0 $_calls" 'recover does what is left'
	sites_as_loaded 'the server runs what is on disk'
	is "$(unfinished)$(ls -d w/.unread-* 2>/dev/null)" '' 'nothing is left to recover'
}
dies restart 'recover;config-test;restart;' 'loaded, not finished' deploy
sites_original 'it is put back'
dies save@2 'recover;' 'loaded and finished' deploy
like "$(site a.example)" "^cert $T" 'it stays'
dies save@2 'recover;config-test;restart;' 'one of two is finished, neither is loaded' \
	enhance --hsts --redirect
like "$(site a.example)" header 'the finished one stays'
unlike "$(site a.example)" redirect 'and nothing else'
dies save@3 'recover;config-test;restart;' 'one is finished, the other in progress' \
	enhance --hsts --redirect
unlike "$(site a.example)" redirect 'which is undone'
dies recover 'recover;config-test;restart;' 'while it puts back' \
	deploy --sites-fail config-test@1
sites_original 'it is put back'
dies rollback 'recover;config-test;restart;' 'while it rolls back' \
	enhance --hsts --redirect --sites-fail restart@1
sites_original 'all is undone'

# -- broken servers -------------------------------------------------------------------------------

sites_new a.example
rm -rf w
install deploy <doc
echo broken >>s/a.example.site
install rollback --sites-fail prepare </dev/null
is "$status" 0 'rollback of a server whose configuration is broken'
like "$(calls)" ';rollback 1;config-test;restart;$' 'undoes one checkpoint'
sites_original 'repairs it'

# -- signals ---------------------------------------------------------------------------------------

begin()
{
	start stalled sh -c 'exec acme-install sites deploy --work-dir w \
		--config-dir c --logs-dir l --sites-root "$1" -n \
		--sites-stall "$2" <doc' - "$T/s" "$1"
}
# interrupted OP: TERM to acme-install while the plugin does OP.
interrupted()
{
	sites_new a.example
	rm -rf w
	begin "$1"
	wait_for test -e s/stalled
	kill -TERM "$pid"
	touch s/go
	wait "$pid"
	is $? 143 "TERM during $1 ends it"
	sites_original 'everything is put back'
	is "$(unfinished)" '' 'nothing is left'
	is "$(leftovers)" '' 'no process either'
}
for op in deploy save config-test restart; do
	interrupted $op
done
# KILL: the plugin sees the end of its input.
sites_new a.example
rm -rf w
begin config-test
wait_for test -e s/stalled
kill -KILL "$pid"
wait "$pid"
wait_for grep -q '^restart' s/calls
wait_for test ! -e w/IN_PROGRESS
sites_original 'after KILL the plugin puts back what is not finished'
done_testing
