// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/cold/gumbo_tree.h"

#include <csetjmp>
#include <ctime>

#include "page/cold/html_tokenizer.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kChunkBytes = 1 << 20;
// A real page needs 5 to 25 bytes of tree for a byte of text.
constexpr size_t kTreeBytesBase = 128 << 20;
constexpr size_t kTreeBytesPerByte = 48;
// Far above what any page needs on a slow machine: a backstop, not a budget.
constexpr double kSecondsBase = 4.0;
constexpr double kSecondsPerMegabyte = 1.0;

double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

// Memory for one parse, freed whole. The parser cannot be told to stop, so running out jumps out of
// it: nothing between the jump's two ends is C++, and all the parser holds lies in the arena.
struct GumboTree::Arena {
  std::vector<std::unique_ptr<char[]>> chunks;
  char* next = nullptr;
  size_t left = 0;
  size_t used = 0;
  size_t used_max = 0;
  double deadline = 0;
  int calls = 0;
  std::jmp_buf out_of_memory;

  static void* Allocate(void* self, size_t bytes) { return static_cast<Arena*>(self)->Take(bytes); }
  static void Release(void*, void*) {}

  void* Take(size_t bytes) {
    bytes = (bytes + 15) & ~size_t{15};
    if (bytes > used_max - used) std::longjmp(out_of_memory, 1);
    if ((++calls & 0xFFF) == 0 && ThreadSeconds() > deadline) std::longjmp(out_of_memory, 2);
    used += bytes;
    if (bytes > left && !Grow(bytes)) std::longjmp(out_of_memory, 1);
    char* taken = next;
    next += bytes;
    left -= bytes;
    return taken;
  }

  bool Grow(size_t bytes) noexcept {
    const size_t size = bytes > kChunkBytes ? bytes : kChunkBytes;
    std::unique_ptr<char[]> chunk(new (std::nothrow) char[size]);
    if (!chunk) return false;
    next = chunk.get();
    left = size;
    chunks.push_back(std::move(chunk));
    return true;
  }
};

GumboTree::GumboTree(std::unique_ptr<Arena> arena) : arena_(std::move(arena)) {}
GumboTree::GumboTree(GumboTree&&) noexcept = default;
GumboTree& GumboTree::operator=(GumboTree&&) noexcept = default;
GumboTree::~GumboTree() = default;

Expected<GumboTree> GumboTree::Parse(std::string_view html) {
  auto owned = std::make_unique<Arena>();
  Arena* const arena = owned.get();
  arena->used_max = kTreeBytesBase + html.size() * kTreeBytesPerByte;
  arena->deadline =
      ThreadSeconds() + kSecondsBase + static_cast<double>(html.size()) / 1e6 * kSecondsPerMegabyte;
  GumboTree tree(std::move(owned));
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = Arena::Allocate;
  options.deallocator = Arena::Release;
  options.userdata = arena;
  options.max_errors = 0;
  const int why = setjmp(arena->out_of_memory);
  if (why == 1)
    return Fail(ErrorCode::kTooLarge,
                "parse of HTML: its tree needs more memory than a page of this size may");
  if (why == 2)
    return Fail(ErrorCode::kTimeout, "parse of HTML: took longer than a page of this size may");
  tree.output_ = gumbo_parse_with_options(&options, html.data(), html.size());
  return tree;
}

const GumboNode* GumboTree::root() const { return output_->root; }

const GumboNode* GumboTree::body() const {
  const GumboVector& children = output_->root->v.element.children;
  for (unsigned i = 0; i < children.length; ++i) {
    const auto* child = static_cast<const GumboNode*>(children.data[i]);
    if (child->type == GUMBO_NODE_ELEMENT && child->v.element.tag == GUMBO_TAG_BODY) return child;
  }
  return nullptr;
}

const GumboElement* AsElement(const GumboNode& node) {
  return node.type == GUMBO_NODE_ELEMENT || node.type == GUMBO_NODE_TEMPLATE ? &node.v.element
                                                                             : nullptr;
}

std::string ElementName(const GumboElement& element) {
  if (element.tag != GUMBO_TAG_UNKNOWN) return gumbo_normalized_tagname(element.tag);
  GumboStringPiece piece = element.original_tag;
  gumbo_tag_from_original_text(&piece);
  return piece.data == nullptr ? std::string() : ToLowerAscii({piece.data, piece.length});
}

std::optional<std::string_view> AttributeOf(const GumboElement& element, std::string_view name) {
  for (unsigned i = 0; i < element.attributes.length; ++i) {
    const auto* attribute = static_cast<const GumboAttribute*>(element.attributes.data[i]);
    if (EqualsIgnoreCase(attribute->name, name)) return attribute->value;
  }
  return std::nullopt;
}

std::string OwnText(const GumboElement& element) {
  std::string text;
  for (unsigned i = 0; i < element.children.length; ++i) {
    const auto* child = static_cast<const GumboNode*>(element.children.data[i]);
    if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE ||
        child->type == GUMBO_NODE_CDATA) {
      text += child->v.text.text;
    }
  }
  return text;
}

}  // namespace kaopu
