#pragma once
// Immutable bytes that threads share without a copy: a vector, or a file mapped into memory.

#include <filesystem>
#include <memory>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace hippocrypt {

/// Keeps its bytes alive as long as any copy of it. Behaves like a pointer to a ByteView; null when
/// default-made.
class SharedBytes {
 public:
  SharedBytes() = default;
  SharedBytes(std::shared_ptr<const Bytes> bytes) {  // NOLINT(google-explicit-constructor)
    if (bytes == nullptr) return;
    view_ = *bytes;
    owner_ = std::move(bytes);
  }
  explicit SharedBytes(Bytes bytes)
      : SharedBytes{std::make_shared<const Bytes>(std::move(bytes))} {}
  /// `view` must stay valid as long as `owner` lives.
  SharedBytes(std::shared_ptr<const void> owner, ByteView view)
      : owner_{std::move(owner)}, view_{view} {}

  explicit operator bool() const { return owner_ != nullptr; }
  ByteView operator*() const { return view_; }
  const ByteView* operator->() const { return &view_; }

 private:
  std::shared_ptr<const void> owner_;
  ByteView view_;
};

/// Whether the bytes are equal, wherever they lie.
bool same_bytes(ByteView a, ByteView b);

/// Maps a whole file for reading; pages are read when they are touched. The file must not be
/// changed in place or cut while it is mapped (replacing it by a rename is fine): reading beyond a
/// new end would end the process. Errors: not_found, io, limit_exceeded (larger than
/// `limit_bytes`).
Result<SharedBytes> map_file(const std::filesystem::path& path, std::size_t limit_bytes);

}  // namespace hippocrypt
