#include "privacy/audit/sensitivity_check.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace hippocrypt::privacy::audit {
namespace {

using Gradient = std::vector<float>;

struct Case {
  std::string name;
  std::vector<Gradient> lot;
  Gradient added;
};

Gradient direction(std::size_t size, double norm, SeededSequence& sequence) {
  std::vector<double> values(size);
  double square = 0;
  for (double& x : values) {
    x = sequence.normal();
    square += x * x;
  }
  Gradient gradient(size);
  for (std::size_t i = 0; i < size; ++i) {
    gradient[i] = static_cast<float>(values[i] * (norm / std::sqrt(square)));
  }
  return gradient;
}

Gradient negated(Gradient gradient) {
  for (float& x : gradient) x = -x;
  return gradient;
}

std::vector<Case> cases_of(const Claim& claim, SeededSequence& sequence,
                           const SensitivityOptions& options) {
  constexpr float largest = std::numeric_limits<float>::max();
  const auto of_norm = [&](double times) {
    return direction(options.size, times * claim.clip, sequence);
  };
  const auto with_one = [&](float value) {
    Gradient gradient = of_norm(0.5);
    gradient[options.size / 2] = value;
    return gradient;
  };
  const Gradient one = of_norm(1), zeros(options.size);
  const std::vector<Gradient> few{of_norm(0.3), of_norm(5), of_norm(1)};
  std::vector<Case> cases{
      {"in an empty lot", {}, one},
      {"of norm 100 C in an empty lot", {}, of_norm(100)},
      {"of zeros in an empty lot", {}, zeros},
      {"of zeros beside one", {one}, zeros},
      {"of zeros beside 20 equal ones", std::vector<Gradient>(20, one), zeros},
      {"opposite to the only one", {one}, negated(one)},
      {"equal to the only one", {one}, one},
      {"equal to 20", std::vector<Gradient>(20, one), one},
      {"of norm 1e6 C", few, of_norm(1e6)},
      {"with NaN", few, with_one(std::nanf(""))},
      {"with NaN in an empty lot", {}, with_one(std::nanf(""))},
      {"with infinity", few, with_one(std::numeric_limits<float>::infinity())},
      {"with the largest float", few, with_one(largest)},
      {"of largest floats", few, Gradient(options.size, largest)},
      {"of least floats", few, Gradient(options.size, std::numeric_limits<float>::denorm_min())},
      {"beside NaN", {with_one(std::nanf("")), one}, of_norm(2)},
  };
  for (std::size_t i = 0; i < options.random_lots; ++i) {
    Case random{"of a random lot", {}, {}};
    const std::uint64_t others = sequence.below(12);
    for (std::uint64_t k = 0; k < others; ++k) {
      random.lot.push_back(of_norm(std::pow(10.0, 4 * sequence.uniform() - 2)));
    }
    random.added = of_norm(std::pow(10.0, 6 * sequence.uniform() - 2));
    cases.push_back(std::move(random));
  }
  return cases;
}

}  // namespace

Result<CheckResult> check_sensitivity(const NoiselessStep& step, const Claim& claim,
                                      SeededSequence& sequence, const SensitivityOptions& options) {
  double largest = 0;
  std::string worst = "none";
  const auto cases = cases_of(claim, sequence, options);
  for (const Case& test : cases) {
    HIPPOCRYPT_TRY(const auto before, step(test.lot, options.size));
    std::vector<Gradient> larger = test.lot;
    larger.push_back(test.added);
    HIPPOCRYPT_TRY(const auto after, step(larger, options.size));
    HIPPOCRYPT_CHECK(before.size() == options.size && after.size() == options.size);
    double square = 0;
    for (std::size_t i = 0; i < options.size; ++i) {
      const double moved = claim.expected_lot * (after[i] - before[i]);
      square += moved * moved;
    }
    const double norm =
        std::isfinite(square) ? std::sqrt(square) : std::numeric_limits<double>::infinity();
    if (norm <= largest) continue;
    largest = norm;
    worst = test.name;
  }
  return CheckResult{
      "sensitivity", largest <= claim.clip * (1 + options.tolerance) ? 1.0 : 0.0,
      fmt::format("one unit moves the sum by at most {:.6g} where {:.6g} is claimed; "
                  "{} pairs of lots, worst: a gradient {}",
                  largest, claim.clip, cases.size(), worst)};
}

Result<CheckResult> check_any_pair(const ClippedValues& clipped, double claimed, std::size_t size,
                                   SeededSequence& sequence) {
  std::vector<Gradient> records;
  for (const double norm : {0.0, 1e-3, 1.0, 1e6}) {
    records.push_back(direction(size, norm * claimed, sequence));
    records.push_back(negated(records.back()));
  }
  records.emplace_back(size, std::numeric_limits<float>::max());
  records.emplace_back(size, -std::numeric_limits<float>::max());
  records.emplace_back(size, std::nanf(""));
  records.emplace_back(size, std::numeric_limits<float>::infinity());
  std::vector<std::vector<double>> released;
  for (const Gradient& record : records) {
    HIPPOCRYPT_TRY(auto values, clipped(record));
    released.push_back(std::move(values));
  }
  double largest = 0;
  for (const auto& one : released) {
    for (const auto& other : released) {
      double square = 0;
      for (std::size_t i = 0; i < one.size(); ++i)
        square += (one[i] - other[i]) * (one[i] - other[i]);
      largest = std::isfinite(square) ? std::max(largest, std::sqrt(square))
                                      : std::numeric_limits<double>::infinity();
    }
  }
  return CheckResult{"any-pair sensitivity", largest <= claimed * (1 + 1e-6) ? 1.0 : 0.0,
                     fmt::format("two records are at most {:.6g} apart where {:.6g} is claimed; {} "
                                 "records",
                                 largest, claimed, records.size())};
}

}  // namespace hippocrypt::privacy::audit
