// Clients that go on while processes die: programs that write, edit and read through the API, and a browser that reads
// pages. Each answer is judged: success, an error after which the same request may be sent again, or a fault.

import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./cluster.mjs";

/** How long a request is sent again. */
const PATIENCE = 12_000;
/** How often a request with a key is sent again that is said to be running: if its process was killed, that is so for two minutes. */
const MOST_RUNNING = 12;

const problem = (answer) => {
  try {
    return JSON.parse(answer.text).code;
  } catch {
    return undefined;
  }
};

/** Whether the answer says that the same request may be sent again. */
function isRetryable({ status, headers, text }) {
  const isOfProxy = /<center>nginx/.test(text);
  switch (status) {
    case 0: // broken off
      return true;
    case 502:
    case 504:
      return isOfProxy;
    case 503:
      return headers["retry-after"] !== undefined;
    case 409:
      return headers["retry-after"] !== undefined && text.includes("idempotency-key-running");
    default:
      return false;
  }
}

export class Clients {
  /** What was written, by the client's own name for it: the answers, and the one that acknowledged it. */
  users = new Map();
  invitations = new Map();
  tokens = new Map();
  edited = new Map();
  /** How often each kind of answer came. */
  counts = new Map();
  /** Answers that no client should get. */
  faults = [];
  #isOver = false;
  #running = [];

  constructor(cluster, token) {
    this.cluster = cluster;
    this.authorization = { authorization: `Bearer ${token}` };
  }

  /** Asks through the proxy, and judges the answer. */
  async ask(method, path, { headers = this.authorization, body, allowed = [] } = {}) {
    const { port, host } = this.cluster;
    const answer = await ask(port, host, method, path, { headers, body });
    const isGood = answer.status >= 200 && answer.status < 300;
    const kind = `${method} ${answer.status}${isGood ? "" : ` ${problem(answer) ?? ""}`}`.trim();
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    if (!isGood && !isRetryable(answer) && !allowed.includes(answer.status)) {
      this.faults.push(`${method} ${path}: ${answer.status} ${answer.headers.location ?? ""} ${answer.text.slice(0, 300)}`);
    }
    return { ...answer, isGood, code: problem(answer) };
  }

  /** Sends a request with a key until it is acknowledged. Returns the answers; the last one may be of success. */
  async #post(path, key, body) {
    const answers = [];
    const isRunning = ({ code }) => code === "idempotency-key-running";
    for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(250)) {
      const answer = await this.ask("POST", path, { headers: { ...this.authorization, "idempotency-key": key }, body });
      answers.push(answer);
      if (answer.isGood || !isRetryable(answer) || answers.filter(isRunning).length > MOST_RUNNING) break;
    }
    return { answers, done: answers.at(-1).isGood ? JSON.parse(answers.at(-1).text) : undefined };
  }

  /** Does this again and again until it is over. */
  #repeat(pause, once) {
    const run = async () => {
      for (let number = 0; !this.#isOver; number += 1) {
        await once(number);
        await sleep(pause);
      }
    };
    this.#running.push(run());
  }

  createsUsers(name) {
    this.#repeat(60, async (number) => {
      const email = `${name}-${number}@example.org`;
      this.users.set(email, await this.#post("/api/v1/users", email, { name: `${name} ${number}`, email }));
    });
  }

  invites(name) {
    this.#repeat(120, async (number) => {
      const email = `${name}-${number}@example.org`;
      this.invitations.set(email, await this.#post("/api/v1/invitations", email, { invitees: [{ email }] }));
    });
  }

  /** Tokens of one system account, which has a hundred at most. */
  createsTokens(account) {
    this.#repeat(400, async (number) => {
      const name = `token ${number}`;
      const body = { name, mode: "read", expires_at: null };
      this.tokens.set(name, await this.#post(`/api/v1/system_accounts/${account}/tokens`, name, body));
    });
  }

  /** Counts the title of a user up. After an error the user is read again, as every program has to. */
  edits(id) {
    const path = `/api/v1/users/${id}`;
    const edit = { sent: 0, acknowledged: 0 };
    this.edited.set(id, edit);
    this.#repeat(50, async () => {
      const read = await this.ask("GET", path);
      if (!read.isGood) return;
      edit.sent += 1;
      const headers = { ...this.authorization, "if-match": read.headers.etag };
      const body = { details: { title: String(edit.sent) } };
      // An edit that seemed to fail may be committed after it was read again.
      const answer = await this.ask("PATCH", path, { headers, body, allowed: edit.isDoubtful ? [412] : [] });
      edit.isDoubtful = !answer.isGood;
      if (answer.isGood) edit.acknowledged = edit.sent;
    });
  }

  reads(path) {
    this.#repeat(20, () => this.ask("GET", path));
  }

  /** Opens pages of the console. */
  opens(path) {
    this.#repeat(60, () => this.ask("GET", path, { headers: { cookie: this.cluster.browser.cookie() } }));
  }

  async end() {
    this.#isOver = true;
    await Promise.all(this.#running);
  }
}
