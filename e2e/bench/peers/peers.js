// The libraries behind one interface. `open(key, isLater)` makes a fresh store from what is stored:
// `change(edits)` changes it, `root()` reads it, `close()` undoes the opening. What changed is in
// sessionStorage when `change` returns; where `later(edits)` says that a library would write once for
// each step of such a change, its own batching is used: the text is there after `settled()`.

import { persistentJSON, setPersistentEngine, windowPersistentEvents } from "@nanostores/persistent";
import { useSessionStorage } from "@vueuse/core";
import { createStore as createJotai } from "jotai/vanilla";
import { atomWithStorage, createJSONStorage as jotaiStorage } from "jotai/vanilla/utils";
import { createPinia, defineStore, setActivePinia } from "pinia";
import { createPersistedState } from "pinia-plugin-persistedstate";
import { proxy, subscribe } from "valtio/vanilla";
import { createApp, effectScope, nextTick } from "vue";
import { createJSONStorage as zustandStorage, persist } from "zustand/middleware";
import { createStore as createZustand } from "zustand/vanilla";

import { inPlace, replaced } from "./edits.js";

const never = () => false;
const plain = { wrap: (text) => text, unwrap: (data) => data, later: never };

setPersistentEngine(sessionStorage, windowPersistentEvents);

export const libraries = {
  zustand: {
    wrap: (text) => `{"state":${text},"version":0}`,
    unwrap: (data) => data.state,
    later: never,
    open(key) {
      const storage = zustandStorage(() => sessionStorage);
      const store = createZustand(persist(() => ({}), { name: key, storage }));
      return {
        change: (edits) => store.setState((state) => replaced(state, edits)),
        root: () => store.getState(),
        close() {},
      };
    },
  },

  // `$patch` tells its subscribers, and so the plug-in, before it returns.
  pinia: {
    ...plain,
    open(key) {
      const pinia = createPinia().use(createPersistedState({ storage: sessionStorage }));
      createApp({}).use(pinia);
      setActivePinia(pinia);
      const use = defineStore(key, { state: () => ({ records: null }), persist: { key } });
      const store = use(pinia);
      return {
        change: (edits) => store.$patch((state) => inPlace(state, edits)),
        root: () => store.$state,
        close: () => store.$dispose(),
      };
    },
  },

  // It sends a storage event to its own window with each write. Here that is one that the other
  // libraries of this page do not listen to.
  VueUse: {
    ...plain,
    later: (edits) => edits.length > 1,
    open(key, isLater) {
      const scope = effectScope(true);
      const window = Object.assign(new EventTarget(), { sessionStorage });
      const flush = isLater ? "pre" : "sync";
      const data = scope.run(() => useSessionStorage(key, {}, { deep: true, flush, window }));
      return {
        change: (edits) => inPlace(data.value, edits),
        settled: nextTick,
        root: () => data.value,
        close: () => scope.stop(),
      };
    },
  },

  // Taking from an array or putting in front of it is several steps for its proxy.
  valtio: {
    ...plain,
    later: (edits) => edits.length > 1 || ["pop", "shift", "unshift"].includes(edits[0][0]),
    open(key, isLater) {
      const state = proxy(JSON.parse(sessionStorage.getItem(key)));
      const save = () => sessionStorage.setItem(key, JSON.stringify(state));
      const close = subscribe(state, save, !isLater);
      const settled = () => Promise.resolve();
      return { change: (edits) => inPlace(state, edits), settled, root: () => state, close };
    },
  },

  jotai: {
    ...plain,
    open(key) {
      const storage = jotaiStorage(() => sessionStorage);
      const atom = atomWithStorage(key, {}, storage, { getOnInit: true });
      const store = createJotai();
      const close = store.sub(atom, () => {});
      return {
        change: (edits) => store.set(atom, (state) => replaced(state, edits)),
        root: () => store.get(atom),
        close,
      };
    },
  },

  nanostores: {
    ...plain,
    open(key) {
      const store = persistentJSON(key, {});
      const close = store.listen(() => {});
      return {
        change: (edits) => store.set(replaced(store.get(), edits)),
        root: () => store.get(),
        close,
      };
    },
  },
};

export const bare = {
  ...plain,
  open(key) {
    const state = JSON.parse(sessionStorage.getItem(key));
    return {
      change(edits) {
        inPlace(state, edits);
        sessionStorage.setItem(key, JSON.stringify(state));
      },
      root: () => state,
      close() {},
    };
  },
};
