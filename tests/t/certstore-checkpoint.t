#!/bin/sh
# Checkpoints and stored values of plugins, made by one program and undone or
# read by the other.
. "$(dirname "$0")/../lib.sh"
need jq
theirs()
{
	/usr/bin/python3 "$ROOT/tests/helpers/certbot-reverter.py" work "$@"
}
checkpoint()
{
	_verb=$1
	shift
	run certstore checkpoint "$_verb" --work-dir work "$@"
}
# What a run changes: one file, a second of the same name, a third made, a
# command.
change()
{
	mkdir -p sub
	echo one >conf
	echo two >sub/conf
	rm -f made undone
}
spoil()
{
	echo changed >conf
	rm sub/conf
	echo made >made
}
restored()
{
	is "$(cat conf) $(cat sub/conf) $(ls made undone 2>/dev/null)" \
		'one two undone' "$1"
}

# -- ours undone by theirs, theirs by ours -----------------------------------------

change
checkpoint add --notes 'the first
' "$T/conf" "$T/sub/conf"
is "$status" 0 'files are added'
json "$T/out" '.checkpoint.unfinished' 'and are to be recovered'
checkpoint created "$T/made"
is "$status" 0 'a new file is registered'
checkpoint undo-command -- touch "$T/undone"
is "$status" 0 'and a command'
spoil
theirs recovery_routine
restored "certbot recovers ours"
not_ok 'and removes the directory' test -e work/IN_PROGRESS

change
theirs add_to_checkpoint 'the first
' "$T/conf"
theirs add_to_checkpoint 'the second
' "$T/sub/conf"
theirs register_file_creation - "$T/made"
theirs register_undo_command - touch "$T/undone"
spoil
checkpoint recover
is "$status" 0 'recover'
json "$T/out" '.checkpoint.unfinished == false' 'leaves nothing'
restored "we recover certbot's"
not_ok 'and remove the directory' test -e work/IN_PROGRESS

# The same calls make the same files.
for who in ours theirs; do
	change
	if [ $who = ours ]; then
		checkpoint add --notes 'a note' "$T/conf"
		checkpoint add "$T/sub/conf" "$T/conf"
		checkpoint created "$T/made" "$T/a b"
		checkpoint undo-command -- touch 'a,b' 'c "d"' "e
f"
		checkpoint undo-command -- true ''
	else
		theirs add_to_checkpoint 'a note' "$T/conf"
		theirs add_to_checkpoint '' "$T/sub/conf" "$T/conf"
		theirs register_file_creation - "$T/made" "$T/a b"
		theirs register_undo_command - touch 'a,b' 'c "d"' "e
f"
		theirs register_undo_command - true ''
	fi
	(cd work/IN_PROGRESS && stat -c '%n %a' -- . * &&
		cat FILEPATHS NEW_FILES COMMANDS CHANGES_SINCE ./*_*) >$who
	mv work/IN_PROGRESS $who.dir
done
same ours theirs 'the same calls make the same files, modes and bytes'

# -- temporary changes -----------------------------------------------------------------

change
checkpoint add --temporary "$T/conf"
checkpoint add "$T/conf"
is "$status" 77 'a file under a temporary change is not added again'
like "$err" "challenge file - $T/conf" 'and is named'
echo changed >conf
theirs revert_temporary_config
is "$(cat conf)" one 'certbot reverts our temporary change'
theirs add_to_temp_checkpoint '' "$T/conf"
theirs register_file_creation temporary "$T/made"
spoil
echo two >sub/conf
checkpoint revert
is "$status $(cat conf) $(ls made 2>&1 >&-)" "0 one ls: cannot access 'made': No such file or directory" \
	"and we certbot's"

# -- finished ones -----------------------------------------------------------------------

for turn in 1 2 3 4; do
	echo $turn >conf
	if [ $((turn % 2)) = 1 ]; then
		checkpoint add "$T/conf"
		checkpoint finish --title "Turn $turn"
	else
		theirs add_to_checkpoint '' "$T/conf"
		theirs finalize_checkpoint "Turn $turn"
	fi
done
is "$(cat work/backups/*/CHANGES_SINCE)" '-- Turn 1 --
-- Turn 2 --
-- Turn 3 --
-- Turn 4 --' 'checkpoints of both in their order'
echo 5 >conf
checkpoint rollback
is "$(cat conf)" 4 "we roll certbot's back"
theirs rollback_checkpoints 1
is "$(cat conf)" 3 'and certbot ours'
checkpoint rollback --checkpoints 5
like "$err" 'Unable to rollback 5 checkpoints, only 2 exist' \
	'more than there are are all'
is "$status $(cat conf) $(ls work/backups)" '0 1 ' 'undone'
checkpoint rollback
like "$err" "hasn't modified your configuration" 'and then none is left'
is "$status" 0 'which is no failure'
checkpoint rollback --checkpoints -1
is "$status" 64 'a negative number'
like "$err" "option --checkpoints needs a whole number, not '-1'" 'is no usage'

# -- what cannot be done -------------------------------------------------------------------

checkpoint add "$T/nowhere"
is "$status" 66 'a file that is not there'
like "$err" "Unable to add file $T/nowhere" 'is named'
checkpoint recover
chmod 777 work/backups
checkpoint recover
is "$status" 0 'a directory that others may write'
checkpoint recover --strict-permissions
is "$status" 77 '--strict-permissions: not then'
like "$err" "$T/work/backups exists, but it should be owned by current user with permissions 0o755" 'it is named'
chmod 755 work/backups
checkpoint recover --strict-permissions
is "$status" 0 'this program made it so'
run certstore checkpoint --work-dir work
is "$status" 64 'a verb is needed'
checkpoint created
is "$status" 65 'and a file'
checkpoint recover x
is "$status" 64 'and nothing else'
checkpoint finish
is "$status" 64 'and a title'
change
checkpoint add "$T/conf"
rm work/IN_PROGRESS/conf_0
checkpoint recover
is "$status" 66 'a copy that is gone'
like "$err" 'Incomplete or failed recovery' 'cannot be put back'
ok 'and stays registered' test -s work/IN_PROGRESS/FILEPATHS

# -- storage -------------------------------------------------------------------------------

run certstore storage put --config-dir work --work-dir work apache autohsts '{"a": 1}'
is "$status" 0 'a value is stored'
mode work/.pluginstorage.json 600 'privately'
is "$(theirs get apache autohsts)" "{'a': 1}" 'certbot reads it'
theirs put nginx k v
run certstore storage get --config-dir work nginx k
json "$T/out" '.storage == {plugin: "nginx", key: "k", value: "v"}' \
	"and we certbot's"
run certstore storage get --config-dir work apache autohsts
json "$T/out" '.storage.value.a == 1' 'ours is still there'
printf '"secret"' | certstore storage put --config-dir work --work-dir work nginx k - >put.json
json put.json '.storage.value == "secret"' 'a value from standard input'
run certstore storage get --config-dir work nginx other
is "$status" 66 'none is stored'
echo '{' >work/.pluginstorage.json
run certstore storage get --config-dir work nginx k
is "$status" 65 'a broken file'
like "$err" 'PluginStorage file .* is corrupted' 'is named'
done_testing
