# shellcheck shell=sh
# Sourced after lib.sh by tests that install certificates: a server made of
# files, $T/s, and its plugin, sites (tests/helpers/sites).
#
#	sites_new NAME...	a fresh server with these sites, running; nothing
#			was asked of it yet
#	sites_as_loaded DESCRIPTION	the server runs what is on disk
#	sites_original DESCRIPTION	files and what runs are as sites_new made them
#	calls		what was asked of the plugin, one line, without init,
#			prepare and enhancements
#	site NAME	prints its file
#	sites_lineages N DAYS	N lineages that end in DAYS, n00000.example and so
#			on, of webroot www and with this plugin as installer, in
#			place of what there was, and a fresh server with the first
#			two; after both.sh, `ours_new register` and web_start

mkdir -p "$T/plugins"
cp "$ROOT/tests/helpers/sites/sites" "$ROOT/tests/helpers/sites/sites.json" \
	"$T/plugins/"
CERTBOT_PLUGIN_PATH=$T/plugins
export CERTBOT_PLUGIN_PATH

sites_new()
{
	rm -rf "$T/s" "$T/s.before"
	mkdir "$T/s"
	for _name; do
		printf 'name %s\n# kept\n' "$_name" >"$T/s/$_name.site"
	done
	sites_loaded >"$T/s/live"
	cp -a "$T/s" "$T/s.before"
	: >"$T/s/calls"
}

# What the server would load now.
sites_loaded()
{
	(cd "$T/s" && for _site in *.site; do
		printf '%s:\n' "$_site"
		cat "$_site"
	done)
}

sites_as_loaded()
{
	sites_loaded >"$T/loaded"
	same "$T/loaded" "$T/s/live" "$1"
}

sites_original()
{
	(cd "$T/s.before" && cat ./*.site live) >"$T/before"
	(cd "$T/s" && cat ./*.site live) >"$T/now"
	same "$T/before" "$T/now" "$1"
}

calls()
{
	grep -vE '^(init|prepare|enhancements)$' "$T/s/calls" | tr '\n' ';'
}

site()
{
	cat "$T/s/$1.site"
}

sites_lineages()
{
	rm -rf "$T/c/live" "$T/c/archive" "$T/c/renewal"
	"$ACME_BUILD/tests/helpers/lineages" "$T/c" "$1" ecdsa "$2" \
		server="$ACME_SERVER" account="$(account_id)" \
		webroot_path="$T/www," installer=sites sites_root="$T/s" || bail lineages
	sites_new n00000.example n00001.example
}
