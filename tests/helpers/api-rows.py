#!/usr/bin/python3
"""The rows of certbot-api(7), looked into: api-rows.py SOURCE INCLUDE PROGRAM.c

Holds the page against tests/data/api.tsv, and every counterpart that it names
against the headers below INCLUDE, the other pages and the programs in PATH.
Prints a line for each fault, and at last how many rows there are. PROGRAM.c is
written: it takes the address of every function that is named."""
import os
import re
import subprocess
import sys

REASONS = {"Windows", "Python typing", "mocks"}
source, include, program = sys.argv[1:4]


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return f.read()


def fault(*words):
    print("fault:", *words)


def rows():
    """(name, its lines) of the page."""
    text = read(source, "man", "certbot-api.7")
    text = text[text.index(".Sh THE ROWS"):text.index(".Sh EXAMPLES")]
    for part in re.split(r"^\.It Li ", text, flags=re.M)[1:]:
        name, *lines = part.split("\n")
        if ".El" in lines:
            lines = lines[:lines.index(".El")]
        yield name, [x for x in lines if x]


helps = {}


def help_of(name):
    if name not in helps:
        p = subprocess.run([name, "--help"], capture_output=True, text=True)
        helps[name] = p.stdout + p.stderr
        if name == "certbot":
            p = subprocess.run([name, "--help", "all"], capture_output=True,
                               text=True)
            helps[name] += p.stdout
    return helps[name]


plugin = read(source, "man", "certbot-plugin.7")
documents = read(source, "man", "acme-document.5")
operations, members = set(), set()
for line in plugin.split("\n"):
    m = re.match(r"\.It Cm (.*)|\.(?:It )?Va (.*)", line)
    if m and m.group(1):
        operations.update(re.findall(r"[a-z-]+", m.group(1)))
    elif m:
        members.update(re.findall(r"[a-zA-Z]+", m.group(2)))
used = {}


def header(name):
    path = os.path.join(include, name)
    return read(path) if os.path.exists(path) else None


def check_header(row, macro, what, name):
    text = header(name)
    if macro == "Fn":
        used.setdefault(name, set()).add(what)
    elif text is None:
        fault(row, "no header", name)
    elif macro == "Vt" and not re.search(r"\b%s\b( \{|;)" % what, text):
        fault(row, "no", what, "in", name)
    elif macro != "Vt" and not re.search(r"\b%s\b" % what,
                                         re.sub(r"/\*.*?\*/", "", text,
                                                flags=re.S)):
        fault(row, "no", what, "in", name)


def check_program(row, name, section, rest):
    if not os.path.exists(os.path.join(source, "man",
                                       "%s.%s" % (name, section))):
        fault(row, "no page", name, section)
    text = help_of(name)
    words = rest.split()
    if not text:
        fault(row, "no program", name)
    elif words and not re.search(r".*".join(
            r"(?<![a-z-])%s(?![a-z])" % re.escape(w) for w in words), text):
        fault(row, name, "has no", rest)


def check(row, lines):
    """Every line must be understood; at least one counterpart or a reason."""
    found = i = 0
    while i < len(lines):
        line, end = lines[i], lambda s: re.sub(r" [.;]$", "", s)
        nxt = lines[i + 1] if i + 1 < len(lines) else ""
        m = re.match(r"\.(Fn|Dv|Va|Vt) (.*)", line)
        if m and nxt == "in" and lines[i + 2].startswith(".In "):
            check_header(row, m.group(1), m.group(2), end(lines[i + 2][4:]))
            i += 3
        elif line == "operation":
            if end(nxt[4:]) not in operations:
                fault(row, "no operation", nxt)
            i += 2
        elif line == "descriptor:":
            if end(nxt[4:]) not in members:
                fault(row, "no member", nxt)
            i += 2
        elif line == "error":
            name = end(nxt[4:])
            if not re.search(r"^\.It Cm %s Pq" % name, documents, re.M):
                fault(row, "no error", name)
            i += 2
        elif line.startswith(".Xr "):
            name, section = end(line[4:]).split()
            if nxt == "with":
                check_program(row, name, section,
                              "-" + end(lines[i + 2][4:]))
                i += 3
            elif nxt.startswith(".Cm "):
                check_program(row, name, section, end(nxt[4:]))
                i += 2
            else:
                check_program(row, name, section, "")
                i += 1
        elif line.startswith("None needed: "):
            if line[13:].rstrip(".") not in REASONS:
                fault(row, "this reason does not count:", line)
            i += 1
        else:
            fault(row, "what is", line)
            i += 1
        found += 1
    if not found:
        fault(row, "has no counterpart")


wanted = [line.split("\t")[0]
          for line in read(source, "tests", "data", "api.tsv").split("\n")
          if line and line[0] != "#"]
given = dict(rows())
for name in wanted:
    if name not in given:
        fault(name, "has no row")
for name in given:
    if name not in wanted:
        fault(name, "is not in the manual")
    check(name, given[name])
with open(program, "w", encoding="utf-8") as f:
    for name in sorted(used):
        f.write("#include <%s>\n" % name)
    f.write("typedef void fn(void);\nfn *const functions[] = {\n")
    for name in sorted(used):
        for function in sorted(used[name]):
            f.write("\t(fn *)%s, /* %s */\n" % (function, name))
    f.write("};\nint main(void)\n{\n\treturn functions[0] == 0;\n}\n")
print(len(wanted))
