# Alibaba Cloud DNS (RPC): everything is in the signed query.
def call($action; $query):
  {request: {method: "GET", path: "/", query: ({Action: $action, Version: "2015-01-09"} + $query)}};
def domains($page): call("DescribeDomains"; {PageNumber: "\($page)", PageSize: "100"});
def listing($page):
  call("DescribeDomainRecords"; {DomainName: .zone.name, RRKeyWord: rel, TypeKeyWord: "TXT",
    PageNumber: "\($page)", PageSize: "100"});
def more: body.PageNumber * body.PageSize < body.TotalCount;

if .op == "find" then
  find_in_list(domains(1); body.Domains.Domain[] | {name: .DomainName};
    if more then domains(body.PageNumber + 1) else null end)
elif .op == "add" then
  if begins then
    call("AddDomainRecord"; {DomainName: .zone.name, RR: rel, Type: "TXT", Value: .value,
      TTL: "\(.ttl)"})
  else {done: body.RecordId} end
elif .op == "remove" then
  .value as $v | rel as $rel
  | paged(listing(1);
      body.DomainRecords.Record[] | select(.Type == "TXT" and .RR == $rel
        and (.Value | unquoted == $v)) | .RecordId;
      if more then listing(body.PageNumber + 1) else null end;
      delete_found(call("DeleteDomainRecord"; {RecordId: "\(.id)"}) | accept([400])))
elif .op == "error" and .failed == "add" and (body.Code? // "" | test("DomainRecordDuplicate")) then done
elif .op == "error" and (body.Code? // "" | test("^Throttling")) then
  {error: {retry: 1, detail: "Alibaba Cloud: \(body.Message)"}}
elif .op == "error" and status < 500 then fail("Alibaba Cloud: \(body.Message? // status)")
else null end
