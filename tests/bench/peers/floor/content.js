// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The least that any extension does for a badge: one empty message to a native program and back, then an empty element in
// the next frame.
addEventListener('readystatechange', async () => {
  if (document.readyState !== 'interactive' || window !== top) return;
  await chrome.runtime.sendMessage({});
  const laidOut = new ResizeObserver(() => {
    laidOut.disconnect();
    const overlay = document.createElement('kaopu-overlay');
    overlay.attachShadow({ mode: 'closed' }).append('badge');
    overlay.style.cssText = 'position: fixed; right: 16px; bottom: 16px';
    document.documentElement.append(overlay);
  });
  laidOut.observe(document.documentElement);
}, { capture: true });
