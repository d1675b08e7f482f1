from emulator import *


class Netcup(Emulator):
    HOSTS = ["ccp.netcup.net"]
    CREDENTIALS = {"customer_id": "12345", "api_key": "netcup-key-0123456789",
                   "api_password": "netcup-password-0123456789"}
    WRONG = "api_password"
    LEGO = ("netcup", {"NETCUP_CUSTOMER_NUMBER": "12345", "NETCUP_API_KEY": "netcup-key-0123456789",
                       "NETCUP_API_PASSWORD": "netcup-password-0123456789"})

    session = 1

    def expire(self):
        self.session += 1
        return True

    def answer_(self, action, data, status="success", code=2000, message=""):
        return {"serverrequestid": "x", "clientrequestid": "", "action": action,
                "status": status, "statuscode": code, "shortmessage": message,
                "longmessage": message, "responsedata": data}

    def no(self, action, code, message):
        raise Refuse(200, self.answer_(action, "", "error", code, message))

    @route("POST", "/run/webservice/servers/endpoint.php")
    def call(self, r):
        if r.raw_query != "JSON":
            raise Malformed("query")
        d = r.json()
        action, p = d["action"], d["param"]
        if str(p["customernumber"]) != "12345" or p["apikey"] != "netcup-key-0123456789":
            self.no(action, 4013, "Validation Error: api key")
        if action == "login":
            if p["apipassword"] != "netcup-password-0123456789":
                self.no(action, 4001, "The login to the API failed.")
            return self.answer_(action, {"apisessionid": "netcup-session-%d" % self.session})
        if p["apisessionid"] != "netcup-session-%d" % self.session:
            self.no(action, 4001, "The session id is not in a valid format.")
        if action == "logout":
            return self.answer_(action, "")
        zone = self.store.zone(p["domainname"])
        if zone is None:
            self.no(action, 5028, "Domain not found.")
        if action == "infoDnsZone":
            return self.answer_(action, {"name": zone["name"], "ttl": "300"})
        if action == "updateDnsRecords":
            for x in p["dnsrecordset"]["dnsrecords"]:
                if x.get("deleterecord"):
                    self.store.remove(zone, x["id"])
                elif not x.get("id"):
                    self.store.add(zone, absolute(x["hostname"], zone["name"]), x["type"],
                                   x["destination"], 300)
        elif action != "infoDnsRecords":
            raise Malformed(action)
        return self.answer_(action, {"dnsrecords": [
            {"id": x["id"], "hostname": relative(x["name"], zone["name"]), "type": x["type"],
             "priority": "0", "destination": x["value"], "deleterecord": False, "state": "yes"}
            for x in zone["records"]]})
