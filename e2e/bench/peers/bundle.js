// Bundles the libraries as a page in production has them: `node bundle.js TARGET`.

import { build } from "esbuild";

await build({
  entryPoints: ["measuring.js"],
  outfile: process.argv[2],
  bundle: true,
  minify: true,
  format: "esm",
  logLevel: "warning",
  define: {
    "process.env.NODE_ENV": '"production"',
    "import.meta.env": '{"MODE": "production"}',
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  },
});
