# acme-dns: a name of its own for each domain, to which _acme-challenge is an
# alias. It keeps the two newest values and removes none.
def registered: .cred.registry[.domain];
def told($name):
  fail_whole("There was no registration at \(.base) for \(.domain): it has one now. Make _acme-challenge.\(.domain) a CNAME record of \($name), then run this once more.");

if .op == "find" then
  if registered then found({name: .domain})
  elif begins then post("/register"; {}) | noauth
  else
    told(body.fulldomain)
      + {store: {(.domain): (body | {username, password, fulldomain, subdomain})}}
  end
elif .op == "add" then
  if begins then
    .domain as $d
    | post("/update"; {subdomain: registered.subdomain, txt: .value})
    | header("X-Api-User"; secret("\($d)/username"))
    | header("X-Api-Key"; secret("\($d)/password"))
  else done end
else null end
