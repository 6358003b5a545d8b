// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Seller keys as people type them, brought to the form in which pages give them: one seller, one
// key (host/docs/facts.md, "Seller keys").
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "page/page_reader.h"

namespace kaopu {

inline constexpr size_t kSellerKeyCharsMax = 200;

// `platform:id` of at most kSellerKeyCharsMax characters without spaces, slashes and hidden
// characters; whether the platform exists is not asked.
bool IsSellerKeyShaped(std::string_view key);

// `JD：12345` -> `jd:12345`, `tmall:1` -> `taobao:1`, `web:WWW.Bücher.Example.` ->
// `web:xn--bcher-kva.example`. kBadRequest: no key, a platform that none of `platforms` is (the
// message lists them, or names the one that was meant), or `web:` with something that is no domain
// one can register. Without `platforms` every platform passes.
Expected<std::string> NormalSellerKey(std::string_view typed,
                                      std::span<const KeyPlatform> platforms);

}  // namespace kaopu
