#pragma once
// Membership inference: does a score, say how much an adapter lowered a patient's loss, tell who
// was trained on?

#include <span>
#include <vector>

#include "privacy/audit/check_result.hpp"

namespace hippocrypt::privacy::audit {

struct TruePositives {
  double false_positive_rate = 0;  ///< at most; reached by the threshold
  double rate = 0;                 ///< share of members above the threshold
  double lower = 0;                ///< Clopper-Pearson, one-sided 97.5 %
};

struct MembershipReport {
  double auc = 0.5;                ///< chance that a member's score is above an outsider's
  double lower = 0, upper = 1;     ///< 95 %, by DeLong's variance
  std::vector<TruePositives> low;  ///< at false positive rates of 10, 1 and 0.1 %
  CheckResult result;
};

/// Scores of members and of others, higher for members; at least 2 each. "membership inference"
/// fails where more members are found than an (epsilon, delta)-private mechanism allows to anybody:
/// a true positive rate above e^epsilon (false positive rate) + delta, by Clopper-Pearson limits of
/// both at the thresholds that 10, 1 and 0.1 % of the others exceed. Members and others must be
/// alike but for the training, and independent.
MembershipReport membership_inference(std::span<const double> members,
                                      std::span<const double> others, double epsilon, double delta);

}  // namespace hippocrypt::privacy::audit
