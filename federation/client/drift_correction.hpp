#pragma once
// What keeps a hospital's local steps from drifting towards its own optimum: FedProx's pull to the
// global adapter (Li et al. 2020, arXiv:1812.06127, equation 2) and SCAFFOLD's control variates
// (Karimireddy et al. 2020, arXiv:1910.06378, algorithm 1, option II).
//
// Both work on gradients that have their noise already and on values that follow from such
// gradients alone, so that they are post-processing: they cost no privacy.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "federation/common/round_config.hpp"

namespace hippocrypt::federation {

/// Not thread-safe. Without a part at the hospital (and FedProx's with mu = 0) it changes nothing,
/// bit for bit. d is the number of trained values of the adapter.
class DriftCorrection {
 public:
  DriftCorrection(const AggregationConfig& config, std::size_t size);

  /// d, or 2d with control variates: the length of a round's start and of its update.
  std::size_t round_size() const;

  /// Takes the start of a round (from 1) apart and returns the adapter's values (d). What was sent
  /// in an earlier round, and of which nobody said that it did not count, counts; what was sent in
  /// this one, which is tried again, does not. Errors: mismatch (another length).
  Result<std::vector<float>> begin_round(std::uint32_t round, std::span<const float> start);
  /// Whether set_anchor() is wanted after begin_round(): what FedProx pulls to, of the factor that
  /// the round trains, as correct() sees it.
  bool wants_anchor() const;
  void set_anchor(std::vector<float> values) { anchor_ = std::move(values); }

  /// One step's gradient at `values`, before the optimizer takes it with `learning_rate`. Outside
  /// of a round nothing happens.
  void correct(std::span<const float> values, std::span<float> gradient, double learning_rate);

  /// The round's update for new adapter values (d): new minus old, and with control variates the
  /// change of this hospital's behind them: c_i+ = c_i − c + (x − y_i) / (sum of learning rates).
  std::vector<float> finish_round(std::span<const float> values);

  /// Whether the last update that was sent is in its round. One that is not must not move c_i, or
  /// the global c would no longer be the mean of the hospitals'.
  void settle(bool counted);

  /// What a hospital must not forget between rounds: c_i; empty where there is none.
  Bytes save() const;
  /// Errors: malformed (damaged, of another size, or not empty where there is no control variate),
  /// unsupported (another version).
  Status restore(ByteView state);

 private:
  AggregationConfig config_;
  std::size_t size_;
  bool in_round_ = false;
  std::uint32_t round_ = 0;            ///< that was begun last
  std::vector<float> start_;           ///< the adapter's values of the round's start
  std::vector<float> anchor_;          ///< FedProx's, of the factor that is trained
  std::vector<float> global_variate_;  ///< c
  std::vector<float> own_variate_;     ///< c_i
  std::vector<float> variate_change_;  ///< sent, but not yet known to count; empty: none
  double learning_rates_ = 0;          ///< of the round's steps, summed
};

}  // namespace hippocrypt::federation
