"""roles.py - TAP: AWS profiles whose role is taken with the keys of the machine or
container that this is, against a metadata service and STS that check signatures.

    roles.py route53      in a network namespace that has their addresses, with a CA
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402
import serve  # noqa: E402
from emulator import *  # noqa: E402,F403
from route53 import Route53, sigv4  # noqa: E402
from run import T, challenge, detail, result, write  # noqa: E402

ARN = "arn:aws:iam::123456789012:role/dns"
KEYS = {"ec2": ("ASIAEC2EXAMPLE000000", "ec2-secret-0123456789", "ec2-token-0123456789"),
        "ecs": ("ASIAECSEXAMPLE000000", "ecs-secret-0123456789", "ecs-token-0123456789")}
ROLE = ("ASIAROLEEXAMPLE00000", "role-secret-0123456789", "role-token-0123456789")


def shown(keys):
    return {"Code": "Success", "AccessKeyId": keys[0], "SecretAccessKey": keys[1],
            "Token": keys[2], "Expiration": "2040-01-01T00:00:00Z"}


class Machine(Emulator):
    HOSTS = ["169.254.169.254", "169.254.170.2"]

    @route("PUT", "/latest/api/token")
    def token(self, r):
        return 200, b"imds-token", {}

    @route("GET", "/latest/meta-data/iam/security-credentials/")
    def role(self, r):
        if r.headers.get("x-aws-ec2-metadata-token") != "imds-token":
            raise Refuse(401)
        return 200, b"my-role", {}

    @route("GET", "/latest/meta-data/iam/security-credentials/my-role")
    def keys(self, r):
        self.role(r)
        return shown(KEYS["ec2"])

    @route("GET", "/container")
    def container(self, r):
        if r.host != "169.254.170.2":
            raise Malformed("host")
        return shown(KEYS["ecs"])


class Sts(Emulator):
    HOSTS = ["sts.amazonaws.com"]

    @route("GET", "/")
    def assume(self, r):
        def no(code, message):
            raise Refuse(403, "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message>"
                         "</Error></ErrorResponse>" % (code, message))
        signed = r.headers.get("authorization", "")
        for key, secret, token in KEYS.values():
            if "=%s/" % key in signed:
                sigv4(r, secret, key, "sts", no)
                if r.headers.get("x-amz-security-token") != token:
                    no("InvalidClientTokenId", "token")
                break
        else:
            no("InvalidClientTokenId", "key")
        if (r.query["Action"], r.query["RoleArn"], r.query["ExternalId"],
                r.query["RoleSessionName"]) != ("AssumeRole", ARN, "x-1", "me"):
            raise Malformed("query")
        self.used = key
        return ("<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>%s"
                "</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>%s"
                "</SessionToken><Expiration>2040-01-01T00:00:00Z</Expiration></Credentials>"
                "</AssumeRoleResult></AssumeRoleResponse>" % ROLE)


class Assumed(Route53):
    KEY, SECRET = ROLE[:2]
    ENV = {"AWS_CONFIG_FILE": "{T}/aws", "AWS_SHARED_CREDENTIALS_FILE": "{T}/none",
           "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/container"}

    def __init__(self):
        super().__init__()
        self.name = "route53"

    def authorize(self, r):
        super().authorize(r)
        if r.headers.get("x-amz-security-token") != ROLE[2]:
            self.no(403, "InvalidClientTokenId", "token")


def profile(*lines):
    write(T + "/aws", "\n".join(("[default]", "role_arn = " + ARN, "external_id = x-1",
                                "role_session_name = me") + lines) + "\n")


def assumes(e, sts, how, key):
    profile("credential_source = " + how)
    sts.used = None
    p = run.Plugin(e)
    done = p.say("perform", challenges=[challenge(e.zone_name, run.V1)])
    there = e.txt("_acme-challenge." + e.zone_name)
    told = json.dumps(done) + "".join(p.logs) + p.end()
    result(done.get("ok") and run.V1 in there and sts.used == key
           and run.V1 not in e.txt("_acme-challenge." + e.zone_name),
           "credential_source = %s: the role is taken with its keys" % how,
           p.ready, done, there, sts.used, told)
    result("secret-0123" not in told and "token-0123" not in told,
           "%s: no key is shown" % how, told)


def refused(e, what, words, *lines, **env):
    profile(*lines)
    e.ENV = dict(Assumed.ENV, **env)
    p = run.Plugin(e)
    told = detail(p.ready)
    p.end()
    e.ENV = Assumed.ENV
    result(re.search(words, told), "%s: %s" % (what, told.replace("#", "")), p.ready)


if __name__ == "__main__":
    e, machine, sts = Assumed(), Machine(), Sts()
    serve.start([e, machine, sts], os.environ["CA_DIR"] + "/tls/cert.pem",
                os.environ["CA_DIR"] + "/tls/key.pem", plain=("", 80))
    e.seed()
    # Both services are there: the profile says which counts.
    assumes(e, sts, "Ec2InstanceMetadata", KEYS["ec2"][0])
    assumes(e, sts, "EcsContainer", KEYS["ecs"][0])
    refused(e, "no container", "EcsContainer, but neither AWS_CONTAINER_CREDENTIALS_REL",
            "credential_source = EcsContainer", AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="")
    refused(e, "no keys in the environment", "but AWS_ACCESS_KEY_ID is not set",
            "credential_source = Environment")
    refused(e, "another word", "none of Environment, Ec2InstanceMetadata, EcsContainer",
            "credential_source = Elsewhere")
    refused(e, "two sources", "both source_profile and credential_source",
            "credential_source = EcsContainer", "source_profile = other")
    refused(e, "a role alone", "neither source_profile nor credential_source")
    refused(e, "no such profile", "source_profile = other, and there is no such profile",
            "source_profile = other")
    refused(e, "a role of a role", "a role by way of another role is not supported",
            "source_profile = other", "[profile other]", "role_arn = " + ARN,
            "source_profile = third")
    for one in (e, machine, sts):
        result(not one.bad, "no call was malformed: %s" % type(one).__name__, *one.bad[:5])
    print("1..%d" % run.N)
    sys.exit(run.FAILED > 0)
