#include "privacy/accounting/pld_workspace.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

namespace hippocrypt::privacy {
namespace {

// Most cells of one step, 16 MB in both directions.
constexpr double largest_step_cells = 1048576.0;
constexpr std::size_t cache_cells = std::size_t{1} << 22;  // of two doubles
constexpr std::size_t most_figures = 4096;

Error too_fine(double cells) {
  return {Errc::limit_exceeded,
          fmt::format("one step's loss would need {:g} cells and the limit of the PLD accountant "
                      "is {:g}; use the RDP figure",
                      cells, largest_step_cells)};
}

}  // namespace

Result<std::shared_ptr<const LossPmfs>> PldWorkspace::losses(
    const std::pair<double, double>& mechanism, const LossGrid& grid) {
  const auto found = std::find_if(losses_.begin(), losses_.end(), [&](const CachedLoss& cached) {
    return cached.mechanism == mechanism && cached.grid.spacing == grid.spacing &&
           cached.grid.reach == grid.reach;
  });
  if (found != losses_.end()) {
    losses_.splice(losses_.begin(), losses_, found);
    return losses_.front().losses;
  }
  const SampledStep step{mechanism.first, mechanism.second};
  const double cells = loss_cells(step, grid);
  if (!(cells <= largest_step_cells)) return too_fine(cells);
  losses_.push_front(
      {mechanism, grid, std::make_shared<const LossPmfs>(discretise_loss(step, grid))});
  std::size_t kept = 0;
  for (auto it = losses_.begin(); it != losses_.end();) {
    kept += it->losses->remove.mass.size();
    it = kept > cache_cells && it != losses_.begin() ? losses_.erase(it) : std::next(it);
  }
  return losses_.front().losses;
}

std::optional<Result<double>> PldWorkspace::figure(const PldMechanisms& mechanisms,
                                                   double delta) const {
  const auto found = figures_.find({delta, mechanisms});
  if (found == figures_.end()) return std::nullopt;
  return found->second;
}

void PldWorkspace::remember(const PldMechanisms& mechanisms, double delta,
                            const Result<double>& epsilon) {
  if (figures_.size() == most_figures) figures_.clear();
  figures_.emplace(std::pair{delta, mechanisms}, epsilon);
}

}  // namespace hippocrypt::privacy
