// Changes of plain data. An edit is `[kind, path, value]`; the last step of the path is a key or the
// container that grows or shrinks. `inside/edits.py` does the same in Python.

const change = {
  put: (node, key, value) => { node[key] = value; },
  delete: (node, key) => { delete node[key]; },
  push: (node, key, value) => { node[key].push(value); },
  pop: (node, key) => { node[key].pop(); },
  unshift: (node, key, value) => { node[key].unshift(value); },
  shift: (node, key) => { node[key].shift(); },
};

/** Change `root` itself, as libraries with proxies want it. */
export function inPlace(root, edits) {
  for (const [kind, path, value] of edits) {
    const last = path.length - 1;
    let node = root;
    for (let i = 0; i < last; i++) node = node[path[i]];
    change[kind](node, path[last], value);
  }
}

function copy(container, isNew) {
  if (isNew.has(container)) return container;
  const made = Array.isArray(container) ? [...container] : { ...container };
  isNew.add(made);
  return made;
}

/** A new root, with copies of what encloses the edits and nothing else; each is copied once. */
export function replaced(root, edits) {
  const isNew = new Set();
  const top = copy(root, isNew);
  for (const [kind, path, value] of edits) {
    const last = path.length - 1;
    let node = top;
    for (let i = 0; i < last; i++) node = node[path[i]] = copy(node[path[i]], isNew);
    if (kind !== "put" && kind !== "delete") node[path[last]] = copy(node[path[last]], isNew);
    change[kind](node, path[last], value);
  }
  return top;
}
