// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// axe-core in a page of ours.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails with what axe finds in the page as it stands. @param {any} view @param {object} [rules] axe's own, by id */
export async function noViolations(view, rules = {}) {
  await view.page.evaluate(`window.axe || (() => { ${source} })(); void 0`);
  const { found, passed } = await view.eval(async (options) => {
    const { violations, passes } = await window.axe.run(document, options);
    return { passed: passes.length, found: violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`) };
  }, { rules });
  assert.deepEqual(found, []);
  assert.ok(passed > 5, 'axe looked at something');
}
