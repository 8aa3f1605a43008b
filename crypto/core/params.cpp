#include "crypto/core/params.hpp"

#include <bit>
#include <cmath>
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
      .add_u64(literal.wire.upload_bits)
      .add_u64(literal.wire.download_bits)
      .finish();
}

constexpr std::string_view test_name = "test512";
/// See max_tiles_per_nonce().
constexpr double wide_margin_bits = 64;

/// What the transforms and the samplers can do, whatever it protects.
bool works_for_tests(const ParamsLiteral& literal) {
  return std::has_single_bit(literal.ring_dim) && literal.ring_dim >= 256 &&
         literal.ring_dim <= 2048 && literal.tuniform_log_bound >= 1 &&
         literal.tuniform_log_bound <= max_log_bound;
}

Error refusal(const ParamsLiteral& literal) {
  const std::string allowed =
      literal.insecure_test
          ? "even for tests use N = 256, 512, 1024 or 2048 with a bound of 2^1 to 2^8"
          : "use N = 2048 with a bound of 2^3 to 2^8, or N = 1024 with 2^4 to 2^8; weaker sets"
            " need insecure_test = true";
  return Error{Errc::out_of_range,
               "parameters with N = " + std::to_string(literal.ring_dim) + " and noise bound 2^" +
                   std::to_string(literal.tuniform_log_bound) + " are not accepted: " + allowed};
}

}  // namespace

Params::Params(ParamsLiteral literal, double security_bits)
    : literal_{std::move(literal)},
      security_bits_{security_bits},
      fingerprint_{hash_values(literal_)} {}

Result<Params> Params::create(ParamsLiteral literal) {
  if (!literal.wire.is_known()) {
    return Error{Errc::out_of_range,
                 "values of " + std::to_string(literal.wire.upload_bits) + " bits up and " +
                     std::to_string(literal.wire.download_bits) +
                     " bits down are not accepted: use 24 or 20 bits up and 16 or 12 bits down"};
  }
  const SecurityEntry* entry = find_security(literal.ring_dim, literal.tuniform_log_bound);
  if (entry != nullptr) return Params{std::move(literal), entry->classical_bits};
  if (literal.insecure_test && works_for_tests(literal)) return Params{std::move(literal), 0};
  return refusal(literal);
}

Result<Params> Params::named(std::string_view name, WireFormat wire, bool insecure_test) {
  if (name == test_name) return create({std::string{name}, 512, 3, wire, insecure_test});
  std::string known;
  for (const SecurityEntry& entry : security_table()) {
    if (entry.scheme != Scheme::ring) continue;
    if (entry.name == name) {
      return create({std::string{name}, entry.dimension, entry.min_log_bound, wire, insecure_test});
    }
    known += known.empty() ? std::string{entry.name} : ", " + std::string{entry.name};
  }
  return Error{Errc::not_found, "no parameter set is called '" + std::string{name} +
                                    "'; there are: " + known + " (and, insecure, " +
                                    std::string{test_name} + ")"};
}

std::string Params::warning() const {
  if (is_insecure()) {
    return "The encryption parameters '" + name() + "' (N = " + std::to_string(ring_dim()) +
           ", noise bound 2^" + std::to_string(tuniform_log_bound()) +
           ") are for tests and protect nothing: whoever sees the traffic can read the data.";
  }
  if (security_bits_ >= 128 + wide_margin_bits) return {};
  return "The encryption parameters '" + name() +
         "' have a small margin: " + std::to_string(std::lround(security_bits_)) +
         " bits where 128 are the least; the mask nonce is rotated every " +
         std::to_string(max_tiles_per_nonce()) +
         " tiles. Use rlwe2048 for data that must stay secret for decades.";
}

std::uint64_t Params::max_tiles_per_nonce() const {
  return security_bits_ >= 128 + wide_margin_bits ? std::uint64_t{1} << 63 : std::uint64_t{1} << 20;
}

}  // namespace hippocrypt::crypto
