// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A tab of Chromium. Kaopu's badge and dialog stand in closed shadow roots; the debugger's DOM domain finds them and hands
// them to functions that run in a world of their own, beside page and extension.
import { View, uiHosts } from './view.mjs';

export class ChromiumView extends View {
  #client;

  static async open(instance) {
    return ChromiumView.of(instance, await instance.newPage());
  }

  /** @param {any} _instance @param {any} page one that is there */
  static async of(_instance, page) {
    const view = new ChromiumView(page);
    view.#client = await page.createCDPSession();
    return view;
  }

  async gotoExtension(url) {
    await this.page.goto(url, { waitUntil: 'load' });
  }

  async ui(fn, ...args) {
    const client = this.#client;
    const { frameTree } = await client.send('Page.getFrameTree');
    const { executionContextId } = await client.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'kaopu-test' });
    const { root } = await client.send('DOM.getDocument', { depth: 0 });
    const { nodeIds } = await client.send('DOM.querySelectorAll', { nodeId: root.nodeId, selector: uiHosts });
    const roots = [];
    for (const nodeId of nodeIds) {
      const { node } = await client.send('DOM.describeNode', { nodeId, depth: 1, pierce: true });
      for (const shadow of node.shadowRoots ?? []) {
        const { object } = await client.send('DOM.resolveNode', { backendNodeId: shadow.backendNodeId, executionContextId });
        roots.push({ objectId: object.objectId });
      }
    }
    const { result, exceptionDetails } = await client.send('Runtime.callFunctionOn', {
      functionDeclaration: `function (args, ...roots) { return (${fn})(roots, ...args); }`, executionContextId,
      arguments: [{ value: args }, ...roots], returnByValue: true, awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }
}
