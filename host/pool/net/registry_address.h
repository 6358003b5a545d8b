// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Where a registry may be: what goes there and comes from there is nobody else's to read or change.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace kaopu::pool {

// The address with a slash at its end. https; http for this computer itself, and for a .onion
// service, which a proxy must lead to. kBadRequest says what is wrong.
// `of`: whose it is, for the message.
Expected<std::string> RegistryAddress(std::string_view url, std::string_view proxy,
                                      std::string_view of = "a registry");

}  // namespace kaopu::pool
