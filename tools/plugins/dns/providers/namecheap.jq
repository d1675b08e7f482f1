# Namecheap: the whole zone is read and written, with how mail is handled; answers
# are XML. A zone is named by its first label and the rest.
def call($zone; $command; $more):
  {request: {method: "POST", path: "", as: "xml",
    form: ({ApiUser: .cred.username, UserName: .cred.username,
      ApiKey: secret("api_key"), ClientIp: .session.ip,
      Command: "namecheap.domains.dns.\($command)",
      SLD: ($zone | sub("[.].*"; "")), TLD: ($zone | sub("^[^.]*[.]"; ""))} + $more)}};
def reply: body.ApiResponse;
def refused: reply["@Status"] != "OK";
def number: reply.Errors[0].Error[0]["@Number"] // "";
def reason: "Namecheap says \(reply.Errors[0].Error[0]["#text"] // "no reason") (\(number))";
def hosts: reply.CommandResponse[0].DomainDNSGetHostsResult[0];
def records: hosts.host // [];
def ours($name): .["@Type"] == "TXT" and (.["@Name"] | same_name($name));
def write($records):
  hosts["@EmailType"] as $mail
  | [range($records | length) as $i
      | $records[$i]
      | {"HostName\($i + 1)": .["@Name"], "RecordType\($i + 1)": .["@Type"],
        "Address\($i + 1)": .["@Address"], "MXPref\($i + 1)": .["@MXPref"],
        "TTL\($i + 1)": .["@TTL"]}] as $parts
  | call(.zone.name; "setHosts";
      ($parts | add // {}) + (if $mail then {EmailType: $mail} else {} end))
  | keeping("written");
def settle:
  if refused then fail(reason)
  elif reply.CommandResponse[0].DomainDNSSetHostsResult[0]["@IsSuccess"] != "true" then
    fail("Namecheap has not taken the records of \(.zone.name)")
  else done end;

if .op == "login" then
  if .cred.client_ip then {done: {ip: .cred.client_ip}}
  elif begins then
    {request: {method: "GET", auth: false, as: "text",
      url: "https://dynamicdns.park-your-domain.com/getip"}}
  elif body | test("^[0-9]+([.][0-9]+){3}\\s*$") then {done: {ip: (body | rtrimstr("\n"))}}
  else fail("The own IPv4 address could not be found; name it as dns_namecheap_client_ip.") end
elif .op == "find" then
  if begins then .guess as $g | call($g; "getHosts"; {})
  # What begins with 10 is about the account, its key or the address.
  elif refused and (number | test("^10")) then fail(reason)
  elif refused then next + {keep: {refusal: reason}}
  else found({name: .guess}) end
elif .op == "add" or .op == "remove" then
  if begins then .zone.name as $z | call($z; "getHosts"; {}) | keeping("read")
  elif .state != "read" then settle
  elif refused then fail(reason)
  else
    rel as $name | .values as $values | .ttl as $ttl
    | records as $all
    | [$all[] | select(ours($name)) | .["@Address"] | unquoted] as $have
    | if .op == "add" and ($values - $have) == [] then done
      elif .op == "add" then
        write($all + [($values - $have)[]
          | {"@Name": $name, "@Type": "TXT", "@Address": ., "@MXPref": "10", "@TTL": "\($ttl)"}])
      elif ($have - $values) == $have then done
      else
        write([$all[] | select((ours($name) and (.["@Address"] | unquoted | IN($values[]))) | not)])
      end
  end
else null end
