#pragma once
// What PLD accountants keep between questions: losses of single steps, twiddle factors, figures.

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/result.hpp"
#include "privacy/accounting/loss_pmf.hpp"
#include "privacy/accounting/real_fft.hpp"

namespace hippocrypt::privacy {

/// (q, sigma) and how many steps of it.
using PldMechanisms = std::map<std::pair<double, double>, std::uint64_t>;

/// Several accountants may share one, for accounts that are alike: those of hospitals of one run.
/// Keeps at most about 64 MB of losses and a few thousand figures. Whoever uses it holds its lock;
/// accountants do, so that each may belong to a thread of its own.
class PldWorkspace {
 public:
  std::unique_lock<std::mutex> lock() { return std::unique_lock{mutex_}; }
  /// The step's loss in both directions. Errors: limit_exceeded (more than 2^20 cells).
  Result<std::shared_ptr<const LossPmfs>> losses(const std::pair<double, double>& mechanism,
                                                 const LossGrid& grid);
  RealFft& fft() { return fft_; }

  std::optional<Result<double>> figure(const PldMechanisms& mechanisms, double delta) const;
  void remember(const PldMechanisms& mechanisms, double delta, const Result<double>& epsilon);

 private:
  struct CachedLoss {
    std::pair<double, double> mechanism;
    LossGrid grid;
    std::shared_ptr<const LossPmfs> losses;
  };

  std::mutex mutex_;
  std::list<CachedLoss> losses_;  // the one used last in front
  std::map<std::pair<double, PldMechanisms>, Result<double>> figures_;
  RealFft fft_;
};

}  // namespace hippocrypt::privacy
