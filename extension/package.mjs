// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Makes the two extension packages from one source:
//
//   node extension/package.mjs [--out DIR]
//     DIR/{chromium,firefox}/                     loadable as they are
//     DIR/../kaopu-<version>-{chromium,firefox}.zip   the same bytes for the same source, whoever builds
//   node extension/package.mjs --test-hosts PATTERN... [--adapters DIR...] [--out DIR]
//     DIR/test-{chromium,firefox}/                a copy for tests and demo: PATTERNs granted from the start, the shops of
//                                                 more adapter folders known. Never zipped.
//
// DIR is build/extension. Needs node 18 and the `zip` program; SOURCE_DATE_EPOCH, where set, is the time of every file.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const SOURCE = path.join(ROOT, "extension");
const FOLDERS = ["_locales", "background", "content", "icons", "lib", "pages"];
const SHIPPED = /\.(js|html|css|json|png)$/;
const BUILD_ONLY = path.join("content", "files.json");
/** English of the command line with its translation (host/cli/phrases.h). */
const FOREIGN_FILE = /^_locales\/[^/]+\/phrases\.json$/;
/** Messages of the command line alone. */
const FOREIGN_WORDS = /^(cli|doctor)_/;
/** What may stand in no shipped file: a host that only tests have. */
const TEST_TRACES = /localhost|127\.0\.0\.1|\[::1\]|\.test\b(?!\()/;
const EPOCH_S = Number(process.env.SOURCE_DATE_EPOCH ?? Date.UTC(2020, 0, 1) / 1000);

/** @param {string} file @returns {any} */
const readJson = (file) => JSON.parse(fs.readFileSync(file, "utf8"));

/** @param {unknown} value */
const toJson = (value) => `${JSON.stringify(value, null, 1)}\n`;

/** The one place the version is written. */
export function projectVersion() {
  const found = /project\(kaopu VERSION ([0-9.]+)/.exec(fs.readFileSync(path.join(ROOT, "CMakeLists.txt"), "utf8"));
  if (!found) throw new Error("CMakeLists.txt states no project version");
  return found[1];
}

/** `*.name` covers the name itself in a match pattern too. @param {string} host */
const patternOf = (host) => `*://${host}/*`;

/**
 * Shop families from adapter files: match patterns and names, in the order of their ids.
 * @param {any[]} adapters
 * @returns {import("./lib/shops.js").Family[]}
 */
export function familiesOf(adapters) {
  /** @type {Map<string, import("./lib/shops.js").Family>} */
  const families = new Map();
  for (const { family: id, hosts, names } of [...adapters].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    if (hosts.length === 0) continue;
    const family = families.get(id) ?? { id, names: {}, matches: [] };
    for (const [language, name] of Object.entries(names)) {
      family.names[language] = family.names[language] ? `${family.names[language]}${language.startsWith("zh") ? "、" : ", "}${name}` : String(name);
    }
    family.matches = [...new Set([...family.matches, ...hosts.map(patternOf)])].sort();
    families.set(id, family);
  }
  return [...families.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** @param {string} folder @returns {any[]} */
function adaptersIn(folder) {
  const files = fs.readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "adapter.schema.json");
  return files.sort().map((name) => readJson(path.join(folder, name)));
}

/**
 * The manifest of a browser family.
 * @param {"chromium"|"firefox"} browser @param {string[]} matches of every family @param {string[]} testHosts
 */
export function manifestFor(browser, matches, testHosts) {
  const read = (/** @type {string} */ name) => readJson(path.join(ROOT, "manifests", name));
  const identity = read("extension_key.json");
  const manifest = {
    ...read("extension.base.json"),
    ...read(`extension.${browser}.json`),
    version: projectVersion(),
    optional_host_permissions: ["*://*/*", ...matches],
  };
  if (browser === "chromium") manifest.key = identity.public_key;
  else manifest.browser_specific_settings.gecko.id = identity.gecko_id;
  if (testHosts.length > 0) manifest.host_permissions = testHosts;
  return manifest;
}

/**
 * Chrome refuses a whole extension for one message whose placeholder is not declared, so it is said here, by name.
 * @param {string} language @param {any} messages @returns {any} without the command line's
 */
export function extensionMessages(language, messages) {
  const wanted = Object.entries(messages).filter(([key]) => !FOREIGN_WORDS.test(key));
  for (const [key, { message, placeholders = {} }] of wanted) {
    const declared = Object.keys(placeholders).map((name) => name.toLowerCase());
    for (const [, name] of message.replaceAll("$$", "").matchAll(/\$([A-Za-z0-9_@]+)\$/g)) {
      if (!declared.includes(name.toLowerCase())) throw new Error(`_locales/${language}: ${key} uses $${name}$ without declaring it`);
    }
  }
  return Object.fromEntries(wanted);
}

/** Relative paths of the files to ship, sorted. @returns {string[]} */
function sourceFiles() {
  const walk = (/** @type {string} */ folder) => fs.readdirSync(path.join(SOURCE, folder), { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name));
  const isFile = (/** @type {string} */ name) => fs.statSync(path.join(SOURCE, name)).isFile();
  return FOLDERS.flatMap(walk).filter((name) => SHIPPED.test(name) && name !== BUILD_ONLY && !FOREIGN_FILE.test(name) && isFile(name)).sort();
}

/** Content scripts in the order they must run; one that is missing would stop all of them. @returns {string[]} */
function contentScripts() {
  const names = readJson(path.join(SOURCE, BUILD_ONLY)).map((/** @type {string} */ name) => `content/${name}`);
  for (const name of names) {
    if (!fs.existsSync(path.join(SOURCE, name))) throw new Error(`${BUILD_ONLY} lists ${name}, which does not exist`);
  }
  return names;
}

/**
 * Everything a package holds: path -> bytes.
 * @param {"chromium"|"firefox"} browser @param {{testHosts?: string[], adapterFolders?: string[]}} [options]
 * @returns {Map<string, string|Buffer>}
 */
export function packageFiles(browser, { testHosts = [], adapterFolders = [] } = {}) {
  const families = familiesOf([path.join(ROOT, "host/data/adapters"), ...adapterFolders].flatMap(adaptersIn));
  const matches = [...new Set(families.flatMap((family) => family.matches))].sort();
  /** @type {Map<string, string|Buffer>} */
  const files = new Map();
  for (const name of sourceFiles()) {
    const language = /^_locales\/([^/]+)\//.exec(name)?.[1];
    const bytes = fs.readFileSync(path.join(SOURCE, name));
    files.set(name, language ? toJson(extensionMessages(language, JSON.parse(bytes.toString("utf8")))) : bytes);
  }
  files.set("shops.json", toJson({ families, content_scripts: contentScripts() }));
  files.set("manifest.json", toJson(manifestFor(browser, matches, testHosts)));
  if (testHosts.length === 0) refuseTestTraces(files);
  return files;
}

/** @param {Map<string, string|Buffer>} files */
function refuseTestTraces(files) {
  for (const [name, bytes] of files) {
    const trace = name.endsWith(".png") ? null : TEST_TRACES.exec(bytes.toString());
    if (trace) throw new Error(`${name}: "${trace[0]}" belongs to tests and must not ship`);
  }
}

/** Replaces the folder by exactly these files. @param {string} folder @param {Map<string, string|Buffer>} files */
function writeFolder(folder, files) {
  fs.rmSync(folder, { recursive: true, force: true });
  for (const [name, bytes] of files) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, bytes);
    fs.chmodSync(file, 0o644);
    fs.utimesSync(file, EPOCH_S, EPOCH_S);
  }
}

/** @param {string} folder @param {string[]} names @param {string} zip */
function writeZip(folder, names, zip) {
  fs.rmSync(zip, { force: true });
  const input = [...names].sort().join("\n");
  execFileSync("zip", ["-X", "-D", "-9", "-q", "-@", path.resolve(zip)], { cwd: folder, input, env: { ...process.env, TZ: "UTC" } });
}

/** @param {string[]} args */
function main(args) {
  const { values } = parseArgs({
    args: spreadLists(args, ["--test-hosts", "--adapters"]),
    options: {
      out: { type: "string", default: path.join(ROOT, "build/extension") },
      "test-hosts": { type: "string", multiple: true, default: [] },
      adapters: { type: "string", multiple: true, default: [] },
    },
  });
  const out = String(values.out);
  const options = { testHosts: values["test-hosts"] ?? [], adapterFolders: values.adapters ?? [] };
  const isTest = options.testHosts.length > 0;
  for (const browser of /** @type {const} */ (["chromium", "firefox"])) {
    const files = packageFiles(browser, options);
    const folder = path.join(out, isTest ? `test-${browser}` : browser);
    writeFolder(folder, files);
    console.log(folder);
    if (isTest) continue;
    const zip = path.join(out, "..", `kaopu-${projectVersion()}-${browser}.zip`);
    writeZip(folder, [...files.keys()], zip);
    console.log(path.normalize(zip));
  }
}

/** `--flag a b` as `--flag=a --flag=b`. @param {string[]} args @param {string[]} flags */
function spreadLists(args, flags) {
  let flag = "";
  return args.flatMap((arg) => {
    if (arg.startsWith("--")) flag = flags.includes(arg) ? arg : "";
    if (arg === flag) return [];
    return flag === "" ? [arg] : [`${flag}=${arg}`];
  });
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
