"""plugin-talk.py PLUGIN CONFIG-DIR WORK-DIR <REQUESTS

Talks to an installer: the first line of standard input is the "config" of init,
each other one a request. Prints every reply and log line. After the first error
(but already-present) it sends recover, config-test and restart, as acme-install
does, and ends with 1.
"""
import json
import subprocess
import sys


def main():
    plugin, config_dir, work_dir = sys.argv[1:4]
    lines = [json.loads(line) for line in sys.stdin if line.strip()]
    run = subprocess.Popen([plugin], stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, text=True)

    def say(request):
        run.stdin.write(json.dumps(request) + '\n')
        run.stdin.flush()
        for line in run.stdout:
            print(line, end='', flush=True)
            reply = json.loads(line)
            if 'log' not in reply and 'ask' not in reply:
                return reply.get('error', {}).get('type')
        sys.exit(70)

    status = 0
    requests = [{'op': 'init', 'version': 1, 'config': lines[0],
                 'interactive': False,
                 'dirs': {'config': config_dir, 'work': work_dir,
                          'logs': work_dir}}] + lines[1:]
    for request in requests:
        error = say(request)
        if error and error != 'already-present':
            status = 1
            if request['op'] not in ('init', 'prepare'):
                for op in ('recover', 'config-test', 'restart'):
                    say({'op': op})
            break
    run.stdin.close()
    for line in run.stdout:
        print(line, end='')
    sys.exit(run.wait() or status)


main()
