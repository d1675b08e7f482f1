"""apache-case.py VERB CASE [ARGUMENT...]

A case of tests/data/apache: what stands in /etc/apache2, what is asked of the
plugin, and what has become of the files afterwards. Lines of a case:

    # what the case shows
    names NAME...           certificates are deployed for these, in order
    enhance WHAT...         then these, for each name: redirect hsts uir staple
    config JSON             options of the plugin beside the defaults
    at ADDRESS NAME...      after that, TLS clients find the certificate there
    other ADDRESS NAME...   ... and another one there for these
    http NAME CODE          ... and a plain request gets this status
    says ERE                the plugin says this
    fails ERE               the plugin says this, and nothing has changed
    setup COMMAND           before: run by sh in /etc/apache2
    file PATH               content up to a line "end"
    bytes PATH              the same with Python's escapes in it (\\r, \\xe9);
                            \\c at the end: no line feed there
    want PATH, want-bytes PATH   the file afterwards
    want-link PATH -> TARGET, want-gone PATH
    mode PATH MODE USER:GROUP    of it afterwards

Verbs: get CASE WORD (the lines that begin so, without the word), apply CASE ROOT
(files into ROOT), expect CASE ROOT (wanted files into ROOT), requests CASE
(what is said to the plugin, one line each), record CASE BEFORE AFTER (the case
anew, with the differences of the two trees as what is wanted).
"""
import json
import os
import sys

LIVE = '/etc/letsencrypt/live/all'
ENHANCE = {
    'redirect': ('redirect', None),
    'hsts': ('ensure-http-header', 'Strict-Transport-Security'),
    'uir': ('ensure-http-header', 'Upgrade-Insecure-Requests'),
    'staple': ('staple-ocsp', LIVE + '/chain.pem'),
}
BLOCKS = ('file', 'bytes', 'want', 'want-bytes')


def parse(path):
    """[word, rest, content or None]"""
    rows, block = [], None
    with open(path, encoding='utf-8') as case:
        for line in case.read().split('\n'):
            if block is not None:
                if line == 'end':
                    block[2] = ''.join(x + '\n' for x in block[2])
                    block = None
                else:
                    block[2].append(line)
            elif line:
                word, _, rest = line.partition(' ')
                rows.append([word, rest, None])
                if word in BLOCKS:
                    block = rows[-1]
                    block[2] = []
    return rows


def data(row):
    if row[0].endswith('bytes'):
        text = row[2].removesuffix('\\c\n')
        return text.encode('latin-1').decode('unicode_escape').encode(
            'latin-1')
    return row[2].encode()


def put(root, name, content):
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.islink(path):
        os.unlink(path)
    with open(path, 'wb') as f:
        f.write(content)


def drop(path):
    if os.path.lexists(path):
        os.unlink(path)


def requests(rows):
    config = {'server_root': '/etc/apache2', 'ctl': 'apache2ctl',
              'enmod': 'a2enmod', 'dismod': 'a2dismod',
              'handle_modules': 'True', 'handle_sites': 'True',
              'http01_port': 80, 'https_port': 443}
    names, enhance = [], []
    for word, rest, _ in rows:
        if word == 'config':
            config.update(json.loads(rest))
        elif word == 'names':
            names += rest.split()
        elif word == 'enhance':
            enhance += rest.split()
    paths = {k: '%s/%s.pem' % (LIVE, f) for k, f in (
        ('cert', 'cert'), ('key', 'privkey'), ('chain', 'chain'),
        ('fullchain', 'fullchain'))}
    yield config
    yield {'op': 'prepare'}
    for name in names:
        yield dict(paths, op='deploy', domain=name)
    yield {'op': 'save', 'title': 'Deployed ACME Certificate',
           'temporary': False}
    for word in enhance:
        for name in names:
            yield {'op': 'enhance', 'domain': name,
                   'enhancement': ENHANCE[word][0],
                   'option': ENHANCE[word][1]}
        yield {'op': 'save', 'title': 'Add enhancement ' + word,
               'temporary': False}


def tree(root):
    found = {}
    for base, dirs, files in os.walk(root):
        for name in files + dirs:
            path = os.path.join(base, name)
            rel = os.path.relpath(path, root)
            if os.path.islink(path):
                found[rel] = ('link', os.readlink(path))
            elif os.path.isfile(path):
                with open(path, 'rb') as f:
                    found[rel] = ('file', f.read())
    return found


def block(out, rel, content):
    plain = content.decode('latin-1')
    if content.isascii() and b'\r' not in content and content.endswith(b'\n'):
        out.append('want %s\n%send\n' % (rel, plain))
        return
    lines = [line.encode('unicode_escape').decode()
             for line in plain.split('\n')]
    if lines[-1] == '':
        lines.pop()
    else:
        lines[-1] += '\\c'
    out.append('want-bytes %s\n%s\nend\n' % (rel, '\n'.join(lines)))


def record(path, before, after):
    keep, skip = [], False
    with open(path, encoding='utf-8') as f:
        for line in f:
            if line.startswith('want'):
                skip = line.startswith(('want ', 'want-bytes '))
            elif skip:
                skip = line != 'end\n'
            else:
                keep.append(line)
    old, new = tree(before), tree(after)
    for rel in sorted(old.keys() | new.keys()):
        if old.get(rel) == new.get(rel):
            continue
        if rel not in new:
            keep.append('want-gone %s\n' % rel)
        elif new[rel][0] == 'link':
            keep.append('want-link %s -> %s\n' % (rel, new[rel][1]))
        else:
            block(keep, rel, new[rel][1])
    with open(path, 'w', encoding='utf-8') as f:
        f.write(''.join(keep))


def main():
    verb, case = sys.argv[1:3]
    rows = parse(case)
    if verb == 'get':
        for word, rest, _ in rows:
            if word == sys.argv[3]:
                print(rest)
    elif verb == 'requests':
        for request in requests(rows):
            print(json.dumps(request))
    elif verb == 'apply':
        for row in rows:
            if row[0] in ('file', 'bytes'):
                put(sys.argv[3], row[1], data(row))
    elif verb == 'expect':
        for row in rows:
            if row[0] in ('want', 'want-bytes'):
                put(sys.argv[3], row[1], data(row))
            elif row[0] == 'want-link':
                name, target = row[1].split(' -> ')
                place = os.path.join(sys.argv[3], name)
                os.makedirs(os.path.dirname(place), exist_ok=True)
                drop(place)
                os.symlink(target, place)
            elif row[0] == 'want-gone':
                drop(os.path.join(sys.argv[3], row[1]))
    elif verb == 'record':
        record(case, sys.argv[3], sys.argv[4])


main()
