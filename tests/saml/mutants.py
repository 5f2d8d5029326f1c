"""What xmlsec1 and libxml2 say of responses that were accepted.

Reads lines of JSON: first {"certificate"} (Base64 of DER), then {"xml" (Base64), "name_id", "attributes"} for each response.
Writes one line for each: {"verdict": "valid"}, or what is wrong. Every signature has to be valid for xmlsec1, and a signed
element has to have the name and the attributes that were read.
"""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile

from lxml import etree

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
SPACES = {"ds": "http://www.w3.org/2000/09/xmldsig#", "saml": SAML, "samlp": PROTOCOL}
SIGNATURES = {
    "/samlp:Response": "/*[local-name()='Response']/*[local-name()='Signature']",
    "/samlp:Response/saml:Assertion": "/*[local-name()='Response']/*[local-name()='Assertion']/*[local-name()='Signature']",
}


def is_valid(file, certificate, signature):
    command = ["xmlsec1", "--verify", "--pubkey-cert-pem", certificate, "--enabled-key-data", "x509,rsa,key-name"]
    command += ["--id-attr:ID", f"{PROTOCOL}:Response", "--id-attr:ID", f"{SAML}:Assertion", "--node-xpath", signature, file]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def claims(assertion):
    names = assertion.xpath("saml:Subject/saml:NameID", namespaces=SPACES)
    attributes = {}
    for attribute in assertion.xpath("saml:AttributeStatement/saml:Attribute", namespaces=SPACES):
        values = attribute.xpath("saml:AttributeValue", namespaces=SPACES)
        attributes.setdefault(attribute.get("Name"), []).extend("".join(value.itertext()) for value in values)
    return ["".join(name.itertext()) for name in names], [[name, values] for name, values in attributes.items()]


def verdict(line, folder, certificate):
    document = base64.b64decode(line["xml"])
    file = folder / "response.xml"
    file.write_bytes(document)
    tree = etree.ElementTree(etree.fromstring(document))
    signed = [path for path in SIGNATURES if tree.xpath(f"{path}/ds:Signature", namespaces=SPACES)]
    if not signed:
        return "not signed"
    for path in signed:
        if not is_valid(str(file), certificate, SIGNATURES[path]):
            return f"xmlsec1 refuses the signature of {path}"
    names, attributes = claims(tree.xpath("/samlp:Response/saml:Assertion", namespaces=SPACES)[0])
    if names != [line["name_id"]] or attributes != line["attributes"]:
        return f"libxml2 reads {names} and {attributes}"
    return "valid"


def main():
    certificate = base64.b64decode(json.loads(sys.stdin.readline())["certificate"])
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        pem = folder / "certificate.pem"
        text = base64.encodebytes(certificate).decode()
        pem.write_text(f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n")
        for line in map(json.loads, sys.stdin):
            found = verdict(line, folder, str(pem))
            print(json.dumps({"verdict": found} if found == "valid" else {"verdict": found, **line}))


main()
