"""Compares ini-tool with Debian's configobj, in one of these ways:

    ini-configobj.py TOOL table|seeds|bytes|write|edits

Prints what differs; exits with 1 if anything does.
"""
import io
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, '/usr/lib/python3/dist-packages')
import configobj  # noqa: E402

TRIPLES = ("'''", '"""')

DATA = os.path.join(os.path.dirname(__file__), '..', 'data')

FILES = [
    '', '\n', '\n\n', '# only\n', '#a\n\n#b', 'a = 1', 'a = 1\n\n', 'a=1\n#f\n',
    'a = 1\na = 2\n', 'a = 1\n[a]\n', '[a]\n[a]\n', '[a]\n[[b]]\n[[b]]\n',
    '[a]\n[[b]]\n[c]\n[[b]]\nx = 1\n', '[a]\n[[[b]]]\n', '[[b]]\n',
    '[a]\n[[b]]\n[[[c]]]\n[[d]]\nx=1\n[e]\n', 'a=1\n[s]\nb=2\n[[t]]\nc=3\n',
    "a = '''x\n y\n  z''' # c\nb = 1\n", "a = '''x\ny''' z\n", "a = '''x\n",
    'a = """x\n\'\'\'\n"""\n', "a = '''x\r\ny'''\r\nb = 1\r\n",
    '\ufeffa = 1\n[s]\n', 'a = 1\r\nb = 2\r\n', 'a = 1\rb = 2\r', 'a=1\n\r\nb=2',
    '#top\n\na = 1 # in\n  # above b\n\n b=2\n[s]#x\n\tc = 3#y\n#end\n\n',
    'k = v # c\n', ' k = v # c\n', '[s]\n  a = 1 # c\n[[t]] # d\nb=2\n',
    'a = \u00e9\u00a0\n\u00a0b = \u2003x\n', 'a = "x" # \u00e9\n',
]

RENEWAL = '''# renew_before_expiry = 30 days
version = 1.22.0
archive_dir = /etc/letsencrypt/archive/w.example.com
cert = /etc/letsencrypt/live/w.example.com/cert.pem
privkey = /etc/letsencrypt/live/w.example.com/privkey.pem
chain = /etc/letsencrypt/live/w.example.com/chain.pem
fullchain = /etc/letsencrypt/live/w.example.com/fullchain.pem

# Options used in the renewal process
[renewalparams]
account = 397b900de3e5a2d2f6673eb10b43f0a6
key_type = ecdsa
elliptic_curve = secp384r1
pref_challs = http-01,
pre_hook = true
post_hook = "echo a, b"
renew_hook = 'echo "hi, #1"'
authenticator = webroot
webroot_path = /srv/w1, /srv/w2
server = https://acme-v02.api.letsencrypt.org/directory
[[webroot_map]]
w.example.com = /srv/w1
www.w.example.com = /srv/w1
x.w.example.com = /srv/w2
'''


def tree(section):
    rows = [[k, dict.__getitem__(section, k)] for k in section.scalars]
    return rows + [[k, tree(section[k])] for k in section.sections]


def load(path):
    return configobj.ConfigObj(path, encoding='utf-8',
                               default_encoding='utf-8', interpolation=False)


def written(config):
    out = io.BytesIO()
    config.write(out)
    return out.getvalue().decode()


def theirs(path, edit=None):
    try:
        config = load(path)
        if edit:
            edit(config)
        return {'data': tree(config), 'text': written(config)}
    except UnicodeDecodeError as e:
        return {'error': str(e)}
    except (configobj.ConfigObjError, SyntaxError):
        return {'error': None}


def ours(paths, edits=None):
    out = []
    for i in range(0, len(paths), 500):
        argv = [sys.argv[1]] + (['-e', json.dumps(edits)] if edits else [])
        text = subprocess.run(argv + paths[i:i + 500], check=True,
                              stdout=subprocess.PIPE).stdout.decode()
        out += [json.loads(line) for line in text.split('\n')[:-1]]
    return out


def differ(mine, their):
    """The error's text counts only where certbot shows it. Where a value
    stands in triple quotes the other kind may have been taken."""
    if 'error' in their:
        want = their['error']
        return 'error' not in mine or \
            (want and not mine['error'].endswith(': ' + want))
    if 'error' in mine or mine['data'] != their['data']:
        return True
    return mine['text'] != their['text'] and \
        not any(q in their['text'] for q in TRIPLES)


def save(texts):
    paths = []
    for i, text in enumerate(texts):
        paths.append(os.path.join(DIR, str(i)))
        with open(paths[-1], 'wb') as f:
            f.write(text if isinstance(text, bytes) else text.encode())
    return paths


def compare(texts, edits=None, edit=None):
    paths = save(texts)
    bad = 0
    for text, path, mine in zip(texts, paths, ours(paths, edits)):
        their = theirs(path, edit)
        if differ(mine, json.loads(json.dumps(their))):
            bad += 1
            print('%r\n  ours   %r\n  theirs %r' % (text, mine, their))
    print('%d of %d differ' % (bad, len(texts)))
    return bad


def table():
    with open(os.path.join(DATA, 'ini-values.txt')) as f:
        values = f.read().split('\n')
    with open(os.path.join(DATA, 'ini-lines.txt')) as f:
        lines = f.read().split('\n')
    texts = ['k = %s\n' % v for v in values]
    texts += ['[s]\n  k=%s\nz = 1\n' % v for v in values]
    texts += ['%s\n' % line for line in lines]
    texts += ['[s]\n%s\n' % line for line in lines]
    return compare(texts + FILES + [RENEWAL])


