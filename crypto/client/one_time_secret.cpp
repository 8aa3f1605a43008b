#include "crypto/client/one_time_secret.hpp"

#include "crypto/client/secret_access.hpp"
#include "crypto/core/modulus.hpp"
#include "crypto/core/ntt.hpp"
#include "crypto/core/prng.hpp"
#include "crypto/core/sampler.hpp"

namespace hippocrypt::crypto {

OneTimeSecret OneTimeSecret::sample(const Params& params, RandomSource& random) {
  const std::size_t ring_dim = params.ring_dim();
  const NttTables& tables = NttTables::of(ring_dim);
  StreamRandom stream{random};
  SecretArray<std::int16_t> small{ring_dim};
  sample_tuniform(stream, params.tuniform_log_bound(), small.reveal());

  SecretArray<std::uint32_t> ntt{ring_dim}, quotients{ring_dim};
  const auto words = ntt.reveal();
  for (std::size_t k = 0; k < ring_dim; ++k) words[k] = from_signed(small.reveal()[k]);
  tables.forward(words);
  for (std::size_t k = 0; k < ring_dim; ++k) {
    words[k] = mul_mod(words[k], tables.inverse_ring_dim());
    quotients.reveal()[k] = shoup_quotient(words[k]);
  }
  return SecretAccess::make(std::move(ntt), std::move(quotients));
}

}  // namespace hippocrypt::crypto
