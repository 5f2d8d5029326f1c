"""An identity provider of pysaml2: `saml_provider.py KEY CERTIFICATE ADDRESS`, the last one of Roster's metadata.

It prints the address of its own metadata and serves until it is killed. Everybody who comes is Grace. What of an answer is
signed stands in the query: `response=1` and `assertion=1`.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import create_metadata_string
from saml2.saml import NAME_FORMAT_URI, NAMEID_FORMAT_PERSISTENT
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

GRACE = {"mail": ["grace@example.org"], "givenName": ["Grace"], "sn": ["Hopper"], "displayName": ["Grace Hopper"]}

key, certificate, roster = sys.argv[1:]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        place = urlsplit(self.path)
        if place.path == "/metadata":
            return self.send("application/samlmetadata+xml", create_metadata_string("", config=config))
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        request = provider.parse_authn_request(query["SAMLRequest"], BINDING_HTTP_REDIRECT)
        asked = provider.response_args(request.message, [BINDING_HTTP_POST])
        answer = provider.create_authn_response(
            GRACE,
            userid="grace",
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": address},
            sign_response="response" in query,
            sign_assertion="assertion" in query,
            sign_alg=SIG_RSA_SHA256,  # the default is SHA-1, which Roster refuses
            digest_alg=DIGEST_SHA256,
            **asked,
        )
        form = provider.apply_binding(BINDING_HTTP_POST, str(answer), asked["destination"], query["RelayState"], response=True)
        self.send("text/html", form["data"])

    def send(self, kind, text):
        body = text if isinstance(text, bytes) else text.encode()
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
# It says https, because Roster sends nobody elsewhere. A caller on this machine has to leave TLS out.
address = f"https://127.0.0.1:{server.server_port}"
config = IdPConfig().load(
    {
        "entityid": f"{address}/metadata",
        "key_file": key,
        "cert_file": certificate,
        "metadata": {"remote": [{"url": roster}]},
        "service": {
            "idp": {
                "endpoints": {"single_sign_on_service": [(f"{address}/login", BINDING_HTTP_REDIRECT)]},
                "policy": {
                    "default": {
                        "lifetime": {"minutes": 15},
                        "name_form": NAME_FORMAT_URI,
                        "nameid_format": NAMEID_FORMAT_PERSISTENT,
                    }
                },
            }
        },
    }
)
provider = Server(config=config)
print(f"http://127.0.0.1:{server.server_port}/metadata", flush=True)
server.serve_forever()
