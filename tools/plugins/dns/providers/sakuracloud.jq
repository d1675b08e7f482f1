# Sakura Cloud: the whole zone is read and written.
def item: "/commonserviceitem/\(.zone.id)";
def sets: body.CommonServiceItem.Settings.DNS.ResourceRecordSets // [];
def write($sets):
  put(item; {CommonServiceItem: ({Settings: {DNS: {ResourceRecordSets: $sets}}}
    + (if body.CommonServiceItem.SettingsHash then
        {SettingsHash: body.CommonServiceItem.SettingsHash} else {} end))})
  | accept([409]) | keeping("written");
def settle: if status == 409 then {again: true} else done end;
def ours($name): .Type == "TXT" and .Name == $name;

if .op == "find" then
  if begins then
    {Filter: {"Provider.Class": "dns", Name: .guess}} as $filter
    | get("/commonserviceitem") | query($filter | tojson | @uri) | accept([404])
  elif status == 404 then next
  else
    .guess as $g
    | [body.CommonServiceItems[]? | select(.Status.Zone | same_name($g))][0] as $zone
    | if $zone then found({id: $zone.ID, name: $g}) else next end
  end
elif .op == "add" then
  if begins then get(item) | keeping("read")
  elif .state == "read" then
    rel as $name
    | [sets[] | select(ours($name)) | .RData | unquoted] as $have
    | (.values - $have) as $new
    | .ttl as $ttl
    | if $new == [] then done
      else write(sets + [$new[] | {Name: $name, Type: "TXT", RData: ., TTL: $ttl}]) end
  else settle end
elif .op == "remove" then
  if begins then get(item) | keeping("read")
  elif .state == "read" then
    rel as $name | .values as $values
    | sets as $all
    | [$all[] | select((ours($name) and (.RData | unquoted | IN($values[]))) | not)] as $left
    | if $left == $all then done else write($left) end
  else settle end
else null end
