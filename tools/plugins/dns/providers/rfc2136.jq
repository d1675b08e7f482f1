# RFC 2136 with TSIG: the engine asks and updates, this says what.
def server: {server: .cred.server, port: (.cred.port | tonumber? // 53)};
def key:
  {name: .cred.name, secret: {"$secret": "secret"}, algorithm: (.cred.algorithm // "HMAC-MD5")};
def update($remove):
  {update: (server + {zone: .zone.name, name: .fqdn, value: .value,
    ttl: .ttl, remove: $remove, tsig: key})};
def address:
  test("^[0-9]{1,3}([.][0-9]{1,3}){3}$") or (test(":") and test("^[0-9a-fA-F:.]+$"));
def reason:
  {FORMERR: "the server did not understand the update",
   SERVFAIL: "the server failed",
   NOTIMPL: "the server does not know updates",
   REFUSED: "its policy denies this to the key",
   NOTAUTH: "the server is not the primary of the zone, or the TSIG key is wrong",
   NOTZONE: "the name is not in the zone"}[.] // "";
def refusal($doing):
  if .last.fault then
    fail_whole("Encountered error \($doing) TXT record: \(.last.fault)")
  elif .last.rcode != "NOERROR" then
    fail_whole("Received response from server: \(.last.rcode)"
      + (.last.rcode | reason | if . == "" then "" else " (\(.))" end)
      + (if .last.tsig then ": \(.last.tsig)" else "" end))
  elif .last.tsig then
    fail_whole("Encountered error \($doing) TXT record: \(.last.tsig)")
  else null end;

if .op == "check" then
  if .cred.server | address | not then
    fail("The configured target DNS server (\(.cred.server)) is not a valid IPv4 or IPv6 address. A hostname is not allowed.")
  elif (.cred.algorithm // "HMAC-MD5" | ascii_upcase
      | test("^HMAC-(MD5|SHA(1|224|256|384|512))$") | not) then
    fail("Unknown algorithm: \(.cred.algorithm).")
  elif (.cred.port // "53" | tonumber? // 0 | . < 1 or . > 65535) then
    fail("The port (\(.cred.port)) is not a number from 1 to 65535.")
  else done end
elif .op == "find" then
  if .last == null then
    {query: (server + {name: .guess, type: "SOA",
      tsig: (if (.cred.sign_query // "" | ascii_downcase) == "true" then key
             else null end)})}
  elif .last.fault then
    fail_whole("Encountered error when making query: \(.last.fault)")
  elif .last.tsig then
    fail_whole("Encountered error when making query: \(.last.tsig)")
  else
    .guess as $name
    | if .last.rcode == "NOERROR" and .last.aa
          and any(.last.answers[]; .type == "SOA" and (.name | same_name($name)))
      then found({name: $name})
      else next end
  end
elif .op == "add" then
  if .last == null then update(false) else refusal("adding") // done end
elif .op == "remove" then
  if .last == null then update(true) else refusal("deleting") // done end
else null end
