// The switchboard of a window: where all Python interpreters of one document meet.
//
// They are the page's own and those of its PyScript workers, whose writes go through the page's `window`, so
// that no storage event tells one of them of another's. `switchboard.py` evaluates this file, whose value is the switchboard.

(() => {
  const name = Symbol.for("anchor_session");
  if (window[name]) return window[name];
  // Keys that wait for one member; beyond that it is told of the area alone.
  const MOST = 20000;
  const FRESH = 0, CONTINUED = 1, CHANGED = 2;
  const members = new Set();

  const kindOf = (area) => {
    for (const kind of ["session", "local"]) {
      try {
        if (window[kind + "Storage"] === area) return kind;
      } catch {}
    }
    return null;
  };
  const stateOf = (key) => {
    const end = key.indexOf("#");
    return end < 0 ? key : key.slice(0, end);
  };

  // What waits for a member is told in one call, in a task of its own; a worker that has not answered yet
  // is told nothing more, so that no queue grows before one that is busy, or was terminated.
  let isDue = false;
  const { port1, port2 } = new MessageChannel();
  const plan = () => {
    if (!isDue) port2.postMessage(null);
    isDue = true;
  };
  port1.onmessage = () => {
    isDue = false;
    for (const member of [...members]) deliver(member);
  };
  const failed = (member, error) => {
    if (/already been destroyed|fatally failed/.test(error)) members.delete(member);
    else reportError(error);
  };
  const deliver = (member) => {
    const { tell, sides } = member;
    if (!tell || member.asked === tell) return;
    const news = [];
    for (const kind in sides) {
      const { keys } = sides[kind];
      if (keys === null || keys.size) news.push([kind, keys && [...keys]]);
      sides[kind].keys = new Set();
    }
    if (!news.length) return;
    let answer;
    try {
      answer = tell(JSON.stringify(news));
    } catch (error) {
      failed(member, error);
    }
    if (!answer || !answer.then) return;
    member.asked = tell;
    answer.then(null, (error) => failed(member, error)).then(() => {
      if (member.asked === tell) member.asked = null;
      plan();
    });
  };
  const note = (member, kind, key, how) => {
    const { keys, known } = member.sides[kind];
    const state = key === null ? null : stateOf(key);
    if (known.get(state) < how) known.set(state, how);
    // A worker that opens its first state has read it before it listens.
    if (!member.tell && !(key === null ? known.size : known.has(state))) return;
    if (key === null || (keys !== null && keys.size >= MOST)) member.sides[kind].keys = null;
    else if (keys !== null) keys.add(key);
  };
  const hear = ({ storageArea, key }) => {
    const kind = kindOf(storageArea);
    if (kind === null) return;
    const how = /#.*\.\d+$/.test(key) ? CONTINUED : CHANGED;
    for (const member of members) note(member, kind, key, how);
    plan();
  };

  const join = () => {
    const sides = {
      session: { keys: new Set(), known: new Map(), texts: new Map() },
      local: { keys: new Set(), known: new Map(), texts: new Map() },
    };
    const member = { tell: null, asked: null, sides };
    members.add(member);
    const wrote = (kind, key, how) => {
      for (const other of members) {
        if (other === member) continue;
        note(other, kind, key, how);
        if (other.tell && other.asked !== other.tell) plan();
      }
    };

    return {
      listen(tell) {
        member.tell = tell ?? null;
        if (tell) members.add(member);
        else
          for (const kind in sides) {
            const side = sides[kind];
            side.known.clear();
            side.texts.clear();
            side.keys = new Set();
          }
        removeEventListener("storage", hear);
        for (const each of members) if (each.tell) return addEventListener("storage", hear), plan();
      },

      // The functions of an area that belongs to this window.
      bind(area) {
        const kind = kindOf(area);
        if (kind === null) return null;
        const { known, texts } = sides[kind];
        const beside = new Map();
        // Of a key that was learnt, the text is known, and the one at a key beside it: what frames and
        // scripts store unheard is seen by that.
        const isOther = (key) => texts.has(key) && area.getItem(key) !== texts.get(key);
        const isBehind = (key) =>
          known.get(stateOf(key)) > FRESH || isOther(key) || isOther(beside.get(key));
        const store = (key, text) => {
          if (text === null) area.removeItem(key);
          else area.setItem(key, text);
          if (texts.has(key)) texts.set(key, text);
          wrote(kind, key, CHANGED);
        };
        const write = (key, text) => store(key, text);
        const remove = (key) => store(key, null);
        const learn = (key, other) => {
          const text = area.getItem(key);
          known.set(stateOf(key), FRESH);
          texts.set(key, text);
          if (other) {
            beside.set(key, other);
            texts.set(other, area.getItem(other));
          }
          return text;
        };
        return {
          kind,
          read: (key) => area.getItem(key),
          write,
          remove,
          learn,
          writeIfKnown: (key, text) => (isBehind(key) ? false : write(key, text)),
          removeIfKnown: (key) => (isBehind(key) ? false : remove(key)),
        };
      },

      // Those of the entries in any area whose keys are the prefix and a number.
      number(area, prefix, isGuarded) {
        const kind = kindOf(area), state = stateOf(prefix);
        const { known, texts } = isGuarded && kind !== null ? sides[kind] : { known: new Map(), texts: new Map() };
        const isBehind = () => known.get(state) > FRESH;
        const told = (number, how) => {
          const key = prefix + number;
          if (texts.has(key)) texts.set(key, area.getItem(key));
          if (kind !== null) wrote(kind, key, how);
        };
        let count = 0, last = null;
        const at = (number) => (number ? area.getItem(prefix + number) ?? null : null);
        const readOn = () => {
          if (at(count) !== last) return null;
          const texts = [];
          for (let text; (text = at(count + 1)) !== null; count += 1, last = text) texts.push(text);
          return JSON.stringify(texts);
        };
        const isCurrent = () => !isBehind() && at(count) === last && at(count + 1) === null;
        return {
          sample(key, step) {
            const text = area.getItem(key) ?? "";
            let found = text.length + ":";
            for (let n = 0; n < text.length; n += step) found += text[n];
            return found;
          },
          isCurrent,
          read: () => (count = 0, last = null, readOn()),
          more() {
            const texts = known.get(state) === CHANGED ? null : readOn();
            if (texts !== null && isBehind()) known.set(state, FRESH);
            return texts;
          },
          append(text) {
            if (!isCurrent()) return false;
            area.setItem(prefix + (count + 1), text);
            count += 1;
            last = text;
            told(count, CONTINUED);
            return true;
          },
          replaceLast(text) {
            if (!count || !isCurrent()) return false;
            area.setItem(prefix + count, text);
            last = text;
            told(count, CHANGED);
            return true;
          },
          trim(kept) {
            if (isBehind()) return false;
            let end = kept;
            while (at(end + 1) !== null) end += 1;
            for (; end > kept; end -= 1) {
              area.removeItem(prefix + end);
              told(end, CHANGED);
            }
            count = kept;
            last = at(kept);
            return true;
          },
        };
      },

      // An event is read here: in a worker it may be gone by the time that Python looks at it.
      hear(channel, tell) {
        channel.onmessage = async ({ data }) => {
          try {
            await tell(data);
          } catch (error) {
            failed(member, error);
          }
        };
      },

      keysOf(area, prefix) {
        const found = [];
        for (let n = 0, key; (key = area.key(n)) !== null; n += 1)
          if (key.startsWith(prefix)) found.push(key);
        return JSON.stringify(found);
      },

      used(area) {
        let units = 0;
        for (let n = 0, key; (key = area.key(n)) !== null; n += 1)
          units += key.length + (area.getItem(key) ?? "").length;
        return units;
      },
    };
  };
  return (window[name] = { join });
})();
