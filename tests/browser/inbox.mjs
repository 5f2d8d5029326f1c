// The mailboxes of everybody in a journey, behind a real SMTP server that takes mail the way a careful one does: only
// under TLS, from the first byte or after STARTTLS, with a certificate that the sender can check, and only from somebody who signs in.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";

const USER = "roster";
const PASSWORD = "mail-goes-out-at-noon";

export class Inbox {
  static async open(folder, protection) {
    const inbox = new Inbox();
    inbox.protection = protection;
    const certificate = makeCertificate(folder);
    inbox.authority = certificate.authority;
    inbox.server = new SMTPServer({
      secure: protection === "tls",
      key: readFileSync(certificate.key),
      cert: readFileSync(certificate.certificate),
      authMethods: ["PLAIN", "LOGIN"],
      disableReverseLookup: true,
      closeTimeout: 100,
      // Before STARTTLS the server offers no AUTH, and without AUTH it takes no mail: smtp-server's own defaults.
      onAuth: ({ username, password }, session, done) =>
        session.secure && username === USER && password === PASSWORD
          ? done(null, { user: username })
          : done(new Error("wrong name or password")),
      onRcptTo: ({ address }, _session, done) =>
        inbox.refused.has(address) ? done(Object.assign(new Error("no such mailbox"), { responseCode: 550 })) : done(),
      onData: (stream, session, done) => inbox.#receive(stream, session).then(() => done(), done),
    });
    inbox.server.on("error", (error) => inbox.troubles.push(error));
    inbox.server.listen(0, "127.0.0.1");
    await once(inbox.server.server, "listening");
    return inbox;
  }

  /** Everything that arrived and nobody has taken yet. */
  mails = [];
  /** What went wrong on the wire, to be shown when a mail is missed. */
  troubles = [];
  /** Until then the server does not say that it took a letter. */
  acknowledging = Promise.resolve();
  /** Addresses that the server refuses. */
  refused = new Set();

  get url() {
    const place = `${USER}:${PASSWORD}@localhost:${this.server.server.address().port}`;
    return this.protection === "tls" ? `smtps://${place}` : `smtp://${place}?tls=required`;
  }

  /** Takes the oldest mail to this address out of the box, waiting for it if need be. */
  async waitFor(address, { within = 30_000 } = {}) {
    for (const end = Date.now() + within; ; await sleep(25)) {
      const found = this.mails.findIndex((mail) => mail.to.includes(address.toLowerCase()));
      if (found >= 0) return this.mails.splice(found, 1)[0];
      if (Date.now() > end) break;
    }
    const others = this.mails.map((mail) => `${mail.to}: ${mail.subject}`).join("; ") || "nothing";
    throw new Error(`no mail for ${address}; the box holds ${others}; trouble: ${this.troubles.join("; ") || "none"}`);
  }

  /** Whether something lies there for this address now. */
  holds(address) {
    return this.mails.some((mail) => mail.to.includes(address.toLowerCase()));
  }

  async close() {
    await new Promise((closed) => this.server.close(closed));
  }

  async #receive(stream, session) {
    const parts = [];
    for await (const part of stream) parts.push(part);
    const mail = await PostalMime.parse(Buffer.concat(parts));
    this.mails.push(
      new Mail({
        from: mail.from?.address ?? "",
        // The envelope says where it really goes.
        to: session.envelope.rcptTo.map(({ address }) => address.toLowerCase()),
        subject: mail.subject ?? "",
        text: mail.text ?? "",
        html: mail.html ?? "",
        headers: new Map(mail.headers.map(({ key, value }) => [key, value])),
      }),
    );
    await this.acknowledging;
  }
}

class Mail {
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** The one link whose path begins so; text and HTML must agree on it. */
  link(path) {
    const inText = this.#links(this.text, path);
    const inHtml = this.#links(
      [...this.html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href.replaceAll("&amp;", "&")).join("\n"),
      path,
    );
    if (inText.length !== 1 || inHtml.length !== 1 || inText[0] !== inHtml[0]) {
      throw new Error(`expected one link to ${path}, found ${inText} in the text and ${inHtml} in the HTML`);
    }
    return inText[0];
  }

  #links(from, path) {
    const all = from.match(/https?:\/\/[^\s<>"]+/g) ?? [];
    return [...new Set(all.filter((link) => new URL(link).pathname.startsWith(path)))];
  }
}

/** An authority of our own and a certificate for localhost under it, new for every run. */
function makeCertificate(folder) {
  const file = (name) => join(folder, name);
  const openssl = (...words) => execFileSync("openssl", words, { stdio: ["ignore", "ignore", "pipe"] });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    ...["req", "-x509", ...key, "-keyout", file("authority.key"), "-out", file("authority.pem"), "-days", "2"],
    ...["-subj", "/CN=Roster's test authority", "-addext", "keyUsage=critical,keyCertSign"],
  );
  openssl("req", ...key, "-keyout", file("mail.key"), "-out", file("mail.csr"), "-subj", "/CN=localhost");
  writeFileSync(
    file("mail.ext"),
    "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n",
  );
  openssl(
    ...["x509", "-req", "-in", file("mail.csr"), "-CA", file("authority.pem"), "-CAkey", file("authority.key")],
    ...["-CAcreateserial", "-days", "2", "-extfile", file("mail.ext"), "-out", file("mail.pem")],
  );
  return { authority: file("authority.pem"), certificate: file("mail.pem"), key: file("mail.key") };
}
