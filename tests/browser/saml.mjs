// What the tests with SAML share.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
export const TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

/** The ways to sign an answer that prove who sent it. */
export const SIGNED = [
  { response: true, assertion: false },
  { response: false, assertion: true },
  { response: true, assertion: true },
];
export const UNSIGNED = { response: false, assertion: false };

/** A key of an identity provider and its certificate: provider.key and provider.pem in this folder. */
export function makeProviderKey(folder) {
  const [key, certificate] = [join(folder, "provider.key"), join(folder, "provider.pem")];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90", "-subj", "/CN=The provider of a test"];
  execFileSync("openssl", [...request, "-keyout", key, "-out", certificate], { stdio: ["ignore", "ignore", "pipe"] });
  const fingerprint = execFileSync("openssl", ["x509", "-noout", "-fingerprint", "-sha256", "-in", certificate]);
  return {
    key: readFileSync(key, "utf8"),
    certificate: readFileSync(certificate, "utf8"),
    /** As pages show it. */
    fingerprint: fingerprint.toString().trim().split("=")[1].replaceAll(":", "").toLowerCase(),
  };
}

/** What Roster's metadata tells the provider of a connection. */
export async function serviceProvider(app, connection) {
  const answer = await fetch(`${app.url}/sso/saml/${connection}`);
  assert.equal(answer.headers.get("content-type"), "application/samlmetadata+xml");
  const xml = await answer.text();
  const entityId = /entityID="([^"]+)"/.exec(xml)[1];
  const acs = /AssertionConsumerService[^>]*Location="([^"]+)"/.exec(xml)[1];
  const encryption = /use="encryption">.*?X509Certificate>([^<]+)</s.exec(xml)?.[1];
  const certificate = encryption && `-----BEGIN CERTIFICATE-----\n${encryption}\n-----END CERTIFICATE-----\n`;
  return { entityId, acs, xml, certificate };
}

/** An administrator adds a connection whose provider everybody may join through. It stays a draft; returns its path. */
export async function addsConnection(person, name, { metadata, home = person.home } = {}) {
  await person.goes(`${home}/settings/connections/new/saml`);
  if (metadata) await readsMetadata(person, { text: metadata });
  await person.fills([/^name/i, name]);
  await person.page.getByRole("radio", { name: /everybody whom the provider lets in/i }).check();
  await person.presses(/^save draft/i);
  await person.lands(/\/settings\/connections\/[0-9a-f-]{36}$/);
  return new URL(person.page.url()).pathname;
}

/** Has the form filled from metadata, by the buffer of a file, its text or its address. */
export async function readsMetadata(person, { file, text, address }) {
  if (file) {
    const upload = { name: "metadata.xml", mimeType: "application/xml", buffer: Buffer.from(file) };
    await person.page.getByLabel(/or its file/i).setInputFiles(upload);
  }
  if (text) await person.fills([/or its text/i, text]);
  if (address) await person.fills([/address of the metadata/i, address]);
  await person.presses(/^read metadata/i);
  await person.sees(/metadata was read/i);
}

export async function enables(person, connection) {
  await person.goes(connection);
  await person.presses(/^enable/i);
  await person.sees(/is enabled/);
}
