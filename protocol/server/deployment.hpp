#pragma once
// A blind server that lives on: it keeps hints in a cache folder between starts, and makes new
// masks and hints when a nonce has served as many tiles as its parameters allow.

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

#include "protocol/server/mask_book.hpp"
#include "protocol/server/product_service.hpp"
#include "protocol/server/served_weights.hpp"

namespace hippocrypt::protocol {

/// Thread-safe.
class Deployment final : public FrameService {
 public:
  /// Gives the float32 weights whenever hints must be made; called at the start and at rotations.
  /// The output head is offered where it is among them; only the blocks of Options need be there.
  using WeightSource = std::function<Result<ServedWeights>()>;

  struct Options {
    crypto::Params params;
    int threads = 1;                ///< share each product
    std::filesystem::path cache;    ///< folder; empty: none, and a fresh nonce at every start
    std::uint64_t tiles_per_nonce;  ///< usually params.max_tiles_per_nonce()
    bool offer_scalar = false;      ///< SetupSources::offer_scalar
    BlockRange blocks = {};         ///< SetupSources::blocks
  };

  /// `random` (thread-safe, must outlive the object) gives mask nonces. Errors: those of
  /// ProductService::create, of `weights`, and io (the cache folder cannot be written).
  static Result<std::unique_ptr<Deployment>> create(const model::ModelConfig& config,
                                                    WeightSource weights, Options options,
                                                    RandomSource& random);

  /// As ProductService's. Tiles are counted before their replies are handed out; requests under
  /// masks that have been used up get stale, and the masks are replaced on the way.
  void answer_all(std::span<const ByteView> requests,
                  const Deliver& deliver) const noexcept override;

  const Hash256& model_fingerprint() const { return model_fingerprint_; }
  /// What now serves.
  std::shared_ptr<const ProductService> service() const;
  /// Whether the hints that now serve came out of the cache.
  bool from_cache() const;

 private:
  Deployment(const model::ModelConfig& config, WeightSource weights, Options options,
             std::unique_ptr<MaskBook> book);
  struct State {
    std::shared_ptr<const ProductService> service;
    crypto::MaskNonce nonce{};
    bool from_cache = false;
  };
  State state() const;
  std::filesystem::path hint_file(const crypto::MaskNonce& nonce) const;
  Status charge(const State& state) const;
  Status rotate(const crypto::MaskNonce& spent) const;
  Result<State> make_state(const model::BaseWeights& base) const;
  Result<ServerParts> parts_from_cache(const SetupSources& sources) const;
  Status save_to_cache(const SetupSources& sources, ServerParts& parts) const;

  const model::ModelConfig config_;
  const WeightSource weights_;
  const Options options_;
  Hash256 model_fingerprint_{};
  std::unique_ptr<MaskBook> book_;
  mutable std::mutex rotation_;  ///< held while hints are made
  mutable std::mutex mutex_;     ///< guards state_
  mutable State state_;
};

}  // namespace hippocrypt::protocol
