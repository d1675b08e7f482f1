"""help-rows.py PAGE [--known PAGE] [--without GROUP]...

The options of a page of certbot's --help, one a line: group, what is typed,
the text, between tabs; for a group itself "-" and its paragraph. White space is
one blank, and none after a hyphen, where lines may end. Empty lines do not
count: the manual has none. With --known only what has a name in that page too.
"""
import re
import sys


def plain(lines):
    return re.sub(r'(?<=\S-)\s+(?=\S)', '', ' '.join(' '.join(lines).split()))


def parse(path):
    """[group, typed, lines of text]"""
    rows = []
    group = None
    with open(path, encoding='utf-8') as page:
        for line in page.read().splitlines():
            heading = re.fullmatch(r'(\S+|optional arguments):', line)
            inline = line[22:24] == '  ' and line[24:25].strip() != ''
            if heading and heading[1] != 'usage':
                group = heading[1].replace('optional arguments', 'options')
                rows.append([group, '-', []])
            elif group is None or not line.strip():
                continue
            elif line.startswith(' ' * 24):
                rows[-1][2].append(line)
            elif re.match(r'  -', line) or (inline and line[2] != ' '):
                rows.append([group, line[2:22].strip() if inline else line[2:],
                             [line[24:]] if inline else []])
            else:
                rows[-1][2].append(line)
    return rows


def names(group, typed):
    """What a row is known by: its long options, or the group."""
    if typed == '-':
        return {group}
    return set(re.findall(r'--[a-z0-9-]+', typed)) or {typed}


def main():
    args = sys.argv[1:]
    rows = parse(args.pop(0))
    known = None
    without = set()
    while args:
        option, value = args.pop(0), args.pop(0)
        if option == '--known':
            known = set().union(*(names(g, t) for g, t, _ in parse(value)))
        else:
            without.add(value)
    for group, typed, text in rows:
        if known is not None and not names(group, typed) & known:
            continue
        if group in without or typed in without:
            continue
        print(group, typed, plain(text), sep='\t')


if __name__ == '__main__':
    main()
