// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/registry_address.h"

#include <gtest/gtest.h>

namespace kaopu::pool {
namespace {

TEST(RegistryAddressTest, IsBroughtToOneForm) {
  EXPECT_EQ(RegistryAddress("https://Registry.example", "").value_or(""),
            "https://registry.example/");
  EXPECT_EQ(RegistryAddress("https://a.example:8443/x/registry.json", "").value_or(""),
            "https://a.example:8443/x/");
  EXPECT_EQ(RegistryAddress("https://a.example//", "").value_or(""), "https://a.example/");
}

TEST(RegistryAddressTest, HttpIsForThisComputerAndOnionServices) {
  for (const char* url : {"http://127.0.0.1:8080", "http://localhost:1/", "http://[::1]:80/x"}) {
    EXPECT_TRUE(RegistryAddress(url, "")) << url;
  }
  EXPECT_TRUE(RegistryAddress("http://abc.onion", "socks5h://127.0.0.1:9050"));
  for (const char* url :
       {"http://abc.onion", "https://abc.onion", "http://registry.example",
        "http://127.0.0.1.evil.example", "http://127.evil", "http://localhost.example", "ftp://a",
        "file:///etc/passwd", "", "https://", "https:///x", "https://me:secret@a.example",
        "https://a.example/?q", "https://a.example/#x", "https://a.example/../x",
        "https://a.example/ x", "https://a.example/\n", "http://127.0.0.1@evil.example/"}) {
    const auto address = RegistryAddress(url, "");
    ASSERT_FALSE(address) << url;
    EXPECT_EQ(address.error().code, ErrorCode::kBadRequest);
  }
  EXPECT_FALSE(RegistryAddress("http://registry.example", "http://proxy:1"));
}

}  // namespace
}  // namespace kaopu::pool
