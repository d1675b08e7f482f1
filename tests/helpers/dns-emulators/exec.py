from emulator import *

PROGRAM = """#!/bin/sh
[ "$#" -eq 3 ] || exit 64
case $2 in *.exec.test.) ;; *) echo "no zone for $2" >&2; exit 1 ;; esac
exec curl -sfS --cacert "$REQUESTS_CA_BUNDLE" --data-urlencode "name=$2" --data-urlencode "value=$3" \\
	"https://hook.exec.test/$1"
"""


class Exec(Emulator):
    HOSTS = ["hook.exec.test"]
    CREDENTIALS = {"program": "{T}/exec-hook"}
    FILES = {"exec-hook": PROGRAM}
    MODE = 0o700
    LIMIT = None
    LEGO = ("exec", {"EXEC_PATH": "{T}/exec-hook"})

    @route("POST", "/present")
    def present(self, r):
        d = r.form()
        self.store.add(self.zone, d["name"], "TXT", d["value"], 60)
        return 200, b"", {}

    @route("POST", "/cleanup")
    def cleanup(self, r):
        d = r.form()
        for x in self.store.find(self.zone, d["name"], "TXT"):
            if x["value"] == d["value"]:
                self.store.remove(self.zone, x["id"])
        return 200, b"", {}
