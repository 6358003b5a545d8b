// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/data_dates.h"

#include <algorithm>
#include <span>

#include "base/files.h"
#include "base/limits.h"

namespace kaopu {
namespace {

// Collects some top-level strings and integers of a JSON object and stops the parser at the last of
// them.
class HeadReader : public nlohmann::json_sax<Json> {
 public:
  explicit HeadReader(std::span<const std::string_view> wanted) : wanted_(wanted) {}
  const Json& head() const { return head_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(Json::number_integer_t value) override { return Take(value); }
  bool number_unsigned(Json::number_unsigned_t value) override { return Take(value); }
  bool number_float(Json::number_float_t, const std::string&) override { return true; }
  bool string(std::string& value) override { return Take(value); }
  bool binary(Json::binary_t&) override { return true; }
  bool start_object(size_t) override { return ++depth_ < 64; }
  bool end_object() override { return --depth_ > 0; }
  bool start_array(size_t) override { return ++depth_ < 64; }
  bool end_array() override { return --depth_ > 0; }
  bool key(std::string& key) override {
    if (depth_ == 1) key_ = key;
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  template <typename T>
  bool Take(const T& value) {
    if (depth_ == 1 && std::ranges::find(wanted_, key_) != wanted_.end()) head_[key_] = value;
    return head_.size() < wanted_.size();
  }

  std::span<const std::string_view> wanted_;
  Json head_ = Json::object();
  std::string key_;
  int depth_ = 0;
};

Json HeadOf(const std::filesystem::path& path, std::span<const std::string_view> wanted) {
  HeadReader reader(wanted);
  if (auto text = ReadFile(path, kDataFileBytesMax)) Json::sax_parse(*text, &reader);
  return reader.head();
}

}  // namespace

Json DataDates(const std::filesystem::path& data) {
  static constexpr std::string_view kAdapter[] = {"id", "version", "checked_on"};
  static constexpr std::string_view kPolicy[] = {"version", "published_on"};
  Json adapters = Json::array();
  if (auto files = ListFiles(data / "adapters", ".json")) {
    for (const auto& file : *files) {
      if (file.filename().string().ends_with(".schema.json")) continue;
      if (Json head = HeadOf(file, kAdapter); head.contains("id")) adapters.push_back(head);
    }
  }
  return {{"adapters", adapters}, {"policy", HeadOf(data / "policy" / "policy.json", kPolicy)}};
}

}  // namespace kaopu
