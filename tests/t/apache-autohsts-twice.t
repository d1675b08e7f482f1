#!/bin/sh
# certbot enhance --auto-hsts twice on one lineage, beside Debian's certbot: both
# leave the first one's work as it is; for ours it is no failure
# (tests/data/differences.tsv, auto-hsts-twice), and a name that lacks it gets it.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
apache_begin "$@"
. "$ROOT/tests/both.sh"
need jq

store=c/.pluginstorage.json
fresh()
{
	apache_fresh
	rm -rf c
	mkdir c
	"$ACME_BUILD/tests/helpers/lineages" "$T/c" 1 ecdsa 80 || bail lineages
	live=$T/c/live/n00000.example
	for _name in n00000 www.n00000; do
		cat >"etc/sites-available/$_name.conf" <<-EOP
		<VirtualHost *:443>
		    ServerName $_name.example
		    SSLEngine on
		    SSLCertificateFile $live/fullchain.pem
		    SSLCertificateKeyFile $live/privkey.pem
		</VirtualHost>
		EOP
		a2ensite -q $_name >said
	done
	a2enmod -q ssl headers >said
	apache_start || bail 'Apache does not start'
}

# keep; kept DESCRIPTION: the files and the state are those of keep.
keep()
{
	rm -rf kept
	cp -a "$T/etc" kept
	jq -S . $store >kept.json
}
kept()
{
	ok "$1: the files" same_tree kept "$T/etc"
	jq -S . $store >now.json
	same kept.json now.json "$1: the state"
}

for who in theirs ours; do
	fresh
	$who enhance --apache --cert-name n00000.example --auto-hsts -n
	is "$status" 0 "$who: enabled" || diag "$out$err"
	is "$(jq '.apache.autohsts | length' $store)" 2 "$who: for both hosts"
	keep
	$who enhance --apache --cert-name n00000.example --auto-hsts -n
	cp err said.$who
	again=$status
	echo "$again" >status.$who
	kept "$who, a second time"
	apache_stop
done
is "$(cat status.theirs) $(cat status.ours)" '1 0' \
	'to have it already is no failure of ours'
like "$(cat said.theirs)" 'has a String-Transport-Security header present, exiting' \
	"what Debian's says"
like "$(cat l/letsencrypt.log)" 'Enhancement auto-hsts was already set' 'what ours notes'
is "$(awk -F '\t' '$1 == "auto-hsts-twice"' "$ROOT/tests/data/differences.tsv" |
	wc -l)" 1 'the reason stands with the differences'

# One of two names.
fresh
run /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" -p www.n00000.example -- \
	certbot enhance --apache --cert-name n00000.example --auto-hsts \
	--config-dir "$T/c" --work-dir "$T/w" --logs-dir "$T/l"
is "$status $(jq '.apache.autohsts | length' $store)" '0 1' 'ours, one name'
jq -c .apache.autohsts $store >one
ours enhance --apache --cert-name n00000.example --auto-hsts -n
is "$status" 0 'then all names'
is "$(jq '.apache.autohsts | length' $store)" 2 'the other one gets it'
ok 'and the first one keeps its step' jq -e --slurpfile one one \
	'.apache.autohsts | contains($one[0])' $store
apache_stop
done_testing
