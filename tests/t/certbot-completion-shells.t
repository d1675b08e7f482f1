#!/bin/sh
# The completions for zsh and fish, made from the table of options, in these
# shells themselves.
. "$(dirname "$0")/../lib.sh"
need zsh fish make
tab=$(printf '\t')
certbot --list-options >table
mkdir -p c/renewal dir zsh
touch c/renewal/a.example.conf c/renewal/b.example.conf dir/file request.csr

# What is asked, a command line in each row: it is completed at its end.
cat >probes <<'END'
certbot re
certbot certonly re
certbot certonly --
certbot revoke --
certbot auth --cs
certbot --cs
certbot certonly --webroot-
certbot certonly --key-type 
certbot certonly --key-type=r
letsencrypt revoke --reason k
certbot certonly -a stan
certbot certonly -i nul
certbot renew --config-dir c --cert-name 
certbot renew --config-dir=c --cert-name b
certbot certonly --config-dir di
certbot certonly --csr req
certbot certonly -d a
certbot --help secu
certbot --help standa
END

# zsh: each line is typed into it; what its completion adds is written down.
cat >zsh/.zshrc <<END
PS1='ready> '
fpath=($ACME_BUILD/share/zsh \$fpath)
autoload -Uz compinit
compinit -u -D
compadd()
{
	local -a added
	if [[ " \${@[1,(i)(-|--)]} " == *' '-(O|A|D)' '* ]]; then
		builtin compadd "\$@"
		return
	fi
	builtin compadd -A added "\$@"
	print -rl -- \$added >>$T/shown
}
probe()
{
	integer n=0
	while IFS= read -r line; do
		: >$T/shown
		BUFFER=\$line
		CURSOR=\$#line
		zle complete-word
		n+=1
		sort -u $T/shown | grep . >$T/zsh.\$n
	done <$T/probes
	BUFFER=exit
	zle accept-line
}
zle -N probe
bindkey '^T' probe
END
ok 'zsh says what it would complete' env ZDOTDIR="$T/zsh" TERM=vt100 \
	/usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" -w 'ready> ' \
	-s '\x14' -- zsh -d -i
# fish says by itself what it would complete.
cat >probe.fish <<'END'
source $argv[1]
set -l n 0
while read -l line
    set n (math $n + 1)
    complete -C "$line" | cut -f 1 | sort -u >fish.$n
end <probes
END
ok 'fish says what it would complete' env HOME="$T/home" \
	fish --no-config probe.fish "$ACME_BUILD/share/fish/certbot.fish"

# offered SHELL TEXT: what it said of that row. Newer fish goes on with words that
# have the letters anywhere, which it shows where nothing begins with them.
offered()
{
	_word=${2##* }
	cat "$1.$(grep -nxF -- "$2" probes | cut -d: -f1)" |
		awk -v whole="$_word" -v value="${_word##*=}" '
			index($0, whole) == 1 || index($0, value) == 1'
}
options()
{
	bash -c '. "$1"; compopt() { :; }; COMP_WORDS=(certbot "$2" --); COMP_CWORD=2
		_certbot; printf "%s\n" "${COMPREPLY[@]}"' - \
		"$ACME_BUILD/share/bash-completion/completions/certbot" "$1" | sort -u
}
for verb in certonly revoke; do
	options $verb >"want.$verb"
	ok "bash has options of $verb" test "$(wc -l <"want.$verb")" -gt 50
done
for shell in zsh fish; do
	is "$(offered $shell 'certbot re')" \
		"$(awk -F "$tab" '$1 == "verb" && $2 ~ /^re/ { print $2 }' table | sort)" \
		"$shell: the subcommands"
	is "$(offered $shell 'certbot certonly re')" '' 'one of them is enough'
	for verb in certonly revoke; do
		offered $shell "certbot $verb --" >"got.$shell"
		same "got.$shell" "want.$verb" "the options of $verb are those that bash has"
	done
	is "$(offered $shell 'certbot auth --cs')" --csr 'an alias'
	is "$(offered $shell 'certbot --cs')" '' 'without a subcommand those of run'
	is "$(offered $shell 'certbot certonly --webroot-')" '--webroot-map
--webroot-path' "a plugin's"
	is "$(offered $shell 'certbot certonly --key-type ')" 'ecdsa
rsa' 'values'
	like "$(offered $shell 'certbot certonly --key-type=r')" \
		'^(--key-type=)?rsa$' 'behind ='
	is "$(offered $shell 'letsencrypt revoke --reason k')" keycompromise 'letsencrypt'
	is "$(offered $shell 'certbot certonly -a stan')" standalone 'authenticators'
	is "$(offered $shell 'certbot certonly -i nul')" null 'installers'
	is "$(offered $shell 'certbot renew --config-dir c --cert-name ')" \
		'a.example
b.example' 'lineages'
	is "$(offered $shell 'certbot renew --config-dir=c --cert-name b')" \
		b.example 'with a beginning'
	like "$(offered $shell 'certbot certonly --config-dir di')" '^dir/?$' 'a directory'
	is "$(offered $shell 'certbot certonly --csr req')" request.csr 'a file'
	is "$(offered $shell 'certbot certonly -d a')" '' 'nothing where anything may stand'
	is "$(offered $shell 'certbot --help secu')" security 'a topic'
	is "$(offered $shell 'certbot --help standa')" standalone 'a plugin'
done

# Where they are installed.
run make -s -C "$ROOT" BUILD="$ACME_BUILD" install DESTDIR="$T/d" PREFIX=/usr
ok 'zsh has its file' test -f d/usr/share/zsh/vendor-completions/_certbot
ok 'and fish' test -f d/usr/share/fish/vendor_completions.d/certbot.fish
ok 'with both names' test -f d/usr/share/fish/vendor_completions.d/letsencrypt.fish
run make -s -C "$ROOT" BUILD="$ACME_BUILD" uninstall DESTDIR="$T/d" PREFIX=/usr
is "$(find d -name '*certbot*' -o -name '*letsencrypt*')" '' 'and nothing stays'
done_testing
