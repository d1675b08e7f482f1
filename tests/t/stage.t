#!/bin/sh
# The loop that all stages share, by the smallest stage.
. "$(dirname "$0")/../lib.sh"
need jq python3
stage=$ACME_BUILD/tests/helpers/echo-stage
# All documents of FILE as one array.
slurp()
{
	jq -s . "$1" >slurped
	json slurped "$2" "$3"
}

later='"type":"urn:acme-tools:error:timeout"'

# -- one document -------------------------------------------------------------
echo '{"acme":1,"unknown":{"a":[1,2]},"b":"ü"}' >doc
run "$stage" <doc
is "$status" 0 'a document goes through'
json "$T/out" '.unknown.a == [1,2] and .b == "ü" and .vector == 1' \
	'and keeps what the stage does not know'
printf '{"acme":1}' >doc
run "$stage" <doc
json "$T/out" '.vector == 1' 'the last line may lack its newline'

# -- nothing, and what is no document -----------------------------------------
run "$stage" </dev/null
is "$status" 65 'no document is an error'
json "$T/out" '.error.type | endswith(":noDocument")' 'and a document says so'
printf '\n  \n' >blank
run "$stage" <blank
is "$status" 65 'blank lines are no documents'
printf '{"acme":1}\nrub\033bish\000\n[1]\n{"acme":1,"a":1,"a":2}\n{"acme":1}\n' \
	>lines
run "$stage" <lines
is "$status" 65 'garbage lines do not stop the batch'
is "$(grep -c . "$T/out")" 5 'each line becomes a document'
slurp "$T/out" '[.[] | select(.vector)] | length == 2' 'the good ones are done'
slurp "$T/out" '.[0].line == "rub\\x1bbish\\x00"' \
	'a garbage line is shown printable'
slurp "$T/out" '[.[].error.detail // empty | test("^line [234] of")] | length == 3 and all' \
	'its place is named'
unlike "$err" "$(printf '\033')" 'standard error gets no control bytes'
{
	printf '%05000d\n' 7
	echo '{"acme":1}'
} >lines
run "$stage" <lines
slurp "$T/out" '.[0].line | length == 4096' 'a long one is cut'
{
	head -c 5000000 /dev/zero | tr '\0' x
	echo
	echo '{"acme":1}'
} >lines
run "$stage" <lines
is "$status" 65 'a line over the ceiling is garbage'
slurp "$T/out" '(map(.vector // empty) == [1]) and length == 2' \
	'and the next one is read'
like "$err" 'line 1 of standard input' 'it counts as one line'
# sized BYTES: a document of so many bytes, and its newline
sized()
{
	printf '{"acme":1,"x":"%0*d"}\n' $(($1 - 17)) 0
}
# deep LEVELS: a document of so many, itself the first
deep()
{
	awk -v n=$(($1 - 1)) 'BEGIN { s = "{\"acme\":1,\"x\":"
		for (i = 0; i < n; i++) s = s "["
		for (i = 0; i < n; i++) s = s "]"
		print s "}" }'
}
{
	sized 4194304
	sized 4194305
	deep 64
	deep 65
} >lines
"$stage" <lines >out 2>err
is "$(jq -r 'select(.vector).x | length' out | tr '\n' ' ')" '4194287 1 ' \
	'4 MiB and 64 levels are the most'
is "$(grep -c . err)" 2 'one sentence for each that is more'
like "$(cat err)" 'line 2 of standard input .* (over the limit of|more than) 4194304' 'of its size'
like "$(cat err)" 'line 4 of standard input .* nesting is too deep' 'of its depth'
printf '{\n "acme": 1\n}\n' >lines
run "$stage" <lines
like "$err" 'line 1 of .* no document: each is one line, as .jq -c. writes' \
	'what is spread over lines is told how to be joined'
echo '{"acme":2}' >doc
run "$stage" <doc
is "$status" 65 'a document of another version is refused'
run "$stage" <.
is "$status" 74 'input that cannot be read'
json "$T/out" '.error' 'gives a document with the error'

# -- errors travel ---------------------------------------------------------------
error="{\"acme\":1,\"n\":12345678901234567890, \"error\":{$later}}"
printf '%s\n{"acme":1}\n' "$error" >lines
run "$stage" <lines
is "$status" 75 'a document with an error ends the stage with its status'
is "$(head -n 1 "$T/out")" "$error" 'and is passed on byte for byte'
printf '%s\n' '{"acme":1,"error":null}' >doc
run "$stage" <doc
is "$status" 0 'null is no error'
printf '%s\n' '{"acme":1,"earlierErrors":[1],"error":{"type":"x"}}' >doc
run "$stage" --again <doc
is "$status" 0 '--again works on it'
json "$T/out" '.vector == 1 and (has("error") | not) and
	.earlierErrors == [1,{"type":"x"}]' 'and keeps the error as an earlier one'
printf '{"acme":1,"fail":"%s"}\n' later refused later >lines
run "$stage" <lines
is "$status" 77 'a batch ends with the first status that is not 75'
slurp "$T/out" 'map(.error.stage) == ["echo-stage","echo-stage","echo-stage"]' \
	'each error names the stage'
printf '{"acme":1,"fail":"later"}\n{"acme":1}\n' >lines
run "$stage" <lines
is "$status" 75 'what can be tried again is 75'
printf '{"acme":1,"fail":"refused","request":{"names":["a.example"]}}\n' >lines
run "$stage" <lines
is "$err" 'echo-stage: a.example: no, and never' \
	'people hear which name it is about'
"$stage" <lines 2>/dev/null | "$stage" 2>/dev/null | "$stage" >out3 2>err3
is $? 77 'the last stage of a pipeline tells the truth'
is "$(cat err3)" '' 'and only the first complains'

