# A plugin's descriptor (certbot-plugin(7)) as the page that users read, in
# mdoc. $own: the plugin's own sections; $date: of the page.

# Text that roff shall take as it is: a line for each sentence.
def lines:
	gsub("\\\\"; "\\e") | gsub("[\\s]+"; " ") | ltrimstr(" ") | rtrimstr(" ")
	| gsub("(?<a>[A-Za-z0-9)][A-Za-z0-9)][.]) (?<b>[A-Z`])"; "\(.a)\n\(.b)")
	| split("\n") | map(if test("^[.']") then "\\&" + . else . end)
	| join("\n");
# An argument of a macro: never a macro itself.
def word: gsub("\\\\"; "\\e") | gsub("\""; "\\(dq") | gsub(" "; "\\ ") | "\\&" + .;
# With a full stop, if nothing else ends it.
def ended: if test("[.?!:)][\\s]*$") then . else . + "." end;
def paragraphs: split("\n\n") | map(select(test("[^\\s]")) | ended | lines) | join("\n.Pp\n");
def sentence: rtrimstr(".") | gsub("[.] .*$"; "");
def listed:
	if length < 2 then .[0]
	else (.[:-1] | join(", ")) + " and " + .[-1] end;

def flag: if .flag then .flag else "\($name)-\(.name)" end;
def metavar:
	if .type == "flag" then ""
	else " Ar " + (.metavar // (.name | ascii_upcase | gsub("-"; "_")) | word) end;
def value: if type == "string" then word else tojson end;
def shown_default:
	.default as $d
	| if (.help // "" | test("\\(default:")) or $d == null or $d == false
		or $d == [] or $d == {} then empty
	  else "The default is\n.Ql \($d | value) ." end;
def option($name):
	".It " + ([if .letter then "Fl \(.letter)" else empty end,
		"Fl -\($name)-\(.name)", (.aliases // [] | .[] | "Fl -\(.)")]
		| join(" , ")) + metavar,
	(.help // "" | if . == "" then "(No description.)" else ended | lines end),
	shown_default,
	(.defaults // {} | to_entries | group_by(.value)[] |
		"On \(map(.key) | listed)\n.Ql \(.[0].value | value) ."),
	(if .repeatable and (.pairsWithD | not) then "May be repeated." else empty end),
	(if .pairsWithD then "Counts for the\n.Fl d\noptions that follow it." else empty end),
	(if .deprecated then "Accepted, without effect." else empty end),
	(if .saved == false then "Not kept for renewals." else empty end);

.name as $name
| (.options // [] | map(select(.hidden | not))) as $options
| (.kinds // []) as $kinds
| ($kinds | index("authenticator")) as $authenticator
| ($kinds | index("installer")) as $installer
| ".Dd \($date)",
".Dt CERTBOT-PLUGIN-\($name | ascii_upcase) 7",
".Os",
".Sh NAME",
".Nm certbot-plugin-\($name)",
".Nd \(.summary | sentence | lines | gsub("\n"; " "))",
".Sh SYNOPSIS",
(if $authenticator then
	".Nm certbot\n.Cm certonly\n.Fl a Ar \($name)\n.Op Ar options" else empty end),
(if $installer then
	".Nm certbot\n.Cm run\n.Fl i Ar \($name)\n.Op Ar options" else empty end),
(if $authenticator then
	".Nm acme-challenge\n.Ar \($name)\n.Op Ar options" else empty end),
(if $installer then
	".Nm acme-install\n.Cm deploy | enhance\n.Ar \($name)\n.Op Ar options" else empty end),
".Sh DESCRIPTION",
([.summary, .about, .moreInfo] | map(select(. != null))
	| reduce .[] as $t ([]; if index($t) then . else . + [$t] end)
	| map(paragraphs) | join("\n.Pp\n")),
(if $authenticator then ".Pp\nIt is an authenticator"
	+ (if $installer then ", and an installer" else "" end) + ".\nIt performs "
	+ (if (.challenges // []) == [] then "no challenges."
		else (.challenges | listed) + " challenges." end)
 elif $installer then ".Pp\nIt is an installer." else empty end),
(.exclusive // [] | select(length > 0) |
	".Pp\nRenewals that need the same of these run one after the other:",
	".Bl -bullet -compact", (.[] | ".It\n.Ql \(word)"), ".El"),
(if $options != [] or (.globals // []) != [] then
	".Sh OPTIONS",
	(if $options != [] then
		"With\n"
		+ ([if $authenticator then ".Xr acme-challenge 1\n" else empty end,
			if $installer then ".Xr acme-install 1\n" else empty end]
			| join("and\n"))
		+ "the options may be written without the plugin's name in front, as\n.Fl -\($options[0].name) .",
		".Bl -tag -width Ds", ($options[] | option($name)), ".El"
	 else empty end),
	(.globals // [] | select(length > 0) |
		(if $options != [] then ".Pp" else empty end),
		"Of the options of\n.Xr certbot 1\nit uses\n.Fl -"
		+ (map(gsub("_"; "-")) | join(" ,\n.Fl -")) + " .")
 else empty end),
(.dns.credentials // [] | select(length > 0) |
	".Sh CREDENTIALS",
	"The file named by\n.Fl -\($name)-credentials\nhas a line\n.Ar key\n=\n.Ar value\nfor each of these; nobody but its owner should be able to read it.",
	".Bl -tag -width Ds",
	(.[] | ".It Li \($name | gsub("-"; "_"))_\(.key)",
		(.what // "" | if . == "" then "(No description.)"
			else (.[0:1] | ascii_upcase) + .[1:] | lines | rtrimstr(".") + "." end),
		(if .required == false then "Not always needed." else empty end)),
	".El"),
($own | rtrimstr("\n") | select(. != "")),
(if $own | test("(^|\n)\\.Sh EXAMPLES") then empty
 else
	".Sh EXAMPLES",
	".Bd -literal -offset indent",
	"certbot \(if $authenticator then "certonly -a" else "install -i" end) \($name)"
	+ (if any($options[]; .name == "credentials")
		then " \\e\n\t--\($name)-credentials ~/.secrets/\($name).ini" else "" end)
	+ (if $authenticator then " \\e\n\t-d example.com" else " \\e\n\t--cert-name example.com" end),
	".Ed"
 end),
".Sh SEE ALSO",
".Xr acme-challenge 1 ,", ".Xr certbot 1 ,", ".Xr certbot-plugin 7"
