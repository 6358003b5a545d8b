// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace kaopu {
namespace {

namespace fs = std::filesystem;

class FilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "kaopu-files-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
  }
  void TearDown() override { fs::remove_all(dir_); }
  fs::path dir_;
};

TEST_F(FilesTest, write_then_read_gives_the_same_bytes_and_a_private_file) {
  const fs::path path = dir_ / "state";
  const std::string bytes("a\0b\n", 4);
  ASSERT_TRUE(WriteFileAtomic(path, bytes));
  EXPECT_EQ(*ReadFile(path, 100), bytes);
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_TRUE(WriteFileAtomic(path, "new", 0644));
  EXPECT_EQ(*ReadFile(path, 100), "new");
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0644u);
  EXPECT_EQ(ListFiles(dir_, "")->size(), 1u) << "no temporary file stays";
}

TEST_F(FilesTest, a_write_that_fails_leaves_the_old_file_and_nothing_else) {
  const fs::path path = dir_ / "folder";
  fs::create_directory(path);
  std::ofstream(path / "inside") << "x";
  const auto written = WriteFileAtomic(path, "y");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(fs::exists(path / "inside"));
  EXPECT_TRUE(ListFiles(dir_, "")->empty());
  EXPECT_EQ(WriteFileAtomic(dir_ / "no/such/folder", "y").error().code, ErrorCode::kUnavailable);
}

TEST_F(FilesTest, reading_tells_absent_too_large_and_folder_apart) {
  std::ofstream(dir_ / "ten") << "0123456789";
  EXPECT_EQ(ReadFile(dir_ / "ten", 10)->size(), 10u);
  EXPECT_EQ(ReadFile(dir_ / "ten", 9).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(ReadFile(dir_ / "none", 9).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ReadFile(dir_, 9).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(ReadFile("/dev/zero", 1000).error().code, ErrorCode::kTooLarge);
}

TEST_F(FilesTest, list_is_sorted_and_holds_regular_files_only) {
  for (const char* name : {"b.json", "a.json", "c.txt"}) std::ofstream(dir_ / name) << "x";
  fs::create_directory(dir_ / "d.json");
  const auto files = ListFiles(dir_, ".json");
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[0].filename(), "a.json");
  EXPECT_EQ(ListFiles(dir_ / "none", "").error().code, ErrorCode::kNotFound);
}

TEST_F(FilesTest, home_folder_follows_kaopu_home_then_xdg) {
  setenv("KAOPU_HOME", "/x/y", 1);
  EXPECT_EQ(*HomeFolder(), "/x/y");
  unsetenv("KAOPU_HOME");
#ifndef __APPLE__
  setenv("XDG_DATA_HOME", "/data", 1);
  EXPECT_EQ(*HomeFolder(), "/data/kaopu");
  setenv("XDG_DATA_HOME", "relative", 1);
  setenv("HOME", "/home/me", 1);
  EXPECT_EQ(*HomeFolder(), "/home/me/.local/share/kaopu");
  unsetenv("XDG_DATA_HOME");
#endif
}

TEST_F(FilesTest, data_folder_follows_kaopu_data_and_says_what_it_tried) {
  setenv("KAOPU_DATA", dir_.c_str(), 1);
  EXPECT_EQ(*DataFolder(), dir_);
  setenv("KAOPU_DATA", (dir_ / "none").c_str(), 1);
  const auto none = DataFolder();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_NE(none.error().message.find("none"), std::string::npos);
  unsetenv("KAOPU_DATA");
  EXPECT_TRUE(DataFolder()) << "the build tree's own";
  EXPECT_TRUE(ProgramPath()->is_absolute());
}

}  // namespace
}  // namespace kaopu
