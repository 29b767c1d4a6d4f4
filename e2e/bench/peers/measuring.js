// What the Python side calls: each library as a subject that is seeded, checked and timed. Edits come
// as JSON text. `window.bench` has them, and a count of the calls of `setItem`.

import { bare, libraries } from "./peers.js";

const peers = { ...libraries, "JSON.stringify + setItem": bare };

// Milliseconds between two changes of a sample.
const gap = 0.3;

function wait() {
  const end = performance.now() + gap;
  while (performance.now() < end);
}

class Subject {
  #peer;
  #key;
  #store;
  #isLater = false;

  constructor(name, key) {
    this.#peer = peers[name];
    this.#key = key;
  }

  /** Store `text` and open a store from it, for changes like `edits`. */
  start(text, edits) {
    sessionStorage.setItem(this.#key, this.#peer.wrap(text));
    this.#isLater = this.#peer.later(JSON.parse(edits));
    this.#open();
    return this.#isLater;
  }

  #open() {
    this.#store = this.#peer.open(this.#key, this.#isLater);
  }

  stop() {
    this.#store.close();
    sessionStorage.removeItem(this.#key);
  }

  async #change(edits) {
    this.#store.change(edits);
    if (this.#isLater) await this.#store.settled();
  }

  /** Change once; the state that is stored at that moment, as JSON text. */
  async probe(edits) {
    const parsed = JSON.parse(edits);
    this.#store.change(parsed);
    let text = sessionStorage.getItem(this.#key); // no microtask has run since
    if (this.#isLater) {
      await this.#store.settled();
      text = sessionStorage.getItem(this.#key);
    }
    return JSON.stringify(this.#peer.unwrap(JSON.parse(text)));
  }

  async apply(edits) {
    await this.#change(JSON.parse(edits));
  }

  /** Milliseconds that all `changes` take, one after the other; `undos`, if any, are not timed. */
  async time(changes, undos) {
    changes = JSON.parse(changes);
    undos = JSON.parse(undos);
    let total = 0;
    for (const [number, edits] of changes.entries()) {
      wait();
      const start = performance.now();
      this.#store.change(edits);
      if (this.#isLater) await this.#store.settled();
      total += performance.now() - start;
      if (undos.length) await this.#change(undos[number]);
    }
    return total;
  }

  /** Milliseconds that it takes to open the store `times` times and read what is at `path`. */
  time_open(times, path) {
    const steps = JSON.parse(path);
    let total = 0;
    for (let i = 0; i < times; i++) {
      this.#store.close();
      const start = performance.now();
      this.#open();
      let node = this.#store.root();
      for (const step of steps) node = node[step];
      total += performance.now() - start;
      if (node === undefined) throw new Error(`nothing was opened at ${this.#key}`);
    }
    return total;
  }
}

const { setItem } = Storage.prototype;

window.bench = {
  gap,
  libraries: Object.keys(libraries),
  subject: (name, key) => new Subject(name, key),
  calls: 0,
  /** From now on `calls` is the number of calls of `setItem`, by whoever looks it up after this. */
  count() {
    this.calls = 0;
    Storage.prototype.setItem = function (...given) {
      window.bench.calls++;
      return setItem.apply(this, given);
    };
  },
  count_no_more() {
    Storage.prototype.setItem = setItem;
  },
};
