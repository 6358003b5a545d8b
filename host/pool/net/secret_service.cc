// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/secret_service.h"

#include <dlfcn.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/str_cat.h"

namespace kaopu::pool {
namespace {

// What of libsecret 0.18 and later is called, as its ABI has it (LGPL-2.1, loaded at run time).
struct Schema {
  const char* name;
  int flags;
  struct {
    const char* name;
    int type;
  } attributes[32];
  int reserved;
  void* reserved_pointers[7];
};
struct GlibError {
  uint32_t domain;
  int code;
  char* message;
};
constexpr Schema kSchema = {"io.github.kaopu.reporter", 0, {{"home", 0}}, 0, {}};

using LookUp = char* (*)(const Schema*, void* cancel, GlibError**, ...);
using Store = int (*)(const Schema*, const char* collection, const char* label, const char* secret,
                      void* cancel, GlibError**, ...);
using Clear = int (*)(const Schema*, void* cancel, GlibError**, ...);

struct Library {
  LookUp look_up = nullptr;
  Store store = nullptr;
  Clear clear = nullptr;
  void (*free_secret)(char*) = nullptr;
  void (*free_error)(GlibError*) = nullptr;
  void* (*new_cancel)() = nullptr;
  void (*cancel)(void*) = nullptr;
  void (*unref)(void*) = nullptr;

  // Found through libsecret, which links the others. Never unloaded: GLib does not bear it.
  bool Load() {
    void* const from = dlopen("libsecret-1.so.0", RTLD_NOW | RTLD_LOCAL);
    if (from == nullptr) return false;
    const auto find = [&](auto& into, const char* name) {
      into = reinterpret_cast<std::remove_reference_t<decltype(into)>>(dlsym(from, name));
      return into != nullptr;
    };
    return find(look_up, "secret_password_lookup_sync") &&
           find(store, "secret_password_store_sync") && find(clear, "secret_password_clear_sync") &&
           find(free_secret, "secret_password_free") && find(free_error, "g_error_free") &&
           find(new_cancel, "g_cancellable_new") && find(cancel, "g_cancellable_cancel") &&
           find(unref, "g_object_unref");
  }
};

class SecretService : public Keyring {
 public:
  SecretService(Library library, std::chrono::seconds patience)
      : library_(library), patience_(patience) {}

  Expected<std::optional<std::string>> Find(const std::string& name) override {
    std::optional<std::string> found;
    const auto done = Ask([&](void* cancel, GlibError** error) {
      char* const secret = library_.look_up(&kSchema, cancel, error, "home", name.c_str(), nullptr);
      if (secret == nullptr) return;
      found = secret;
      library_.free_secret(secret);
    });
    if (!done) return std::unexpected(done.error());
    return found;
  }
  Expected<void> Put(const std::string& name, const std::string& secret) override {
    return Ask([&](void* cancel, GlibError** error) {
      library_.store(&kSchema, "default", "Kaopu: key that shared reports are signed with",
                     secret.c_str(), cancel, error, "home", name.c_str(), nullptr);
    });
  }
  Expected<bool> Remove(const std::string& name) override {
    bool removed = false;
    const auto done = Ask([&](void* cancel, GlibError** error) {
      removed = library_.clear(&kSchema, cancel, error, "home", name.c_str(), nullptr) != 0;
    });
    if (!done) return std::unexpected(done.error());
    return removed;
  }

 private:
  // Ended from outside when nobody unlocks it.
  template <typename Call>
  Expected<void> Ask(const Call& call) {
    void* const cancel = library_.new_cancel();
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    std::thread watch([&] {
      std::unique_lock lock(mutex);
      if (!changed.wait_for(lock, patience_, [&] { return done; })) library_.cancel(cancel);
    });
    GlibError* error = nullptr;
    call(cancel, &error);
    {
      const std::lock_guard lock(mutex);
      done = true;
    }
    changed.notify_all();
    watch.join();
    library_.unref(cancel);
    if (error == nullptr) return {};
    const std::string message = error->message != nullptr ? error->message : "";
    library_.free_error(error);
    return Fail(ErrorCode::kUnavailable, StrCat("the desktop's keyring did not answer: ", message));
  }

  Library library_;
  std::chrono::seconds patience_;
};

// As GLib looks for it, but for starting a bus of its own, which no timer should.
bool HasSessionBus() {
  if (const char* address = std::getenv("DBUS_SESSION_BUS_ADDRESS")) return *address != '\0';
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime == nullptr || *runtime == '\0') return false;
  std::error_code error;
  return std::filesystem::exists(std::filesystem::path(runtime) / "bus", error);
}

}  // namespace

std::unique_ptr<Keyring> DesktopKeyring(std::chrono::seconds patience) {
  const char* const wanted = std::getenv("KAOPU_KEYRING");
  if ((wanted != nullptr && std::strcmp(wanted, "none") == 0) || !HasSessionBus()) return nullptr;
  Library library;
  if (!library.Load()) return nullptr;
  return std::make_unique<SecretService>(library, patience);
}

}  // namespace kaopu::pool
