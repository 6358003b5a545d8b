// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The desktop's keyring (Secret Service: GNOME Keyring, KWallet, KeePassXC) through libsecret,
// which is loaded when it is first needed: a computer without a desktop needs none of it.
#pragma once

#include <chrono>
#include <memory>

#include "pool/net/reporter_key.h"

namespace kaopu::pool {

// Null where there is no session bus or no libsecret. `patience`: how long to wait for the shopper
// to unlock it; then kUnavailable. KAOPU_KEYRING=none switches it off.
std::unique_ptr<Keyring> DesktopKeyring(std::chrono::seconds patience);

}  // namespace kaopu::pool