# -- keep ------------------------------------------------------------------------
keep='{"acme":1, "plan":{"action":"keep"}}'
echo "$keep" >doc
run "$stage" <doc
is "$status-$out" "0-$keep" 'what is to be kept passes untouched'
run "$stage" --keep-too <doc
json "$T/out" '.vector == 1' 'unless the stage acts on it'

# -- vectors -----------------------------------------------------------------------
i=0
while [ $((i += 1)) -le 250 ]; do
	echo "{\"acme\":1,\"i\":$i}"
done >lines
run "$stage" <lines
slurp "$T/out" 'map(.i) == [range(1; 251)]' 'all of a long batch come through'
slurp "$T/out" 'map(.vector) | group_by(.) | map(length) == [50, 200]' \
	'at most 100 together'
# The next vector is what came while the first was handled.
mkfifo fifo
start slow sh -c '"$0" --slow busy <fifo >slow.out' "$stage"
exec 3>fifo
echo '{"acme":1,"i":1}' >&3
wait_for test -e busy
printf '{"acme":1,"i":%s}\n' 2 3 4 >&3
rm busy
wait_for test -e busy
json slow.out '.i == 1' 'a document leaves as soon as it is decided'
exec 3>&-
rm busy
wait_for sh -c 'test "$(grep -c . slow.out)" = 4'
slurp slow.out 'map(.vector) == [1,3,3,3]' \
	'those that arrive meanwhile are the next vector'
wait "$pid"
is $? 0 'the end of input ends the stage'

# -- output ------------------------------------------------------------------------
printf '{"acme":1}\n{"acme":1}\n' >lines
"$stage" <lines >/dev/full 2>err
is $? 74 'a full standard output is 74'
is "$(grep -c 'standard output' err)" 1 'said once'
"$stage" <lines >&- 2>err
is $? 74 'so is a closed one'
python3 - "$stage" <<'EOS' 2>err
import os, subprocess, sys
r, w = os.pipe()
os.close(r)
sys.exit(subprocess.run([sys.argv[1]], stdin=open('lines'), stdout=w).returncode)
EOS
is $? 74 'so is one that nobody reads'

# -- options -----------------------------------------------------------------------
run "$stage" --bogus <lines
is "$status" 64 'an unknown option'
is "$err" "echo-stage: unknown option '--bogus'; 'echo-stage -h' lists the options" \
	'is told in one sentence'
json "$T/out" '.error.type | endswith(":usage")' 'and in a document'
run "$stage" --versio <lines
is "$status" 64 'a name cut short is no option'
run "$stage" -h
is "$status" 0 '-h'
like "$out" '^usage: echo-stage' 'shows the usage'
like "$out" '--account-dir DIR' 'with the options of all stages'
run "$stage" --version
like "$out" '^echo-stage [0-9]' '--version'
run "$stage" settings - --account-dir=x --config-dir ../y --timeout 7
json "$T/out" ".accountDir == \"$T/x\" and .timeout == 7 and .reads and
	.configDir == \"$(dirname "$T")/y\"" 'paths are made absolute'
run "$stage" --expand 'k/%n.pem' <<EOF
{"acme":1,"request":{"names":["*.a.example"]}}
EOF
json "$T/out" '.expanded == "k/a.example.pem"' '%n is the name'

# -- a terminal --------------------------------------------------------------------
python3 - "$stage" >out <<'EOS' 2>err
import os, pty, subprocess, sys
m, s = pty.openpty()
p = subprocess.run([sys.argv[1]], stdin=s, timeout=20)
sys.exit(p.returncode)
EOS
is $? 64 'a terminal is refused'
like "$(cat err)" terminal 'and named'
json out '.error.type | endswith(":usage")' 'in a document, too'

# -- the driver's socket -----------------------------------------------------------
cat >driver.py <<'EOS'
import json, os, socket, subprocess, sys
a, b = socket.socketpair()
p = subprocess.Popen([sys.argv[1], '--ask', 'Name?'], pass_fds=[b.fileno()],
    env=dict(os.environ, ACME_UI=str(b.fileno())), stdin=subprocess.PIPE,
    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
b.close()
p.stdin.write(b'{"acme":1}\n{"acme":1,"fail":"refused"}\n')
p.stdin.close()
lines = []
for line in a.makefile('r'):
    m = json.loads(line)
    lines.append(m)
    if 'ask' in m:
        assert m['ask']['text'] == 'Name?'
        a.sendall(json.dumps({'answer':
            {'id': m['ask']['id'], 'value': 'Bob'}}).encode() + b'\n')
out = [json.loads(l) for l in p.stdout]
print(json.dumps({'lines': lines, 'out': out, 'err': p.stderr.read().decode(),
    'status': p.wait()}))
EOS
python3 driver.py "$stage" >driver.out
json driver.out '.out[0].answer == "Bob" and .out[0].vector == 2' \
	'a question goes up and its answer down'
json driver.out '.err == "" and .status == 77' 'nothing on standard error'
json driver.out '[.lines[].log.text // empty] | index("no, and never") != null' \
	'the sentence of an error is for the log'
json driver.out '[.lines[] | select(.log.level >= 30)] == []' \
	'and the driver tells people'

# -- signals -----------------------------------------------------------------------
rm -f busy
start caught sh -c 'exec "$0" --catch --slow busy <fifo >caught.out' "$stage"
caught=$pid
exec 3>fifo
echo '{"acme":1}' >&3
wait_for test -e busy
echo '{"acme":1,"late":1}' >&3
kill -TERM "$caught"
wait "$caught"
is $? 143 'a stage that cleans up dies of the signal'
json caught.out '.error.type | endswith(":interrupted")' \
	'after its document is written'
is "$(grep -c . caught.out)" 1 'and reads no further'
exec 3>&-
done_testing
