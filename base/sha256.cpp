#include "base/sha256.hpp"

#include <openssl/evp.h>

#include "base/check.hpp"

namespace hippocrypt {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_{std::make_unique<State>()} {
  HIPPOCRYPT_CHECK(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::add(ByteView bytes) {
  HIPPOCRYPT_CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
  return *this;
}

Sha256& Sha256::add_u64(std::uint64_t value) { return add(little_endian(value)); }

Sha256& Sha256::add_field(ByteView bytes) { return add_u64(bytes.size()).add(bytes); }

Hash256 Sha256::finish() {
  Hash256 out{};
  unsigned size = 0;
  HIPPOCRYPT_CHECK(EVP_DigestFinal_ex(state_->context, out.data(), &size) == 1 &&
                   size == out.size());
  return out;
}

Hash256 sha256(ByteView bytes) { return Sha256{}.add(bytes).finish(); }

}  // namespace hippocrypt
