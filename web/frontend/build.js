// Builds what the pages load into ../static/dist, under names that never change.
import { copyFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const out = fileURLToPath(new URL("../static/dist", import.meta.url));
await rm(out, { recursive: true, force: true }); // Old chunks would stay otherwise.
await build({
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  entryPoints: { app: "src/app.js", viewer: "src/viewer.js", style: "src/app.css", fonts: "src/fonts.css" },
  outdir: out,
  bundle: true,
  format: "esm",
  splitting: true,
  minify: true,
  sourcemap: false,
  target: ["chrome111", "firefox113", "safari16.4"],
  chunkNames: "chunk-[hash]",
  assetNames: "fonts/[name]",
  loader: { ".woff2": "file", ".woff": "empty", ".ttf": "empty", ".eot": "empty", ".svg": "empty" },
  legalComments: "linked",
  logLevel: "warning",
});
await copyFile(new URL("src/icon.svg", import.meta.url), `${out}/icon.svg`);
