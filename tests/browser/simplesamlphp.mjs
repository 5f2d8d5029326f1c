// SimpleSAMLphp as an identity provider on this machine, with its own login page. Its settings are in simplesamlphp/.

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { freePort } from "./app.mjs";
import { PERSISTENT, makeProviderKey } from "./saml.mjs";

const settings = join(dirname(fileURLToPath(import.meta.url)), "simplesamlphp");
/** Where Debian's package puts it. */
const program = "/usr/share/simplesamlphp/www";

/** Starts it with its files in this folder. */
export async function startSimpleSamlPhp(inside) {
  const folder = join(inside, "simplesamlphp");
  for (const one of ["tmp", "sessions"]) mkdirSync(join(folder, one), { recursive: true });
  const { key, certificate, fingerprint } = makeProviderKey(folder);
  // PHP's own server has no TLS, and Roster sends nobody to an address without it.
  const port = await freePort();
  const front = createServer({ key, cert: certificate }, (socket) => {
    const behind = connect(port, "127.0.0.1");
    for (const [one, other] of [[socket, behind], [behind, socket]]) one.on("error", () => other.destroy()).pipe(other);
  });
  await new Promise((listens) => front.listen(0, "127.0.0.1", listens));
  const url = `https://127.0.0.1:${front.address().port}`;
  const server = spawn("php", ["-S", `127.0.0.1:${port}`, "-t", program], {
    env: { PATH: process.env.PATH, SIMPLESAMLPHP_CONFIG_DIR: settings, PROVIDER_URL: url, PROVIDER_FOLDER: folder },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text) => (log += text));
  const kill = () => server.kill("SIGKILL");
  process.once("exit", kill);
  const ended = new Promise((ended) => server.once("exit", ended).once("error", ended));
  const close = async () => {
    kill();
    process.off("exit", kill);
    front.close();
    await ended;
  };

  const address = `http://127.0.0.1:${port}/saml2/idp/metadata.php`;
  for (const end = Date.now() + 20_000; ; await sleep(50)) {
    const answer = await fetch(address).catch(() => undefined);
    if (answer?.ok) return { metadata: await answer.text(), fingerprint, trust, close };
    if (Date.now() > end || server.exitCode !== null) {
      await close();
      throw new Error(`SimpleSAMLphp does not answer: ${answer?.status}\n${log.slice(-4_000)}`);
    }
  }

  /** Makes a service provider known, and says what is signed for it and how a person is named to it. */
  function trust({ entityId, acs }, { response, assertion }, nameIdFormat = PERSISTENT) {
    const provider = {
      entityid: entityId,
      AssertionConsumerService: acs,
      NameIDFormat: nameIdFormat,
      "saml20.sign.response": response,
      "saml20.sign.assertion": assertion,
    };
    writeFileSync(join(folder, "service-provider.json"), JSON.stringify(provider));
  }
}
