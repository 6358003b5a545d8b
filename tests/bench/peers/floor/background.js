// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// One open line to the echo program; answers come in the order of the questions.
const waiting = [];
let port = null;

function line() {
  if (port) return port;
  port = chrome.runtime.connectNative('io.github.kaopu.host');
  port.onMessage.addListener((reply) => waiting.shift()?.(reply));
  port.onDisconnect.addListener(() => { port = null; });
  return port;
}

chrome.runtime.onMessage.addListener((message, sender, respond) => {
  waiting.push(respond);
  line().postMessage({});
  return true;
});
