# Vercel DNS: single records.
def team: if .cred.team_id then {teamId: .cred.team_id} else {} end;
def records: "/v2/domains/\(.zone.name)/records";
def listing($until):
  get(records; team + {limit: 100} + (if $until then {until: $until} else {} end));

if .op == "find" then
  if begins then get("/v4/domains/\(.guess)"; team) | accept([404])
  elif status == 404 then next
  else found({name: .guess}) end
elif .op == "add" then
  if begins then
    team as $t
    | post(records; {type: "TXT", name: .rel, value: .value, ttl: .ttl}) | query($t)
  else {done: body.uid} end
elif .op == "remove" then
  .value as $v | .rel as $rel
  | paged(listing(null);
      body.records[] | select(.type == "TXT" and .name == $rel and (.value | unquoted == $v)) | .id;
      if body.pagination.next? then listing(body.pagination.next) else null end;
      delete_found(team as $t | delete("\(records)/\(.id)") | query($t)))
else null end
