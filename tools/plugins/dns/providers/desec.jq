# deSEC: record sets; its TTL has a minimum for each domain.
def path: "/domains/\(.zone.name)/rrsets/\(rel)/TXT/";
def values: [body.records[]? | unquoted];
def write($values):
  (.rel) as $sub
  | put("/domains/\(.zone.name)/rrsets/";
      [{subname: $sub, type: "TXT", ttl: .zone.ttl, records: ($values | map(quoted))}])
  | keeping("written");

if .op == "find" then
  if begins then get("/domains/"; {owns_qname: .fqdn})
  elif (body | length) > 0 then
    found({name: body[0].name, ttl: (body[0].minimum_ttl // 3600)})
  else next end
elif .op == "add" then
  if begins then get(path) | accept([404]) | keeping("read")
  elif .state == "read" then
    (if status == 404 then [] else values end) as $old | write(with_values($old))
  else done end
elif .op == "remove" then
  if begins then get(path) | accept([404]) | keeping("read")
  elif .state == "read" then
    values as $old
    | if status == 404 or ($old - .values) == $old then done
      else write(without_values($old)) end
  else done end
else null end
