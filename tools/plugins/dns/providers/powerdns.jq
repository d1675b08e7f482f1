# PowerDNS authoritative server: record sets.
def zone_path($name): "/api/v1/servers/localhost/zones/\($name).";
def ours:
  .fqdn as $fqdn
  | [body.rrsets[] | select(.type == "TXT" and (.name | same_name($fqdn)))][0];
def write($set; $values):
  .fqdn as $fqdn | .ttl as $ttl
  | patch(zone_path(.zone.name); {rrsets: [
      {name: ($fqdn + "."), type: "TXT"}
      + (if $values == [] then {changetype: "DELETE"}
         else {changetype: "REPLACE", ttl: ($set.ttl // $ttl),
           records: [$values[] | {content: quoted, disabled: false}]} end)]})
  | keeping("written");
def read: get(zone_path(.zone.name)) | keeping("read");
# Secondaries are told where there may be any.
def notify:
  if .zone.kind | IN("Master", "Primary", "Slave", "Secondary") then
    {request: {method: "PUT", path: (zone_path(.zone.name) + "/notify"), accept: [400, 422]}}
    | keeping("told")
  else done end;

if .op == "find" then
  if begins then get(zone_path(.guess)) | accept([404, 422])
  elif status == 200 then found({name: (body.name | rtrimstr(".")), kind: body.kind})
  else next end
elif .op == "add" then
  if begins then read
  elif .state == "read" then
    ours as $set
    | write($set; with_values([$set.records[]? | .content | unquoted]))
  elif .state == "written" then notify
  else done end
elif .op == "remove" then
  if begins then read
  elif .state == "read" then
    ours as $set
    | [$set.records[]? | .content | unquoted] as $old
    | if ($old - .values) == $old then done else write($set; without_values($old)) end
  elif .state == "written" then notify
  else done end
else null end
