#include "crypto/core/params.hpp"

#include <utility>

#include "crypto/core/security.hpp"

namespace hippocrypt::crypto {
namespace {

/// The name is a label and is left out: two sets with equal values are the same set.
Hash256 hash_values(const ParamsLiteral& literal) {
  return Sha256{}
      .add_field("hippocrypt params v1")
      .add_u64(modulus_q)
      .add_u64(literal.ring_dim)
      .add_u64(literal.tuniform_log_bound)
      .add_u64(upload_bits)
      .add_u64(download_bits)
      .finish();
}

}  // namespace

Params::Params(ParamsLiteral literal, double security_bits)
    : literal_{std::move(literal)},
      security_bits_{security_bits},
      fingerprint_{hash_values(literal_)} {}

Result<Params> Params::create(ParamsLiteral literal) {
  const SecurityEntry* entry = find_security(literal.ring_dim, literal.tuniform_log_bound);
  if (entry == nullptr) {
    return Error{Errc::out_of_range,
                 "parameters with N = " + std::to_string(literal.ring_dim) + " and noise bound 2^" +
                     std::to_string(literal.tuniform_log_bound) +
                     " are not accepted: use N = 2048 with a bound of 2^3 to 2^8, or N = 1024 with"
                     " 2^4 to 2^8"};
  }
  return Params{std::move(literal), entry->classical_bits};
}

Result<Params> Params::named(std::string_view name) {
  std::string known;
  for (const SecurityEntry& entry : security_table()) {
    if (entry.name == name) {
      return create({std::string{name}, entry.ring_dim, entry.min_log_bound});
    }
    known += known.empty() ? std::string{entry.name} : ", " + std::string{entry.name};
  }
  return Error{Errc::not_found,
               "no parameter set is called '" + std::string{name} + "'; there are: " + known};
}

}  // namespace hippocrypt::crypto
