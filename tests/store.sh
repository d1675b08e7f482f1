# shellcheck shell=sh
# Sourced after lib.sh by tests of certstore. The lineages are in $T/le.
#
#	chain DIR NAME[,NAME...] [SETTING=VALUE]...	as tests/helpers/make-chain
#	store VERB ARGUMENT...	runs certstore; as `run` does, sets $status, $out, $err
#	restore DIR		makes $T/le a copy of DIR

chain()
{
	"$ROOT/tests/helpers/make-chain" "$@" || bail 'make-chain'
}

store()
{
	_verb=$1
	shift
	run certstore "$_verb" --config-dir "$T/le" --work-dir "$T/work" "$@"
}

restore()
{
	rm -rf "$T/le"
	cp -a "$1" "$T/le"
}
