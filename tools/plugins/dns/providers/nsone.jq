# NS1 API v1: record sets; PUT creates, POST changes.
def set: "/zones/\(.zone.name)/\(.fqdn)/TXT";
def values: [body.answers[]?.answer[0] | unquoted];
def answers: [.[] | {answer: [.]}];

if .op == "find" then
  if begins then get("/zones/\(.guess)") | accept([400, 404])
  elif status >= 400 then next
  else found({name: body.zone}) end
elif .op == "add" then
  if begins then get(set) | accept([404]) | keeping("read")
  elif .state == "read" and status == 404 then
    put(set; {zone: .zone.name, domain: .fqdn, type: "TXT", ttl: .ttl,
      answers: (.values | answers)})
    | keeping("written")
  elif .state == "read" then
    (with_values(values)) as $all
    | post(set; {answers: ($all | answers)}) | keeping("written")
  else done end
elif .op == "remove" then
  if begins then get(set) | accept([404]) | keeping("read")
  elif .state == "read" then
    (values) as $old
    | if status == 404 or ($old - .values) == $old then done
      elif (without_values($old)) == [] then
        delete(set) | accept([404]) | keeping("written")
      else
        post(set; {answers: (without_values($old) | answers)})
        | keeping("written")
      end
  else done end
else null end
