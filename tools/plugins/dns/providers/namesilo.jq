# NameSilo: everything is in the query, answers are XML.
def call($op; $query):
  get("/\($op)"; {version: "1", type: "xml", key: secret("key")} + $query) | as_xml;
def reply: body.namesilo.reply[0];
def bad: reply.code[0] != "300";
def reason: "NameSilo: \(reply.detail[0] // "no reason") (\(reply.code[0]))";

if .op == "error" then null
elif .state == null and .last and bad then fail(reason)
elif .op == "find" then
  if begins then call("listDomains"; {})
  else
    [reply.domains[0].domain[]? | if type == "object" then .["#text"] else . end | {name: .}] as $all
    | pick($all; .name) as $z
    | if $z then found($z) else next end
  end
elif .op == "add" then
  if begins then
    call("dnsAddRecord"; {domain: .zone.name, rrtype: "TXT", rrhost: .rel, rrvalue: .value,
      rrttl: "\(.ttl)"})
  else {done: reply.record_id[0]} end
elif .op == "remove" then
  .value as $v | .fqdn as $fqdn
  | paged(call("dnsListRecords"; {domain: .zone.name});
      reply.resource_record[]? | select(.type[0] == "TXT" and (.host[0] | same_name($fqdn))
        and (.value[0] | unquoted == $v)) | .record_id[0];
      null;
      delete_found(call("dnsDeleteRecord"; {domain: .zone.name, rrid: .id})))
else null end
