# Porkbun API v3: single records; the keys are in each body.
def call($path; $more):
  post($path; {apikey: secret("key"), secretapikey: secret("secret")} + $more);

if .op == "find" then
  if begins then call("/dns/retrieve/\(.guess)"; {}) | accept([400])
  elif body.status == "SUCCESS" then found({name: .guess})
  elif body.message // "" | test("[Ii]nvalid API key|not opted in") then fail(body.message)
  else next end
elif .op == "add" then
  if begins then
    call("/dns/create/\(.zone.name)"; {type: "TXT", name: .rel, content: .value, ttl: "600"})
  elif body.status == "SUCCESS" then {done: body.id}
  else fail(body.message // "no reason") end
elif .op == "remove" then
  .value as $v | .fqdn as $fqdn
  | paged(call("/dns/retrieve/\(.zone.name)"; {});
      body.records[] | select(.type == "TXT" and (.name | same_name($fqdn))
        and (.content | unquoted == $v)) | .id;
      null;
      delete_found(call("/dns/delete/\(.zone.name)/\(.id)"; {}) | accept([400])))
else null end
