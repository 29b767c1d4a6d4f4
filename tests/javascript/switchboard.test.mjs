// The switchboard of a window, evaluated as `switchboard.py` does, in a window without a browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const FILE = new URL("../../anchor_session/host/switchboard.js", import.meta.url);
const SOURCE = readFileSync(FILE, "utf8");

class Storage {
  #items = new Map();
  getItem = (key) => this.#items.get(key) ?? null;
  setItem = (key, text) => void this.#items.set(key, String(text));
  removeItem = (key) => void this.#items.delete(key);
  key = (index) => [...this.#items.keys()][index] ?? null;
}

class Channel {
  port1 = {};
  port2 = { postMessage: () => setImmediate(() => this.port1.onmessage()) };
}

// A window, what its documents do to it, and the switchboard that they all get.
const open = () => {
  const listeners = new Set();
  const reported = [];
  const window = {
    sessionStorage: new Storage(),
    localStorage: new Storage(),
    MessageChannel: Channel,
    addEventListener: (type, listener) => listeners.add(listener),
    removeEventListener: (type, listener) => listeners.delete(listener),
    reportError: (error) => reported.push(error),
  };
  window.window = window;
  const evaluate = () => runInNewContext(SOURCE, window, { filename: FILE.pathname });
  const fire = (storageArea, key) => listeners.forEach((hear) => hear({ storageArea, key }));
  return { window, listeners, reported, evaluate, fire, switchboard: evaluate() };
};
// A member that listens, with all that it is told.
const listening = (switchboard, answer = () => undefined) => {
  const told = [];
  const member = switchboard.join();
  member.listen((news) => {
    told.push(JSON.parse(news));
    return answer();
  });
  return { member, told };
};
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("a window has one switchboard, whoever evaluates the source", () => {
  const { switchboard, evaluate } = open();
  assert.equal(evaluate(), switchboard);
});

test("an area is known by its kind, and one that is not the window's has no functions", () => {
  const { switchboard, window } = open();
  const member = switchboard.join();
  assert.equal(member.bind(window.sessionStorage).kind, "session");
  assert.equal(member.bind(window.localStorage).kind, "local");
  assert.equal(member.bind(new Storage()), null);
});

test("a window that refuses an area has the other one", () => {
  const { switchboard, window } = open();
  Object.defineProperty(window, "sessionStorage", {
    get() {
      throw new Error("SecurityError");
    },
  });
  assert.equal(switchboard.join().bind(window.localStorage).kind, "local");
});

test("what one member writes and removes is told to the others, never to the writer", async () => {
  const { switchboard, window } = open();
  const writer = listening(switchboard);
  const reader = listening(switchboard);
  const area = writer.member.bind(window.sessionStorage);
  reader.member.bind(window.sessionStorage).learn("a");
  area.write("a", "1");
  area.write("b#1", "2");
  area.remove("a");
  await turn();
  assert.equal(window.sessionStorage.getItem("a"), null);
  assert.deepEqual(reader.told, [[["session", ["a", "b#1"]]]]);
  assert.deepEqual(writer.told, []);
});

test("what another document stores is told to all members", async () => {
  const { switchboard, window, fire } = open();
  const members = [listening(switchboard), listening(switchboard)];
  fire(window.localStorage, "a");
  fire(window.localStorage, null);
  fire(new Storage(), "b");
  await turn();
  for (const { told } of members) assert.deepEqual(told, [[["local", null]]]);
});

test("a member that has not listened is told later of what it had read before", async () => {
  const { switchboard, window } = open();
  const writer = switchboard.join().bind(window.sessionStorage);
  const late = switchboard.join();
  late.bind(window.sessionStorage).learn("known");
  writer.write("known", "1");
  writer.write("other", "1");
  const told = [];
  late.listen((news) => void told.push(JSON.parse(news)));
  await turn();
  assert.deepEqual(told, [[["session", ["known"]]]]);
});

test("more keys than the most that wait are told as the area alone", async () => {
  const { switchboard, window, fire } = open();
  const { told } = listening(switchboard);
  for (let n = 0; n <= 20000; n += 1) fire(window.sessionStorage, "k" + n);
  await turn();
  assert.deepEqual(told, [[["session", null]]]);
});

test("a guarded write is refused while another's is unread", () => {
  const { switchboard, window } = open();
  const [one, other] = [switchboard.join(), switchboard.join()].map((each) => each.bind(window.localStorage));
  one.learn("a");
  other.write("a#journal", "2");
  assert.equal(one.writeIfKnown("a", "1"), false);
  assert.equal(one.removeIfKnown("a"), false);
  assert.equal(one.learn("a"), null);
  assert.notEqual(one.writeIfKnown("a", "1"), false);
  assert.equal(window.localStorage.getItem("a"), "1");
});

test("a member that has not answered is told nothing more until it has", async () => {
  const { switchboard, window, fire } = open();
  let finish;
  const { told } = listening(switchboard, () => new Promise((resolve) => (finish = resolve)));
  fire(window.sessionStorage, "a");
  await turn();
  fire(window.sessionStorage, "b");
  await turn();
  assert.deepEqual(told, [[["session", ["a"]]]]);
  finish();
  await turn();
  assert.deepEqual(told.slice(1), [[["session", ["b"]]]]);
});

test("a member whose interpreter is gone is told nothing more; other errors are reported", async () => {
  for (const [text, times, reports] of [
    ["Object has already been destroyed", 1, 0],
    ["Pyodide already fatally failed", 1, 0],
    ["NameError", 2, 2],
  ]) {
    const { switchboard, window, reported, fire } = open();
    const { told } = listening(switchboard, () => {
      throw new Error(text);
    });
    for (const key of ["a", "b"]) {
      fire(window.sessionStorage, key);
      await turn();
    }
    assert.deepEqual([told.length, reported.length], [times, reports], text);
  }
});

test("the window is listened to while any member listens", () => {
  const { switchboard, listeners } = open();
  const [one, other] = [listening(switchboard), listening(switchboard)];
  assert.equal(listeners.size, 1);
  one.member.listen(null);
  assert.equal(listeners.size, 1);
  other.member.listen(null);
  assert.equal(listeners.size, 0);
});

test("numbered entries are read on, appended and trimmed", () => {
  const { switchboard, window } = open();
  const entries = switchboard.join().number(window.sessionStorage, "s#", true);
  assert.equal(entries.read(), "[]");
  assert.deepEqual(["a", "b", "c"].map(entries.append), [true, true, true]);
  assert.equal(window.sessionStorage.getItem("s#3"), "c");
  assert.equal(entries.replaceLast("C"), true);
  assert.equal(entries.isCurrent(), true);
  assert.equal(entries.trim(1), true);
  assert.equal(window.sessionStorage.getItem("s#2"), null);
  assert.equal(entries.append("d"), true);
  assert.equal(entries.read(), '["a","d"]');
});

test("entries that another member continues are read on, not over", () => {
  const { switchboard, window } = open();
  const [one, other] = [switchboard.join(), switchboard.join()].map((each) => {
    each.bind(window.sessionStorage).learn("s");
    return each.number(window.sessionStorage, "s#j.", true);
  });
  one.read();
  other.read();
  assert.equal(one.append("1"), true);
  assert.equal(other.isCurrent(), false);
  assert.equal(other.append("x"), false);
  assert.equal(other.more(), '["1"]');
  assert.equal(other.append("2"), true);
  assert.equal(one.trim(0), false);
  assert.equal(one.more(), '["2"]');
  assert.equal(one.trim(0), true);
  assert.equal(other.more(), null);
});

test("an area is sampled, measured and searched", () => {
  const { switchboard, window } = open();
  const member = switchboard.join();
  window.localStorage.setItem("s", "abcdef");
  window.localStorage.setItem("t", "");
  const entries = member.number(window.localStorage, "s#", false);
  assert.equal(entries.sample("s", 2), "6:ace");
  assert.equal(entries.sample("none", 2), "0:");
  assert.equal(member.used(window.localStorage), 8);
  assert.equal(member.keysOf(window.localStorage, "s"), '["s"]');
});

test("messages of a channel are handed on as data, and errors are reported", async () => {
  const { switchboard, reported } = open();
  const channel = {};
  const heard = [];
  switchboard.join().hear(channel, (data) => {
    heard.push(data);
    if (data === 2) throw new Error("NameError");
  });
  await channel.onmessage({ data: 1 });
  await channel.onmessage({ data: 2 });
  assert.deepEqual(heard, [1, 2]);
  assert.equal(reported.length, 1);
});

test("an entry of another document is read on; a new document ends that", () => {
  const { switchboard, window, fire } = open();
  const { member } = listening(switchboard);
  member.bind(window.sessionStorage).learn("s");
  const entries = member.number(window.sessionStorage, "s#j.", true);
  entries.read();
  window.sessionStorage.setItem("s#j.1", "1");
  fire(window.sessionStorage, "s#j.1");
  assert.equal(entries.isCurrent(), false);
  assert.equal(entries.more(), '["1"]');
  assert.equal(entries.isCurrent(), true);
  fire(window.sessionStorage, "s");
  assert.equal(entries.more(), null);
});

test("entries that were trimmed and written anew are not read on, though they look the same", () => {
  const { switchboard, window } = open();
  const [one, other] = [switchboard.join(), switchboard.join()].map((each) => {
    each.bind(window.sessionStorage).learn("s");
    return each.number(window.sessionStorage, "s#j.", true);
  });
  one.read();
  one.append("1");
  other.read();
  one.trim(0);
  one.append("1");
  one.append("2");
  assert.equal(other.more(), null);
});

test("entries whose last one is another are not read on", () => {
  const { switchboard, window } = open();
  const entries = switchboard.join().number(window.sessionStorage, "s#j.", false);
  entries.read();
  entries.append("1");
  window.sessionStorage.setItem("s#j.1", "x");
  window.sessionStorage.setItem("s#j.2", "2");
  assert.equal(entries.more(), null);
});

test("a member that listens no more is refused nothing", () => {
  const { switchboard, window } = open();
  const { member } = listening(switchboard);
  const area = member.bind(window.sessionStorage);
  area.learn("a");
  member.listen(null);
  switchboard.join().bind(window.sessionStorage).write("a", "1");
  assert.notEqual(area.writeIfKnown("a", "2"), false);
});

test("a member that was given up is told again when it listens again", async () => {
  const { switchboard, window, fire } = open();
  const { member } = listening(switchboard, () => {
    throw new Error("Object has already been destroyed");
  });
  fire(window.sessionStorage, "a");
  await turn();
  const told = [];
  member.listen((news) => void told.push(JSON.parse(news)));
  fire(window.sessionStorage, "b");
  await turn();
  assert.deepEqual(told, [[["session", ["b"]]]]);
});

test("what a script or a frame stored unheard is not written over", () => {
  const { switchboard, window } = open();
  const area = switchboard.join().bind(window.sessionStorage);
  const learn = () => (area.learn("a", "a#journal.1"), area.writeIfKnown("a", "1"));
  for (const change of [
    () => window.sessionStorage.setItem("a", "theirs"),
    () => window.sessionStorage.removeItem("a"),
    () => window.sessionStorage.setItem("a#journal.1", "theirs"),
  ]) {
    for (const key of ["a", "a#journal.1"]) window.sessionStorage.removeItem(key);
    assert.notEqual(learn(), false);
    change();
    assert.equal(area.writeIfKnown("a", "2"), false);
    assert.equal(area.removeIfKnown("a"), false);
    assert.notEqual(learn(), false);
  }
});

test("an own journal is nobody else's", () => {
  const { switchboard, window } = open();
  const member = switchboard.join();
  const area = member.bind(window.sessionStorage);
  area.learn("a", "a#journal.1");
  const entries = member.number(window.sessionStorage, "a#journal.", true);
  entries.read();
  entries.append("1");
  assert.notEqual(area.writeIfKnown("a", "1"), false);
  entries.trim(0);
  assert.notEqual(area.writeIfKnown("a", "2"), false);
});
