// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The packages: same bytes each time, nothing of tests in what ships, permissions no wider than the adapters.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { familiesOf, manifestFor, packageFiles } from "../../extension/package.mjs";

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../..");
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "kaopu-package-"));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));
const hash = (file) => createHash("sha256").update(fs.readFileSync(file)).digest("hex");
const run = (folder, args = [], env = {}) =>
  execFileSync("node", [path.join(root, "extension/package.mjs"), "--out", path.join(scratch, folder, "extension"), ...args], { env: { ...process.env, ...env }, encoding: "utf8" });
const zips = (folder) => fs.readdirSync(path.join(scratch, folder)).filter((name) => name.endsWith(".zip")).sort();

describe("packages", () => {
  it("are the same bytes whenever, wherever and by whomever they are built", () => {
    run("one");
    run("two", [], { TZ: "Asia/Shanghai", LC_ALL: "C" });
    assert.equal(zips("one").length, 2);
    assert.deepEqual(zips("two"), zips("one"));
    for (const name of zips("one")) assert.equal(hash(path.join(scratch, "one", name)), hash(path.join(scratch, "two", name)), name);
  });

  it("hold what the folder holds, loadable as it is", () => {
    for (const browser of ["chromium", "firefox"]) {
      const folder = path.join(scratch, "one/extension", browser);
      const manifest = JSON.parse(fs.readFileSync(path.join(folder, "manifest.json"), "utf8"));
      const scripts = [manifest.background.service_worker ?? manifest.background.scripts[0], ...JSON.parse(fs.readFileSync(path.join(folder, "shops.json"), "utf8")).content_scripts];
      const named = [...scripts, manifest.action.default_popup, manifest.options_ui.page, ...Object.values(manifest.icons)];
      for (const name of named) assert.ok(fs.existsSync(path.join(folder, name)), name);
      const listed = execFileSync("unzip", ["-Z1", path.join(scratch, "one", zips("one").find((name) => name.includes(browser)))], { encoding: "utf8" }).trim().split("\n");
      const files = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => fs.statSync(path.join(folder, name)).isFile());
      assert.deepEqual(listed, files.sort());
    }
  });

  it("ask for no host from the start, and optionally for the adapters' and any", () => {
    const adapters = fs.readdirSync(path.join(root, "host/data/adapters")).filter((name) => name.endsWith(".json") && name !== "adapter.schema.json")
      .map((name) => JSON.parse(fs.readFileSync(path.join(root, "host/data/adapters", name), "utf8")));
    const patterns = [...new Set(adapters.flatMap(({ hosts }) => hosts.map((host) => `*://${host}/*`)))].sort();
    for (const browser of ["chromium", "firefox"]) {
      const manifest = JSON.parse(packageFiles(browser).get("manifest.json").toString());
      assert.equal(manifest.host_permissions, undefined);
      assert.equal(manifest.content_scripts, undefined);
      assert.equal(manifest.web_accessible_resources, undefined);
      assert.deepEqual(manifest.optional_host_permissions, ["*://*/*", ...patterns]);
      assert.deepEqual(manifest.permissions, ["activeTab", "nativeMessaging", "scripting", "storage"]);
    }
  });

  it("explain every permission to the reader", () => {
    const text = fs.readFileSync(path.join(root, "extension/PERMISSIONS.md"), "utf8");
    const { permissions } = manifestFor("chromium", [], []);
    for (const permission of permissions) assert.match(text, new RegExp(`\\b${permission}\\b`));
  });

  it("carry one identity each", () => {
    const chromium = manifestFor("chromium", [], []);
    const firefox = manifestFor("firefox", [], []);
    const key = createHash("sha256").update(Buffer.from(chromium.key, "base64")).digest("hex").slice(0, 32);
    const id = [...key].map((digit) => String.fromCharCode(97 + parseInt(digit, 16))).join("");
    const expected = JSON.parse(fs.readFileSync(path.join(root, "manifests/extension_key.json"), "utf8"));
    assert.equal(id, expected.chromium_id);
    assert.equal(firefox.browser_specific_settings.gecko.id, expected.gecko_id);
    assert.deepEqual(firefox.browser_specific_settings.gecko.data_collection_permissions, { required: ["none"] });
    assert.equal("key" in firefox || "browser_specific_settings" in chromium, false);
  });

  it("widen only the copy for tests", () => {
    const adapters = path.join(scratch, "adapters");
    fs.mkdirSync(adapters);
    fs.writeFileSync(path.join(adapters, "demo.json"), JSON.stringify({ id: "demo", family: "demo", names: { en: "Demo" }, hosts: ["*.demo.test"] }));
    run("three", ["--test-hosts", "*://*.demo.test/*", "*://*.more.test/*", "--adapters", adapters]);
    assert.deepEqual(fs.readdirSync(path.join(scratch, "three")), ["extension"], "no zip of a test copy");
    assert.deepEqual(fs.readdirSync(path.join(scratch, "three/extension")).sort(), ["test-chromium", "test-firefox"]);
    const read = (name) => JSON.parse(fs.readFileSync(path.join(scratch, "three/extension/test-firefox", name), "utf8"));
    assert.deepEqual(read("manifest.json").host_permissions, ["*://*.demo.test/*", "*://*.more.test/*"]);
    assert.ok(read("shops.json").families.some((family) => family.id === "demo"));
  });

  it("refuse to ship a test's host", () => {
    const adapters = path.join(scratch, "bad");
    fs.mkdirSync(adapters);
    fs.writeFileSync(path.join(adapters, "demo.json"), JSON.stringify({ id: "demo", family: "demo", names: { en: "Demo" }, hosts: ["localhost"] }));
    assert.throws(() => packageFiles("chromium", { adapterFolders: [adapters] }), /"localhost" belongs to tests/);
  });

  it("group adapters to families by name and host", () => {
    const adapter = (id, family, hosts) => ({ id, family, hosts, names: { en: id.toUpperCase(), zh_CN: `${id}网` } });
    const families = familiesOf([adapter("b", "two", ["*.b.example"]), adapter("c", "one", ["c.example", "*.b.example"]), adapter("a", "one", ["*.a.example"]), adapter("generic", "generic", [])]);
    assert.deepEqual(families, [
      { id: "one", names: { en: "A, C", zh_CN: "a网、c网" }, matches: ["*://*.a.example/*", "*://*.b.example/*", "*://c.example/*"] },
      { id: "two", names: { en: "B", zh_CN: "b网" }, matches: ["*://*.b.example/*"] },
    ]);
  });
});
