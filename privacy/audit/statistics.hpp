#pragma once
// p-values and intervals that the checks share. All p-values are of the null hypothesis that the
// mechanism is what it claims to be.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace hippocrypt::privacy::audit {

double normal_cdf(double z);
/// P(|Z| >= |z|), Z standard normal.
double two_sided_normal(double z);
/// Of a sum of squares of `freedom` standard normals: twice the smaller tail.
double two_sided_chi_square(double sum, double freedom);
/// P(chi-square <= sum) and P(chi-square >= sum).
double lower_chi_square(double sum, double freedom);
double upper_chi_square(double sum, double freedom);

/// P(Bin(n, p) >= k), by the incomplete beta function.
double binomial_at_least(std::uint64_t n, double p, std::uint64_t k);
/// Twice the smaller tail, at most 1.
double two_sided_binomial(std::uint64_t n, double p, std::uint64_t k);
/// Clopper-Pearson limits for k successes of n, each one-sided at `significance`.
double clopper_pearson_lower(std::uint64_t n, std::uint64_t k, double significance);
double clopper_pearson_upper(std::uint64_t n, std::uint64_t k, double significance);

/// Kolmogorov-Smirnov against a continuous distribution function; the asymptotic law with
/// Stephens' correction, good from about 20 values on.
double kolmogorov_smirnov(std::span<const double> values,
                          const std::function<double(double)>& distribution);

/// Pearson's, 0 when one side is constant. As long as each other.
double correlation(std::span<const double> x, std::span<const double> y);
/// Ranks from 1, tied values share their mean rank.
std::vector<double> ranks(std::span<const double> values);

}  // namespace hippocrypt::privacy::audit
