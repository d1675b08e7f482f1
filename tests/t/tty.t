#!/bin/sh
# Questions of a plugin where no driver listens: they go to the terminal of the
# session, whatever standard input and output are.
. "$(dirname "$0")/../lib.sh"
need jq /usr/bin/python3

# -- a plugin that asks what its options say ----------------------------------
mkdir plugins
export CERTBOT_PLUGIN_PATH="$T/plugins"
cat >plugins/asker.json <<'END'
{"name": "asker", "version": 1, "summary": "Asks", "kinds": ["authenticator", "installer"],
 "challenges": ["http-01"], "options": [{"name": "question", "type": "json"}]}
END
cat >plugins/asker <<'END'
#!/bin/sh
while IFS= read -r line; do
	case $(printf %s "$line" | jq -r .op) in
	init)
		question=$(printf %s "$line" | jq -c .config.question)
		printf %s "$line" | jq .interactive >interactive
		echo '{"ok":true}' ;;
	prepare)
		printf '{"ask":%s}\n' "$question"
		IFS= read -r answer
		printf '%s\n' "$answer" >>answers
		echo '{"ok":true}' ;;
	*) echo '{"ok":true}' ;;
	esac
done
END
chmod 755 plugins/asker

on_terminal()
{
	run /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" "$@"
}

# asked QUESTION WANT DESCRIPTION STEP...: the answer that the plugin gets.
# Standard input, output and error of the stage are files.
asked()
{
	_question=$1 _want=$2 _what=$3
	shift 3
	: >answers
	on_terminal "$@" -- sh -c "acme-challenge asker check \
		--question '$_question' </dev/null >stage.out 2>stage.err"
	is "$(jq -c '.answer | del(.id)' answers)" "$_want" "$_what"
	unlike "$(cat stage.out stage.err)" 'Question' 'nothing of it elsewhere'
}

asked '{"kind":"input","text":"Question?"}' '{"value":"a word"}' 'input' \
	-w 'Question?' -w "cancel): " -s 'a word\n'
is "$status" 0 'the stage goes on'
asked '{"kind":"input","text":"Question?","default":"this"}' \
	'{"value":"this"}' 'input, the default' -w 'Question?' -s '\n'
asked '{"kind":"yesno","text":"Question?"}' '{"value":true}' 'yes' \
	-w 'Question?' -w '(Y)es/(N)o: ' -s 'maybe\n' -w '(Y)es/(N)o: ' -s 'y\n'
asked '{"kind":"yesno","text":"Question?"}' '{"value":false}' 'no' \
	-w '(N)o: ' -s 'No\n'
asked '{"kind":"menu","text":"Question?","choices":["one","two"]}' \
	'{"value":1}' 'a menu' -w '1: one' -w '2: two' -w 'cancel): ' \
	-s '3\n' -w 'cancel): ' -s '2\n'
asked '{"kind":"checklist","text":"Question?","choices":["one","two","three"]}' \
	'{"value":["one","three"]}' 'a checklist' -w '3: three' -w 'cancel): ' \
	-s '1,3\n'
asked '{"kind":"checklist","text":"Question?","choices":["one","two"]}' \
	'{"value":["one","two"]}' 'all of it' -w 'cancel): ' -s '\n'
asked '{"kind":"pause","text":"Question"}' '{"value":true}' 'a pause' \
	-w 'Press Enter to Continue' -s '\n'
asked '{"kind":"input","text":"Question?"}' '{"cancel":true}' 'cancelled' \
	-w 'cancel): ' -s 'c\n'
asked '{"kind":"input","text":"Question?"}' '{"cancel":true}' 'end of file' \
	-w 'cancel): ' -s '\x04'
asked '{"kind":"input","text":"Question \u001b[2J?"}' '{"value":"x"}' \
	'control bytes' -w 'Question' -w '\\x1b[2J' -s 'x\n'

is "$(cat interactive)" true 'the plugin is told that somebody can be asked'
question='{"kind":"input","text":"Question?"}'
on_terminal -w 'Question?' -s 'x\n' -- sh -c "acme-challenge asker check -n \
	--question '$question' </dev/null >stage.out 2>&1"
is "$(cat interactive)" false 'and with -n that nobody can'
for n in '' -n; do
	on_terminal -w 'Question?' -s 'x\n' -- sh -c "acme-install asker check $n \
		--work-dir w --question '$question' </dev/null >stage.out 2>&1"
	is "$(cat interactive)" "$([ -n "$n" ] && echo false || echo true)" \
		"so does acme-install $n"
done

# A signal of the terminal ends the stage while it asks.
: >answers
on_terminal -w 'Question?' -s '\x03' -- sh -c "trap : INT; acme-challenge \
	asker check --question '{\"kind\":\"input\",\"text\":\"Question?\"}' </dev/null >stage.out 2>&1"
is "$status" 130 'Ctrl-C ends it'
is "$(leftovers)" '' 'and the plugin'

# In a session without a terminal nobody is asked.
: >answers
run acme-challenge asker check \
	--question '{"kind":"input","text":"Question?","flag":"--word"}' </dev/null
like "$(jq -r .answer.error answers)" \
	'^there is no terminal to ask: Question\? \(set it with --word\)$' \
	'without a terminal it is an error'

# -- a whole challenge by hand, in a pipeline --------------------------------------
ca_start PEBBLE_VA_ALWAYS_VALID=1
acme-account register --agree-tos --no-contact --account-dir accounts >account.json ||
	bail 'no account'
acme-order new -d hand.example --account-dir accounts - <account.json \
	>order.json || bail 'no order'
on_terminal -w 'Create a file containing just this data:' \
	-w 'Press Enter to Continue' -s '\n' -- sh -c \
	'acme-challenge manual --account-dir accounts <order.json 2>stage.err | cat >done.json'
is "$status" 0 'manual asks in the middle of a pipeline'
json done.json '.authorizations[0].status == "valid"' 'and goes on'
done_testing
