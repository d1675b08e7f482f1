# Duck DNS: one TXT value for a domain and all names below it.
def call($more):
  get("/update"; {domains: .zone.label, token: secret("token")} + $more) | as_text;
def settle: if body | test("^OK") then done
  else fail("Duck DNS says \(body): is the token right, and the domain in its account?") end;

if .op == "find" then
  (.guess | ascii_downcase | capture("^(?<label>[^.]+)[.]duckdns[.]org$") // null) as $m
  | if $m then found({name: .guess, label: $m.label}) else next end
elif .op == "add" then
  if begins then call({txt: .value, verbose: "true"}) else settle end
elif .op == "remove" then
  if begins then call({txt: "", clear: "true", verbose: "true"}) else settle end
else null end
