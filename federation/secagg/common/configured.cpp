#include "federation/secagg/common/configured.hpp"

namespace hippocrypt::federation::secagg {

Result<Params> params_of(const FederationConfig& config) {
  ParamsLiteral literal;
  for (const HospitalConfig& hospital : config.hospitals) {
    literal.weights.push_back(hospital.weight);
  }
  literal.threshold = config.secagg.threshold;
  literal.colluders = config.secagg.colluders;
  literal.min_contributors = config.secagg.min_contributors;
  literal.value_bits = config.secagg.value_bits;
  literal.range = config.secagg.range;
  return Params::create(literal);
}

}  // namespace hippocrypt::federation::secagg
