#include "privacy/dp_sgd/poisson_sampler.hpp"

#include <cmath>

#include "base/check.hpp"
#include "privacy/dp_sgd/random_source_name.hpp"

namespace hippocrypt::privacy {

SecretUniformSource::SecretUniformSource(RandomSource& random)
    : random_{&random}, name_{random_source_name(random)} {}

PoissonSampler::PoissonSampler(std::size_t units, double sampling_rate)
    : units_{units}, always_{sampling_rate == 1.0}, threshold_{0} {
  HIPPOCRYPT_CHECK(sampling_rate > 0.0 && sampling_rate <= 1.0, "q must lie in (0, 1]");
  if (!always_) threshold_ = static_cast<std::uint64_t>(std::ldexp(sampling_rate, 64));
}

std::vector<std::size_t> PoissonSampler::draw(UniformSource& source) const {
  std::vector<std::size_t> lot;
  for (std::size_t unit = 0; unit < units_; ++unit) {
    const std::uint64_t word = source.next_u64();
    if (always_ || word < threshold_) lot.push_back(unit);
  }
  return lot;
}

}  // namespace hippocrypt::privacy