TOKENS = ['a', 'b', 'k', 'v', '=', ' = ', ' ', ' ', '\t', ',', ',', ',', "'",
          '"', "'", '"', '#', '[', ']', '[[', ']]', '[s]', '\\', '.', '\u00e9',
          '\u00a0', '\r', "'''", '"""', 'k = ', '\n', '\n', '  ', ' #c', ';']
IN_VALUES = ['a', 'b', ' ', ' ', ',', ',', ',', "'", '"', "'", '"', '#', 'x',
             '\\', '\u00a0', '\t', '\x0b', "'''"]
LINE_KINDS = ['[s%d]', '[[t%d]]', '[[[u%d]]]', '# %d', '#\n\n# %d', 'k%d = v',
              'k%d = a, "b,", ', 'k%d = "x" # c', "k%d = '''m\n  n'''",
              'k%d=', '"k q%d" = 1']


def some(r, tokens, most):
    return ''.join(r.choice(tokens) for _ in range(r.randint(0, most)))


def some_file(r):
    lines = [r.choice(['', '', '  ', '\t']) + r.choice(LINE_KINDS) % i
             for i in range(r.randint(1, 8))]
    return r.choice(['\n', '\n', '\r\n']).join(lines) + \
        r.choice(['', '\n', '\n\n'])


def seeds():
    r = random.Random(20)
    texts = [some(r, TOKENS, r.choice([6, 12, 30, 60])) for _ in range(2000)]
    texts += ['k = %s\n' % some(r, IN_VALUES, r.choice([4, 8, 14, 25]))
              for _ in range(2000)]
    return compare(texts + [some_file(r) for _ in range(1500)])


def spoiled(r, text):
    raw = bytearray(text.encode())
    for _ in range(r.randint(1, 3)):
        raw.insert(r.randint(0, len(raw)), r.choice(
            [0xff, 0xe2, 0x82, 0xf0, 0xc3, 0x80, 0xed, 0xa0, 0xe0]))
    return bytes(raw)


def raw_bytes():
    r = random.Random(21)
    texts = [spoiled(r, some(r, TOKENS, 20)) for _ in range(1000)]
    return compare(texts + [b'\xef\xbb\xbf' + some_file(r).encode()
                            for _ in range(300)])


def write():
    r = random.Random(22)
    tokens = IN_VALUES + ['\n', "'", '"']
    values = ['', 'a,b', 'echo "hi, #1"', "echo 'a', b", "it's", "'a", [' a'],
              'touch "x y"; echo \'z\'', [], ['a'], ['a', 'b'], ['a,b'], ['"'],
              ["'", '"'], ['\'"'], ['\'",'], ['a\nb'], True, False, None, 80,
              "'''", '"""', '\'\'\'"""', 'x\ny', "x'''\ny", '\n', [True, 1]]
    values += [some(r, tokens, 8) for _ in range(150)]
    values += [[some(r, tokens, 5) for _ in range(r.randint(1, 3))]
               for _ in range(100)]
    bad = 0
    for value in values:
        def edit(config):
            config['k'] = value
        path, = save(['a = 1\n'])
        mine, = ours([path], [['set', '', 'k', value]])
        their = theirs(path, edit)
        if ('error' in mine) != ('error' in their):
            bad += 1
            print('%r\n  ours   %r\n  theirs %r' % (value, mine, their))
        elif 'text' in mine and mine['text'] != their['text'] and \
                any(q in their['text'] for q in TRIPLES):
            # Theirs may be unreadable; ours must be what was meant.
            path, = save([mine['text']])
            want = [['a', '1'], ['k', value]]
            if theirs(path).get('data') != want or \
                    ours([path])[0].get('data') != want:
                bad += 1
                print('%r is not read back from %r' % (value, mine['text']))
        elif 'text' in mine and mine['text'] != their['text']:
            bad += 1
            print('%r\n  ours   %r\n  theirs %r' % (value, mine, their))
    print('%d of %d differ' % (bad, len(values)))
    return bad


def edits():
    def edit(config):
        config['version'] = '2.1.0'
        config['new'] = 'n'
        if 'chain' in config:
            del config['chain']
        if 'renewalparams' not in config:
            config['renewalparams'] = {}
        params = config['renewalparams']
        params['account'] = 'x'
        params['last'] = ['a']
        params.pop('post_hook', None)
        params.pop('webroot_map', None)
        params['webroot_map'] = {}
        params['webroot_map']['z.example'] = '/z'

    steps = [['set', '', 'version', '2.1.0'], ['set', '', 'new', 'n'],
             ['del', '', 'chain'], ['add', 'renewalparams'],
             ['set', 'renewalparams', 'account', 'x'],
             ['set', 'renewalparams', 'last', ['a']],
             ['del', 'renewalparams', 'post_hook'],
             ['drop', 'renewalparams\nwebroot_map'],
             ['set', 'renewalparams\nwebroot_map', 'z.example', '/z']]
    commented = RENEWAL.replace('key_type', '# mine\n\n  key_type') \
        .replace('chain =', '# gone\nchain =') \
        .replace('[[webroot_map]]', '# maps\n[[webroot_map]] # c') + '# end\n'
    texts = [RENEWAL, commented, commented.replace('\n', '\r\n'), '\n', '',
             'x = 1\n[other]\na = 1\n[renewalparams]\naccount = 1 # c\n',
             RENEWAL + '[tools]\n[[a]]\nb = 1\n[[c]]\n', '#c\n\n[renewalparams]']
    return compare(texts, steps, edit)


WAYS = {'table': table, 'seeds': seeds, 'bytes': raw_bytes, 'write': write,
        'edits': edits}

if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as DIR:
        sys.exit(1 if WAYS[sys.argv[2]]() else 0)
