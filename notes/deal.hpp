#pragma once
// Deals patients to hospitals, without replacement: how a simulation makes many hospitals of few
// note files. The same seed gives the same hands.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"

namespace hippocrypt::notes {

/// One of the patients that there are to deal.
struct DealtPatient {
  std::size_t file = 0;
  std::string label;  ///< speciality
  bool is_heldout = false;
};

/// What one hospital is to get.
struct HandRequest {
  std::string name;
  std::vector<std::size_t> files;  ///< where its patients may come from
  std::size_t train = 0, heldout = 0;
  /// Concentration alpha of the labels' shares q ~ Dirichlet(alpha·p), p being the labels' shares
  /// of all training patients of the files (Hsu, Qi, Brown 2019, arXiv:1909.06335, section 3).
  /// Small: nearly one label; infinite: q = p.
  double skew = std::numeric_limits<double>::infinity();
};

/// Positions of patients, ascending.
struct Hand {
  std::vector<std::size_t> train, heldout;
};

/// A hand for every request, in their order; no patient is in two. Patients are dealt in turn, one
/// a hospital, so that what is scarce runs out for all at once: each by a label drawn from q among
/// those that are left, held-out patients by the same q as training ones. Where nothing of q is
/// left, any patient of the files will do. Errors: out_of_range (too few patients, with the name).
Result<std::vector<Hand>> deal_patients(const std::vector<DealtPatient>& patients,
                                        const std::vector<HandRequest>& requests,
                                        std::uint64_t seed);

/// Shares drawn from Dirichlet(concentrations), 0 where the concentration is 0; at least one must
/// be above 0. By gamma variates (Marsaglia, Tsang 2000), in logarithms, so that tiny
/// concentrations do not end in 0/0.
std::vector<double> draw_dirichlet(const std::vector<double>& concentrations,
                                   SeededSequence& random);

}  // namespace hippocrypt::notes
