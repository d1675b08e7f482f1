# CloudDNS of vshosting: single records, then the zone is published.
def publish: put("/domain/\(.zone.id)/publish"; {soaTtl: 300}) | keeping("published");

if .op == "login" then
  if begins then
    {request: {method: "POST", auth: false,
      url: "https://admin.vshosting.cloud/api/public/auth/login",
      json: {email: .cred.email, password: secret("password")}}}
  elif body.auth.accessToken? then {done: {token: body.auth.accessToken}}
  else fail("CloudDNS did not log in") end
elif .op == "find" then
  if begins then
    post("/domain/search"; {search: [
      {name: "clientId", operator: "eq", value: .cred.clientId},
      {name: "domainName", operator: "eq", value: (.guess + ".")}]})
  else
    .guess as $g
    | if (body.items | length) > 0 then found({id: body.items[0].id, name: $g})
      else next end
  end
elif .op == "add" then
  if begins then
    post("/record-txt"; {type: "TXT", name: (.fqdn + "."), value: .value, domainId: .zone.id})
    | accept([409]) | keeping("added")
  elif .state == "added" then publish
  else done end
elif .op == "remove" then
  .value as $v | .fqdn as $fqdn
  | if .state == "published" then done
    else
      paged(get("/domain/\(.zone.id)");
        body.lastDomainRecordList[] | select(.type == "TXT"
          and (.name | same_name($fqdn)) and (.value | unquoted == $v)) | .id;
        null;
        (delete_found(delete("/record/\(.id)"))) as $out
        | if $out.done and .state.ids then publish else $out end)
    end
else null end
