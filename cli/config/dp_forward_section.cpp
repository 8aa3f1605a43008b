#include "cli/config/section_reader.hpp"
#include "cli/config/sections.hpp"

namespace hippocrypt::cli {
namespace {

// The limits of privacy::gaussian_noise_multiplier and privacy::MatrixGaussianParams.
constexpr RealRule epsilon_rule{"above 0 and at most 1e6",
                                [](double value) { return value > 0 && value <= 1e6; }};
constexpr RealRule multiplier_rule{"from 1e-6 to 1e9",
                                   [](double value) { return value >= 1e-6 && value <= 1e9; }};
constexpr RealRule clip_rule{"above 0 and at most 1e30",
                             [](double value) { return value > 0 && value <= 1e30; }};

}  // namespace

Result<std::optional<federation::DpForwardConfig>> read_dp_forward(const Document& document) {
  if (document.find("privacy.dp_forward") == nullptr) {
    return std::optional<federation::DpForwardConfig>{};
  }
  federation::DpForwardConfig config;
  SectionReader reader{document, "privacy.dp_forward"};
  reader.real("epsilon", config.epsilon, epsilon_rule);
  reader.real("noise_multiplier", config.noise_multiplier, multiplier_rule);
  if (reader.has("epsilon") && reader.has("noise_multiplier")) {
    reader.complain("noise_multiplier",
                    "epsilon decides the noise already; leave one of the two out");
  }
  reader.real("delta", config.delta, probability);
  reader.real("clip", config.clip, clip_rule);
  reader.integer("tokens", config.tokens, {1, 1'000'000});
  reader.real("budget", config.budget, privacy_budget);
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return std::optional{config};
}

}  // namespace hippocrypt::cli
