# Hurricane Electric's dynamic TXT records: one value, and no way to delete it.
def call($value):
  (.fqdn | folded) as $name
  | {request: {method: "POST", path: "/nic/update", as: "text",
      form: {hostname: .fqdn, password: secret("password"), txt: $value}}};
def settle:
  if body | test("^(good|nochg)") then done
  elif body | test("^interval") then {error: {retry: 60, detail: "dns.he.net wants fewer updates"}}
  else fail("dns.he.net says \(body | rtrimstr("\n")): does the TXT record exist with dynamic updates, and is its key right?") end;

if .op == "find" then found({name: .fqdn})
elif .op == "add" then if begins then call(.value) else settle end
elif .op == "remove" then if begins then call(".") else settle end
else null end
