"""apache-augeas.py APACHE-TREE CASES EXCEPTIONS [ROOT]

Reads the files of every case in CASES (tests/data/apache), and those below ROOT,
as augeas does with its lens for httpd, and compares directives, sections and
their words in order with what APACHE-TREE says of the same bytes. Prints a line
for each difference. EXCEPTIONS has a row for each file that augeas reads
otherwise: its name, "fails" or "differs", and why; a row that is not true, or
no file's, is a difference as well. The last line is the number of files. Bytes
travel as the characters of Latin-1.
"""
import glob
import os
import subprocess
import sys
import tempfile

import augeas

SKIP_SUFFIX = ('magic', 'envvars')


def escape(word):
    return ''.join(c if ' ' < c <= '~' and c != '\\' else '\\x%02x' % ord(c)
                   for c in word)


def unquote(word):
    """As httpd takes an argument: quotes go, and \\ before them and itself."""
    word = word.replace('\\\r\n', '').replace('\\\n', '')
    quote = word[:1]
    if quote not in ('"', "'"):
        return word.replace('\\\\', '\\')
    out, i = '', 1
    while i < len(word) and word[i] != quote:
        if word[i] == '\\' and word[i + 1:i + 2] in (quote, '\\'):
            i += 1
        out += word[i]
        i += 1
    return out


def walk(aug, path, depth, rows):
    for child in aug.match(path + '/*'):
        label = child.rsplit('/', 1)[1].split('[')[0]
        if label in ('#comment', 'arg', 'wordlist'):
            continue
        section = label != 'directive'
        words = []
        for arg in aug.match(child + '/*'):
            name = arg.rsplit('/', 1)[1].split('[')[0]
            if name == 'arg':
                words.append(escape(unquote(aug.get(arg))))
        name = '<' + label if section else aug.get(child)
        rows.append('\t'.join([str(depth), name] + words))
        if section:
            walk(aug, child, depth + 1, rows)


def theirs(aug, data):
    """Their rows, or None and what they say."""
    aug.remove('/out')
    aug.remove('/augeas/text')
    try:
        aug.set('/in', data.decode('latin-1'))
        aug.text_store('Httpd.lns', '/in', '/out')
    except (ValueError, RuntimeError) as error:
        for where in aug.match('/augeas/text//error'):
            return None, '%s, line %s' % (aug.get(where + '/message'),
                                          aug.get(where + '/line'))
        return None, str(error)
    rows = []
    walk(aug, '/out', 0, rows)
    return rows, ''


def ours(program, paths):
    done = subprocess.run([program] + paths, capture_output=True, check=False)
    if done.returncode != 0:
        print(done.stderr.decode())
    found, rows = {}, []
    for line in done.stdout.decode().split('\n'):
        if line.startswith('@'):
            found[line[1:]] = rows = []
        elif line:
            rows.append(line)
    return found


def corpus(cases, root):
    """name, bytes"""
    script = os.path.join(os.path.dirname(sys.argv[0]), 'apache-case.py')
    for case in sorted(glob.glob(cases + '/*.case')):
        name = os.path.basename(case)[:-5]
        for verb in ('apply', 'expect'):
            with tempfile.TemporaryDirectory() as place:
                subprocess.run([sys.executable, script, verb, case, place],
                               check=True)
                yield from files(place, '%s/%s/' % (name, verb))
    if root:
        yield from files(root, 'package/')


def files(root, prefix):
    for base, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            path = os.path.join(base, name)
            if os.path.islink(path) or name in SKIP_SUFFIX:
                continue
            with open(path, 'rb') as f:
                yield prefix + os.path.relpath(path, root), f.read()


def main():
    program, cases, exceptions = sys.argv[1:4]
    with open(exceptions, encoding='utf-8') as f:
        known = dict(line.rstrip('\n').split('\t')[:2] for line in f)
    aug = augeas.Augeas(flags=augeas.Augeas.NO_LOAD |
                        augeas.Augeas.NO_MODL_AUTOLOAD)
    everything = list(corpus(cases, sys.argv[4] if len(sys.argv) > 4 else ''))
    with tempfile.TemporaryDirectory() as place:
        paths = []
        for i, (_, data) in enumerate(everything):
            paths.append(os.path.join(place, str(i)))
            with open(paths[-1], 'wb') as f:
                f.write(data)
        read = ours(program, paths)
        for path, (name, data) in zip(paths, everything):
            rows, why = theirs(aug, data)
            state = 'same' if rows == read[path] else \
                'fails' if rows is None else 'differs'
            want = known.pop(name, 'same')
            if state == want:
                continue
            print('%s: %s, not %s: %s' % (name, state, want, why))
            for row in (rows or []):
                if row not in read[path]:
                    print('  augeas: ' + row)
            for row in read[path] if rows is not None else []:
                if row not in rows:
                    print('  ours:   ' + row)
    for name in known:
        print(name + ': there is no such file')
    print(len(everything))


main()
