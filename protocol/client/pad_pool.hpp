#pragma once
// Pads made ahead (DESIGN §3.1): a·s + e and H·s do not depend on data, so a thread of their own
// makes them while the server multiplies or the client thinks. What is then left of encryption and
// decryption is an addition and a rounding a value.

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "crypto/client/tile_cipher.hpp"
#include "model/linear_oracle.hpp"
#include "protocol/client/server_setup.hpp"

namespace hippocrypt::protocol {

/// For one client thread. Learns which product follows which, and keeps the pads of the next ones
/// ready, as many as fit the limit; what is no longer expected is dropped, and dropped pads are
/// wiped.
class PadPool {
 public:
  /// One product: `tiles` tiles of `tokens` columns.
  struct Call {
    model::LinearSite site;
    Direction direction;
    std::size_t tiles, tokens;
    friend bool operator==(const Call&, const Call&) = default;
  };
  struct Counts {
    std::uint64_t made = 0, used = 0;
  };

  /// `random` must be safe to use from another thread, as SystemRandom is, and outlive the pool.
  PadPool(std::shared_ptr<const ServerSetup> setup, RandomSource& random, std::size_t limit_bytes);
  ~PadPool();
  PadPool(const PadPool&) = delete;
  PadPool& operator=(const PadPool&) = delete;

  /// The product that take() is for from now on.
  void begin(const Call& call);
  /// Pads for one tile of it, if some are ready; never waits for any to be made.
  std::optional<crypto::TilePads> take();

  Counts counts() const;
  /// Pads in store and in the making; at most the limit.
  std::size_t bytes() const;
  /// Waits until nothing more can be made ahead (tests, benchmarks).
  void wait_until_full() const;

 private:
  using CallId = std::size_t;
  static constexpr CallId none = static_cast<CallId>(-1);

  CallId id_of(const Call& call);
  std::size_t bytes_of(const Call& call) const;
  void replan();
  CallId next_to_make() const;
  crypto::TilePads make(const Call& call) const;
  void run();

  const std::shared_ptr<const ServerSetup> setup_;
  RandomSource& random_;
  const std::size_t limit_bytes_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool stopping_ = false;
  std::vector<Call> calls_;        ///< every product seen, by id
  std::vector<CallId> successor_;  ///< what followed it last time
  CallId current_ = none;
  std::map<CallId, std::size_t> plan_;  ///< tiles wanted in store
  std::vector<CallId> order_;           ///< the plan, soonest first
  std::map<CallId, std::vector<crypto::TilePads>> store_;
  CallId making_ = none;
  Counts counts_;
  std::thread worker_;  ///< last, so that all the rest is there when it starts
};

}  // namespace hippocrypt::protocol
