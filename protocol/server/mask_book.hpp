#pragma once
// Which mask nonce a deployment uses, and how many tiles it has served. Every tile under the same
// masks takes a little of the hybrid argument's margin (log2 K bits for K tiles), so a parameter
// set says how many a nonce may serve; then masks and hints are made anew (DESIGN §3.2).

#include <cstdint>
#include <filesystem>
#include <mutex>

#include "base/random.hpp"
#include "crypto/core/masks.hpp"
#include "crypto/core/params.hpp"

namespace hippocrypt::protocol {

/// Thread-safe. With a file, restarts and several processes that share it count together: tiles are
/// reserved in the file before they are served, so a crash can waste some but never forget any.
class MaskBook {
 public:
  /// Reserved at a time.
  static constexpr std::uint64_t chunk = 4096;

  /// `file` empty: in memory only, with a fresh nonce. Otherwise the nonce in the file, or a fresh
  /// one where the file is missing, damaged or used up. Errors: io.
  static Result<std::unique_ptr<MaskBook>> open(std::filesystem::path file, std::uint64_t limit,
                                                RandomSource& random);

  crypto::MaskNonce nonce() const;
  /// Counts tiles whose answers are about to be handed out under `nonce`. False: that nonce may
  /// serve no more, or has been replaced; call rotate(). Errors: io.
  Result<bool> take(const crypto::MaskNonce& nonce, std::uint64_t tiles);
  /// Replaces `spent` by a fresh nonce, unless somebody else has done so. Errors: io.
  Status rotate(const crypto::MaskNonce& spent);

 private:
  struct Page {
    crypto::MaskNonce nonce{};
    std::uint64_t reserved = 0;
  };
  MaskBook(std::filesystem::path file, std::uint64_t limit, RandomSource& random)
      : file_{std::move(file)}, limit_{limit}, random_{random} {}
  Page fresh_page();
  Page read_page();
  Status write_page(const Page& page) const;

  const std::filesystem::path file_;
  const std::uint64_t limit_;
  RandomSource& random_;
  mutable std::mutex mutex_;
  Page page_;               ///< as last read or written
  std::uint64_t left_ = 0;  ///< of what this object has reserved
};

}  // namespace hippocrypt::protocol
