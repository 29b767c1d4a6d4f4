// Imports modules in PyScript's MicroPython, each in an interpreter of its own, and prints as JSON what became
// of each: null, or the file where it failed and what MicroPython said.
// node imports.mjs FOLDER MODULE...    (the folder is what the interpreter imports from)
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { loadMicroPython } from "../../web/node_modules/@micropython/micropython-webassembly-pyscript/micropython.mjs";

const [folder, ...modules] = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true, withFileTypes: true });

const start = async () => {
  const python = await loadMicroPython({ stdout: () => {}, stderr: () => {} });
  for (const each of files) {
    const path = join(each.parentPath, each.name);
    const inside = `/lib/${relative(folder, path)}`;
    if (each.isDirectory()) python.FS.mkdirTree(inside);
    else {
      python.FS.mkdirTree(inside.slice(0, inside.lastIndexOf("/")));
      python.FS.writeFile(inside, readFileSync(path));
    }
  }
  python.runPython("import sys; sys.path.insert(0, '/lib')");
  return python;
};

const found = {};
for (const name of modules) {
  const python = await start();
  try {
    python.runPython(`__import__(${JSON.stringify(name)})`);
    found[name] = null;
  } catch (error) {
    const [, file] = [...error.message.matchAll(/File "\/lib\/(.+?)"/g)].at(-1) ?? [];
    found[name] = [file, error.message.trim().split("\n").at(-1)];
  }
}
console.log(JSON.stringify(found));
