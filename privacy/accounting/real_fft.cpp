#include "privacy/accounting/real_fft.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unsupported/Eigen/FFT>

#include "base/check.hpp"

namespace hippocrypt::privacy {

struct RealFft::Plan {
  std::size_t size;
  Eigen::FFT<double> fft{Eigen::default_fft_impl<double>{}, Eigen::FFT<double>::HalfSpectrum};
};

RealFft::RealFft() = default;
RealFft::~RealFft() = default;
RealFft::RealFft(RealFft&&) noexcept = default;
RealFft& RealFft::operator=(RealFft&&) noexcept = default;

RealFft::Plan& RealFft::plan(std::size_t size) {
  const auto found = std::find_if(plans_.begin(), plans_.end(),
                                  [&](const auto& plan) { return plan->size == size; });
  if (found != plans_.end()) {
    std::rotate(found, found + 1, plans_.end());
    return *plans_.back();
  }
  if (plans_.size() == 2) plans_.erase(plans_.begin());
  plans_.push_back(std::make_unique<Plan>());
  plans_.back()->size = size;
  return *plans_.back();
}

std::vector<std::complex<double>> RealFft::forward(const std::vector<double>& values) {
  HIPPOCRYPT_CHECK(good_size(values.size()) == values.size());
  std::vector<std::complex<double>> spectrum;
  plan(values.size()).fft.fwd(spectrum, values);
  return spectrum;
}

std::vector<double> RealFft::inverse(const std::vector<std::complex<double>>& spectrum,
                                     std::size_t size) {
  HIPPOCRYPT_CHECK(good_size(size) == size && spectrum.size() == size / 2 + 1);
  std::vector<double> values;
  plan(size).fft.inv(values, spectrum, static_cast<Eigen::Index>(size));
  return values;
}

std::size_t RealFft::good_size(std::size_t at_least) {
  std::size_t best = std::numeric_limits<std::size_t>::max();
  for (const std::size_t factor : {std::size_t{64}, std::size_t{48}, std::size_t{80}}) {
    std::size_t size = factor;
    while (size < std::max<std::size_t>(at_least, 64)) size *= 2;
    best = std::min(best, size);
  }
  return best;
}

double RealFft::relative_error(std::size_t size) {
  constexpr double unit = 0.5 * std::numeric_limits<double>::epsilon();
  return 8.0 * unit * (std::log2(static_cast<double>(size)) + 4.0);
}

}  // namespace hippocrypt::privacy
