// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The line to the host: every promise settles, in time, with the right reason, whatever the other side does.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { BACKOFF_MS, FIRST_REPLY_MS, HostLine, IDLE_MS, WARM_REPLY_MS, classifyDisconnect, versionSkew } from "../../extension/lib/port.js";
import { FakeTime, settle } from "./support/fake_time.mjs";

const HELLO = { ok: true, version: "1.0", protocol_min: 1, protocol_max: 1, capabilities: [] };

/** A host played by the test: `answer` is called with each request; undefined = silence. */
class FakeHost {
  ports = [];
  /** @param {(request: any) => any} answer */
  constructor(answer) {
    this.answer = answer;
  }
  connect = () => {
    const port = { requests: [], closed: false, listeners: [], enders: [], error: null };
    port.onMessage = { addListener: (f) => port.listeners.push(f) };
    port.onDisconnect = { addListener: (f) => port.enders.push(f) };
    port.disconnect = () => (port.closed = true);
    port.send = (message) => port.listeners.forEach((f) => f(message));
    port.end = (text) => port.enders.forEach((f) => f({ error: text ? { message: text } : null }));
    port.postMessage = (request) => {
      port.requests.push(request);
      const reply = this.answer(request);
      if (reply) queueMicrotask(() => port.send({ v: 1, id: request.id, ...reply }));
    };
    this.ports.push(port);
    return port;
  };
  get port() {
    return this.ports.at(-1);
  }
}

