#pragma once
// The steps of one blind product, each as something that can be timed again and again: a secret
// and pads are consumed, so that `prepare` must make new ones.

#include <memory>
#include <optional>

#include "base/random.hpp"
#include "benchmarks/alternate.hpp"
#include "benchmarks/workload.hpp"

namespace hippocrypt::bench {

/// Everything that belongs to one (out, in, tokens) under "rlwe2048".
class BlindRuns {
 public:
  BlindRuns(std::size_t out, std::size_t in, std::size_t tokens, int threads);

  const char* kernel_name() const { return packed_->kernel_name(); }
  Contestant encrypt();
  Contestant multiply();
  Contestant decrypt();
  Contestant make_pads();
  Contestant encrypt_with_pads();
  Contestant decrypt_with_pads();
  /// encrypt, multiply, decrypt; with everything made in the run, or with pads made before it.
  Contestant whole();
  Contestant whole_with_pads();

 private:
  crypto::EncryptedTile encrypted();
  crypto::TilePads pads();
  crypto::EncryptedTile encrypted_with(crypto::TilePads pads) const;
  void decrypt(crypto::EncryptedTile tile, ByteView answer) const;

  crypto::Params params_;
  Weights weights_;
  crypto::RowNormBounds bounds_;
  std::unique_ptr<crypto::PackedWeights> packed_;
  crypto::LanePolys masks_, hints_;
  Matrix x_;
  int threads_;
  SystemRandom random_;
  Bytes body_, answer_;
  std::optional<crypto::TilePads> ready_pads_;
  std::optional<crypto::EncryptedTile> ready_tile_;
};

}  // namespace hippocrypt::bench
