# Gehirn DNS: record sets below a version of the zone.
def records:
  "/zones/\(.zone.id)/versions/\(.zone.version)/records";
def absolute: .fqdn + ".";
# The record set of our name, or null.
def ours:
  absolute as $name | (.fqdn | folded) as $fqdn | .rel as $rel
  | [body[] | select(.type == "TXT"
      and ((.name | folded) == $fqdn or .name == $rel))][0];
def values: [.records[].data | unquoted];
def entries: [.[] | {data: .}];

if .op == "find" then
  find_in_list(get("/zones");
    body[] | {id, name: (.name | rtrimstr(".")), version: .current_version_id};
    null)
elif .op == "add" then
  if begins then get(records) | keeping("read")
  elif .state == "read" then
    ours as $set
    | if $set == null then
        post(records; {name: absolute, type: "TXT", ttl: .ttl,
          enable_alias: false, records: (.values | entries)})
        | keeping("written")
      else
        (with_values($set | values)) as $all
        | put("\(records)/\($set.id)"; $set + {records: ($all | entries)})
        | keeping("written")
      end
  else done end
elif .op == "remove" then
  if begins then get(records) | keeping("read")
  elif .state == "read" then
    ours as $set
    | if $set == null then done
      else
        (without_values($set | values)) as $left
        | if $left == [] then
            delete("\(records)/\($set.id)") | keeping("written")
          else
            put("\(records)/\($set.id)"; $set + {records: ($left | entries)})
            | keeping("written")
          end
      end
  else done end
else null end
