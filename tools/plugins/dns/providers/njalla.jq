# Njalla: calls with a method and parameters; errors come with status 200.
def call($method; $params): post("/"; {method: $method, params: $params});
def reason: "Njalla: \(body.error.message // "no reason")";

if .op == "find" then
  if .kept.zones then
    pick(.kept.zones; .name) as $z | if $z then found($z) else next end
  else
    paged(call("list-domains"; {});
      if body.error then error(reason) else body.result.domains[] | {name} end;
      null;
      .state.found as $all | pick($all; .name) as $z
      | (if $z then found($z) else next end) + {keep: {zones: $all}})
  end
elif .op == "add" then
  if begins then
    call("add-record"; {domain: .zone.name, type: "TXT", name: .rel, content: .value, ttl: .ttl})
  elif body.error then fail(reason)
  else {done: body.result.id} end
elif .op == "remove" then
  .value as $v | .rel as $rel
  | paged(call("list-records"; {domain: .zone.name});
      if body.error then error(reason) else body.result.records[] end
        | select(.type == "TXT" and .name == $rel and (.content | unquoted == $v)) | .id;
      null;
      delete_found(call("remove-record"; {domain: .zone.name, id: .id})))
else null end
