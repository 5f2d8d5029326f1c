// A real streaming replica: exports are read from it while it answers, and from the primary while it does not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { engine } from "../browser/app.mjs";
import { Roster } from "../bench/roster.mjs";
import { Postgres } from "./postgres.mjs";

const isPostgres = engine === "postgres";

test("exports are read from the replica, and from the primary while it is away", { skip: !isPostgres && "SQLite has no replica" }, async () => {
  const primary = await Postgres.start();
  let replica, roster;
  try {
    replica = await primary.replica();
    roster = new Roster({ DATABASE_URL: primary.url, DATABASE_READ_URL: replica.url });
    roster.fill(30);
    await roster.serve();
    await roster.signsIn();
    const list = `${roster.home}/users`;
    const exported = async () => (await roster.send("GET", `${list}/export`)).text;
    const lists = async () => (await roster.send("GET", `${list}?q=replicated`)).text;

    // From now on the replica keeps what it has.
    await replica.receivesAll(primary);
    replica.query("select pg_wal_replay_pause()");
    primary.query("update members set name = 'Replicated Late', name_key = 'replicated late', search_key = 'replicated late' where id = (select min(id::text)::uuid from members where kind = 'user')");
    assert.match(await lists(), /Replicated Late/, "pages are read from the primary");
    const behind = await exported();
    assert.doesNotMatch(behind, /Replicated Late/, "the export is read from the replica");
    assert.ok(behind.split("\r\n").length > 10, "an export of few people");

    replica.query("select pg_wal_replay_resume()");
    await replica.receivesAll(primary);
    assert.match(await exported(), /Replicated Late/);

    primary.query("update members set name = 'Replicated Later' where name = 'Replicated Late'");
    await replica.stops("immediate");
    assert.match(await exported(), /Replicated Later/, "without the replica the export is read from the primary");
    assert.match(await exported(), /Replicated Later/);
  } finally {
    roster?.close();
    replica?.close();
    primary.close();
  }
});
