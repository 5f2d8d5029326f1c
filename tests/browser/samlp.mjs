// The package samlp as an identity provider on this machine. Everybody who comes is Radia, without being asked.

import { createPublicKey } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";
import samlp from "samlp";
import { PERSISTENT, makeProviderKey } from "./saml.mjs";

const RADIA = {
  id: "00u-radia",
  displayName: "Radia Perlman",
  name: { givenName: "Radia", familyName: "Perlman" },
  emails: [{ value: "radia@example.org" }],
};

/**
 * Starts it with its key in this folder. What it signs, with which hash, and for which certificate it encrypts can be
 * changed: `signs`, `hash` and `encryptsFor`, in PEM.
 */
export async function startSamlp(inside) {
  const folder = join(inside, "samlp");
  mkdirSync(folder);
  const { key, certificate } = makeProviderKey(folder);
  const server = createServer({ key, cert: certificate }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `https://127.0.0.1:${server.address().port}`;
  const issuer = "urn:example:samlp";
  const provider = {
    signs: { response: false, assertion: true },
    hash: "sha256",
    encryptsFor: undefined,
    metadata: writtenBy(samlp.metadata({ issuer, cert: certificate, redirectEndpointPath: "/login", postEndpointPath: "/login" }), url),
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };

  server.on("request", async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, url);
    if (pathname !== "/login") return response.writeHead(404).end();
    const asked = await promisify(samlp.parseRequest)({ query: Object.fromEntries(searchParams) });
    const answer = await promisify(samlp.getSamlResponse)(
      {
        issuer,
        key,
        cert: certificate,
        audience: asked.issuer,
        recipient: asked.assertionConsumerServiceURL,
        destination: asked.assertionConsumerServiceURL,
        inResponseTo: asked.id,
        nameIdentifierFormat: PERSISTENT,
        signAssertion: provider.signs.assertion,
        signResponse: provider.signs.response,
        signatureAlgorithm: `rsa-${provider.hash}`,
        digestAlgorithm: provider.hash,
        ...(provider.encryptsFor && {
          encryptionCert: provider.encryptsFor,
          encryptionPublicKey: createPublicKey(provider.encryptsFor).export({ type: "spki", format: "pem" }),
          encryptionAlgorithm: "http://www.w3.org/2009/xmlenc11#aes256-gcm",
          keyEncryptionAlgorithm: "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
        }),
      },
      RADIA,
    );
    response.setHeader("content-type", "text/html");
    response.end(selfPosting(asked.assertionConsumerServiceURL, answer, searchParams.get("RelayState")));
  });
  return provider;
}

/** What a handler made for the package express sends. */
function writtenBy(handler, url) {
  const { host } = new URL(url);
  let written;
  handler({ protocol: "https", headers: { host }, originalUrl: "/" }, { set() {}, send: (text) => (written = text) });
  return written;
}

/** The page by which an answer comes back (SAML Bindings, section 3.5). */
function selfPosting(action, answer, relayState) {
  const value = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<!doctype html><title>Signing in</title>
    <form method="post" action="${value(action)}">
      <input type="hidden" name="SAMLResponse" value="${Buffer.from(answer).toString("base64")}">
      <input type="hidden" name="RelayState" value="${value(relayState)}">
    </form>
    <script>document.forms[0].submit()</script>`;
}
