#include "privacy/dp_sgd/random_source_name.hpp"

namespace hippocrypt::privacy {

const char* random_source_name(const RandomSource& random) {
  return dynamic_cast<const SystemRandom*>(&random) != nullptr ? "system_random"
                                                               : "injected_random";
}

}  // namespace hippocrypt::privacy
