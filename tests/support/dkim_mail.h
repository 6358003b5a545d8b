// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Order mails of our own making, signed with DKIM by keys of our own.
#pragma once

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/str_cat.h"
#include "tlog/digest.h"

#define _Bool bool
#include <opendkim/dkim.h>
#undef _Bool

namespace kaopu::testing {

struct DkimSigner {
  std::string domain, selector = "s1";
  std::string secret_pem, record;

  explicit DkimSigner(std::string of_domain, unsigned bits = 1024) : domain(std::move(of_domain)) {
    EVP_PKEY* key = EVP_RSA_gen(bits);
    BIO* pem = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(pem, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* bytes = nullptr;
    const long pem_bytes = BIO_get_mem_data(pem, &bytes);
    secret_pem.assign(bytes, static_cast<size_t>(pem_bytes));
    BIO_free(pem);
    unsigned char* der = nullptr;
    const int length = i2d_PUBKEY(key, &der);
    record = StrCat("v=DKIM1; k=rsa; p=",
                    tlog::ToBase64({reinterpret_cast<char*>(der), static_cast<size_t>(length)}));
    OPENSSL_free(der);
    EVP_PKEY_free(key);
  }
  std::string KeyLine() const {
    return StrCat(selector, "._domainkey.", domain, " ", record, "\n");
  }

  struct How {
    std::vector<const char*> headers = {"From", "To",           "Subject",
                                        "Date", "MIME-Version", "Content-Type"};
    uint64_t signed_at = 1'794'268'800;  // 2026-11-10
    uint64_t holds_s = 0;                // 0 = for ever
    bool length_tag = false;
    int algorithm = DKIM_SIGN_RSASHA256;
  };
  // `fields`: header fields without line ends.
  std::string Sign(const std::vector<std::string>& fields, const std::string& body, How how) const {
    DKIM_LIB* lib = dkim_init(nullptr, nullptr);
    how.headers.push_back(nullptr);
    dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_SIGNHDRS, how.headers.data(), sizeof(char**));
    dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_FIXEDTIME, &how.signed_at, sizeof how.signed_at);
    unsigned bits_min = 512;
    dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_MINKEYBITS, &bits_min, sizeof bits_min);
    if (how.holds_s > 0) {
      dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_SIGNATURETTL, &how.holds_s, sizeof how.holds_s);
    }
    if (how.length_tag) {
      unsigned flags = DKIM_LIBFLAGS_SIGNLEN;
      dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags, sizeof flags);
    }
    DKIM_STAT status = DKIM_STAT_OK;
    const auto bytes = [](const std::string& text) {
      return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
    };
    DKIM* handle =
        dkim_sign(lib, bytes("test"), nullptr, bytes(secret_pem), bytes(selector), bytes(domain),
                  DKIM_CANON_RELAXED, DKIM_CANON_RELAXED, how.algorithm, -1, &status);
    EXPECT_NE(handle, nullptr) << status;
    std::string out;
    for (const std::string& field : fields) {
      EXPECT_EQ(dkim_header(handle, bytes(field), field.size()), DKIM_STAT_OK) << field;
      out += StrCat(field, "\r\n");
    }
    EXPECT_EQ(dkim_eoh(handle), DKIM_STAT_OK);
    EXPECT_EQ(dkim_body(handle, bytes(body), body.size()), DKIM_STAT_OK);
    EXPECT_EQ(dkim_eom(handle, nullptr), DKIM_STAT_OK);
    unsigned char* header = nullptr;
    size_t length = 0;
    EXPECT_EQ(dkim_getsighdr_d(handle, 16, &header, &length), DKIM_STAT_OK);
    out = StrCat("DKIM-Signature: ", std::string(reinterpret_cast<char*>(header), length), "\r\n",
                 out, "\r\n", body);
    dkim_free(handle);
    dkim_close(lib);
    return out;
  }
};

// An order at `amazon:A1B2C3D4E5F6G7` on 2026-11-10 (week 46).
inline constexpr const char* kMailOrder = "112-7654321-1234567";
inline constexpr const char* kMailSeller = "amazon:A1B2C3D4E5F6G7";
inline std::vector<std::string> OrderMailFields(
    const std::string& date = "Tue, 10 Nov 2026 23:30:00 +0000") {
  return {"From: \"Amazon.com\" <auto-confirm@amazon.com>",
          "To: shopper@example.org",
          "Subject: Your Amazon.com order",
          StrCat("Date: ", date),
          "MIME-Version: 1.0",
          "Content-Type: multipart/alternative;\r\n boundary=\"b1\""};
}
inline std::string OrderMailBody(const std::string& order = kMailOrder) {
  return StrCat("--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nOrder # ", order,
                "\r\nSold by Oak and Ash\r\nTo: 12 Unmistakable Road\r\n--b1\r\nContent-Type: "
                "text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                "<a href=3D\"https://www.amazon.com/sp?ie=3DUTF8&amp;seller=3DA1B2C3D4=\r\n"
                "E5F6G7&amp;x=3D1\">Oak and Ash</a>\r\n--b1--\r\n");
}

}  // namespace kaopu::testing