describe("the line to the host", () => {
  /** @type {FakeTime} */ let time;
  /** @type {string[]} */ let log;
  beforeEach(() => {
    time = new FakeTime();
    log = [];
  });
  afterEach(() => time.restore());

  const lineTo = (host) => new HostLine({ connect: host.connect, version: "0.1.0", now: time.now, log: (kind) => log.push(kind) });
  /** The kind a request fails with. */
  const failing = (promise) => promise.then(() => assert.fail("should have failed"), (error) => error.kind);
  /** A host that leaves "slow" unanswered from the second time on, and a line to it that is warm. */
  async function warmed() {
    const host = new FakeHost(echo);
    const line = lineTo(host);
    await line.request("slow");
    host.answer = (request) => (request.op === "slow" ? undefined : echo(request));
    return { host, line };
  }
  const echo = (request) => (request.op === "hello" ? HELLO : { ok: true, op: request.op });

  it("connects when first asked, greets with both version ranges, then asks", async () => {
    const host = new FakeHost(echo);
    const line = lineTo(host);
    assert.equal(host.ports.length, 0);
    assert.equal((await line.request("plan", { host: "shop" })).op, "plan");
    const [hello, plan] = host.port.requests;
    assert.deepEqual([hello.op, hello.protocol_min, hello.protocol_max, hello.client], ["hello", 1, 1, "extension"]);
    assert.deepEqual([plan.v, plan.op, plan.host], [1, "plan", "shop"]);
    assert.notEqual(hello.id, plan.id);
  });

  it("uses one line for all and greets once, also when asked twice at once", async () => {
    const host = new FakeHost(echo);
    const line = lineTo(host);
    await Promise.all([line.request("a"), line.request("b")]);
    await line.request("c");
    assert.equal(host.ports.length, 1);
    assert.deepEqual(host.port.requests.map((request) => request.op), ["hello", "a", "b", "c"]);
  });

  it("lets no field replace id, version or operation", async () => {
    const host = new FakeHost(echo);
    await lineTo(host).request("plan", { id: 99, op: "data_delete", v: 7 });
    const { v, op, id } = host.port.requests[1];
    assert.deepEqual({ v, op, ours: id !== 99 }, { v: 1, op: "plan", ours: true });
  });

  it("gives each its own reply, in whatever order they come", async () => {
    const host = new FakeHost((request) => (request.op === "hello" ? HELLO : undefined));
    const line = lineTo(host);
    const first = line.request("a");
    const second = line.request("b");
    await settle();
    const [, a, b] = host.port.requests;
    host.port.send({ v: 1, id: b.id, ok: true, is: "b" });
    host.port.send({ v: 1, id: a.id, ok: true, is: "a" });
    assert.deepEqual([(await first).is, (await second).is], ["a", "b"]);
  });

  it("passes on the host's own refusal with its code", async () => {
    const host = new FakeHost((request) => (request.op === "hello" ? HELLO : { ok: false, error: { code: "not_found", message: "no such order" } }));
    await assert.rejects(lineTo(host).request("order_show"), { kind: "refused", code: "not_found", message: "no such order" });
  });

  it("says no_host when connecting throws or ends before a word with a reason", async () => {
    const throwing = new HostLine({ connect: () => { throw new Error("No such native application"); }, version: "0", now: time.now });
    assert.equal(await failing(throwing.request("plan")), "no_host");
    const host = new FakeHost(() => undefined);
    const asked = failing(lineTo(host).request("plan"));
    await settle();
    host.port.end("Specified native messaging host not found.");
    assert.equal(await asked, "no_host");
  });

  it("rejects all that wait when the host dies", async () => {
    const host = new FakeHost((request) => (request.op === "hello" ? HELLO : undefined));
    const line = lineTo(host);
    const all = ["a", "b", "c"].map((op) => failing(line.request(op)));
    await settle();
    host.port.end(undefined);
    assert.deepEqual(await Promise.all(all), ["died", "died", "died"]);
    assert.ok(host.port.closed);
  });

  it("gives the first reply more time than a warm one", async () => {
    const host = new FakeHost(() => undefined);
    const cold = failing(lineTo(host).request("plan"));
    let settled = false;
    cold.then(() => (settled = true));
    await time.advance(FIRST_REPLY_MS - 1);
    assert.equal(settled, false);
    await time.advance(2);
    assert.equal(await cold, "timeout");

    const { line } = await warmed();
    const started = time.now();
    const slow = failing(line.request("slow"));
    await time.advance(WARM_REPLY_MS);
    assert.equal(await slow, "timeout");
    assert.equal(time.now() - started, WARM_REPLY_MS);
  });

  it("gives the first of each kind that time too: the host reads its data then", async () => {
    const { host, line } = await warmed();
    host.answer = () => undefined;
    const started = time.now();
    const other = failing(line.request("other"));
    await time.advance(FIRST_REPLY_MS);
    assert.equal(await other, "timeout");
    assert.equal(time.now() - started, FIRST_REPLY_MS);
  });

  it("hands a late reply to whom it concerns, and keeps the line", async () => {
    const { host, line } = await warmed();
    const late = [];
    const slow = failing(line.request("slow", {}, { onLate: (reply) => late.push(reply.is) }));
    await time.advance(WARM_REPLY_MS);
    assert.equal(await slow, "timeout");
    host.port.send({ v: 1, id: host.port.requests.at(-1).id, ok: true, is: "late" });
    assert.deepEqual(late, ["late"]);
    assert.equal((await line.request("again")).op, "again");
    assert.equal(host.ports.length, 1);
  });

  it("gives up a host that leaves two in a row unanswered", async () => {
    const { host, line } = await warmed();
    const both = [failing(line.request("slow")), failing(line.request("slow"))];
    await time.advance(WARM_REPLY_MS);
    assert.deepEqual(await Promise.all(both), ["timeout", "timeout"]);
    assert.ok(host.port.closed);
  });

  it("ends a line that brings what answers nothing", async () => {
    for (const nonsense of ["text", null, 7, { id: 4711, ok: true }, { v: 1, id: 1 }, []]) {
      const host = new FakeHost((request) => (request.op === "hello" ? HELLO : undefined));
      const asked = failing(lineTo(host).request("plan"));
      await settle();
      host.port.send(nonsense);
      assert.equal(await asked, "protocol", JSON.stringify(nonsense));
      assert.ok(host.port.closed);
    }
  });

  it("waits 1, 5, then 30 s between tries, answering at once meanwhile; a success starts over", async () => {
    const host = new FakeHost(echo);
    let works = false;
    let tries = 0;
    const connect = () => {
      tries += 1;
      if (!works) throw new Error("not there");
      return host.connect();
    };
    const line = new HostLine({ connect, version: "0", now: time.now });
    for (const [index, pause] of [...BACKOFF_MS, BACKOFF_MS.at(-1)].entries()) {
      assert.equal(await failing(line.request("plan")), "no_host");
      assert.equal(tries, index + 1);
      await time.advance(pause - 1);
      assert.equal(await failing(line.request("plan")), "no_host");
      assert.equal(tries, index + 1, "no try before the pause is over");
      await time.advance(1);
    }
    works = true;
    assert.equal((await line.request("plan")).op, "plan");
    host.port.end(undefined);
    works = false;
    await time.advance(BACKOFF_MS[0]);
    assert.equal(await failing(line.request("plan")), "no_host");
    await time.advance(BACKOFF_MS[1] - 1);
    const before = tries;
    await failing(line.request("plan"));
    assert.equal(tries, before, "the second failure since the success");
  });

  it("tries at once after \"check again\"", async () => {
    let tries = 0;
    const line = new HostLine({ connect: () => { tries += 1; throw new Error("no"); }, version: "0", now: time.now });
    await failing(line.request("plan"));
    line.retryNow();
    await failing(line.request("plan"));
    assert.equal(tries, 2);
  });

  it("closes after a minute of silence and opens again when asked", async () => {
    const host = new FakeHost(echo);
    const line = lineTo(host);
    await line.request("a");
    await time.advance(IDLE_MS - 1);
    assert.equal(host.port.closed, false);
    await line.request("b");
    await time.advance(IDLE_MS);
    assert.equal(host.ports[0].closed, true);
    assert.equal((await line.request("c")).op, "c");
    assert.equal(host.ports.length, 2);
    assert.deepEqual(log, []);
  });

  it("says which side is too old", async () => {
    const withRange = (min, max) => new FakeHost(() => ({ ...HELLO, protocol_min: min, protocol_max: max }));
    assert.equal(await failing(lineTo(withRange(0, 0)).request("plan")), "old_host");
    assert.equal(await failing(lineTo(withRange(2, 3)).request("plan")), "old_extension");
    assert.equal((await lineTo(withRange(1, 9)).request("hello")).ok, true);
    const ancient = new FakeHost(() => ({ ok: false, error: { code: "unsupported", message: "hello" } }));
    assert.equal(await failing(lineTo(ancient).request("plan")), "old_host");
    assert.equal(versionSkew({ protocol_min: "1" }), "protocol");
  });

  it("classifies an end by what was heard first, by its text only then", () => {
    const cases = [
      [false, "Specified native messaging host not found.", "no_host"],
      [false, "Access to the specified native messaging host is forbidden.", "no_host"],
      [false, "No such native application io.github.kaopu.host", "no_host"],
      [false, "An unexpected error occurred", "no_host"],
      [false, "Native host has exited.", "died"],
      [false, undefined, "died"],
      [true, "An unexpected error occurred", "died"],
      [true, undefined, "died"],
      [true, "Error when communicating with the native messaging host.", "protocol"],
      [false, "Native application tried to send a message of 1819043176 bytes, which exceeds the limit of 1048576 bytes.", "protocol"],
    ];
    for (const [heard, text, kind] of cases) assert.equal(classifyDisconnect(heard, text), kind, text);
  });
});
