# Gandi LiveDNS v5: record sets.
def set: "/domains/\(.zone.name)/records/\(rel)/TXT";
def ask($request): . as $in | $request
  | if $in.cred.sharing_id then .request.query.sharing_id = $in.cred.sharing_id else . end;
def values: [body.rrset_values[]? | unquoted];
def write($values):
  .ttl as $ttl
  | ask(put(set; {rrset_ttl: (body.rrset_ttl? // $ttl), rrset_values: ($values | map(quoted))}))
  | keeping("written");

if .op == "check" then
  if .has | index("token") or index("api_key") then done
  else fail("\(.config.credentials): dns_gandi_token (a personal access token) or dns_gandi_api_key is required") end
elif .op == "find" then
  if begins then ask(get("/domains/\(.guess)") | accept([404]))
  elif status == 404 then next
  else found({name: body.fqdn}) end
elif .op == "add" then
  if begins then ask(get(set) | accept([404])) | keeping("read")
  elif .state == "read" then
    (if status == 404 then [] else values end) as $old
    | write(with_values($old))
  else done end
elif .op == "remove" then
  if begins then ask(get(set) | accept([404])) | keeping("read")
  elif .state == "read" then
    values as $old
    | if status == 404 or ($old - .values) == $old then done
      elif without_values($old) == [] then
        ask(delete(set) | accept([404])) | keeping("written")
      else write(without_values($old)) end
  else done end
else null end
