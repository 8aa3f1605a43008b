#include "federation/secagg/client/identity_key.hpp"

#include <openssl/evp.h>

#include "base/check.hpp"
#include "base/key_file.hpp"
#include "base/secret_file.hpp"

namespace hippocrypt::federation::secagg {
namespace {

constexpr std::size_t private_bytes = 32;
constexpr std::string_view kind = "identity";

SecretBytes draw(RandomSource& random) {
  SecretBytes drawn(private_bytes);
  random.fill(drawn.reveal());
  return drawn;
}

}  // namespace

struct IdentityKey::State {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key;
};

IdentityKey::IdentityKey(const SecretBytes& private_part) {
  state_ = std::make_unique<State>(
      State{{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, private_part.reveal().data(),
                                          private_part.size()),
             &EVP_PKEY_free}});
  HIPPOCRYPT_CHECK(state_->key != nullptr);
  std::size_t size = public_part_.size();
  HIPPOCRYPT_CHECK(EVP_PKEY_get_raw_public_key(state_->key.get(), public_part_.data(), &size) == 1);
}

IdentityKey::~IdentityKey() = default;
IdentityKey::IdentityKey(IdentityKey&&) noexcept = default;
IdentityKey& IdentityKey::operator=(IdentityKey&&) noexcept = default;

IdentityKey IdentityKey::create(RandomSource& random) { return IdentityKey{draw(random)}; }

Result<IdentityKey> IdentityKey::load(const std::filesystem::path& path) {
  auto private_part = read_key_file(path, kind, private_bytes);
  if (!private_part && private_part.error().code == Errc::malformed) {
    return Error{Errc::malformed, private_part.error().detail +
                                      "; move it away, and give the new key to the federation"};
  }
  if (!private_part) return std::move(private_part).error();
  HIPPOCRYPT_TRY(const bool is_open, is_open_to_others(path));
  if (is_open) {
    return Error{Errc::tampered, path.string() +
                                     " can be read by others than its owner; make a "
                                     "new key, as this one may be known, or chmod 600 "
                                     "it if nobody else uses the machine"};
  }
  return IdentityKey{*private_part};
}

Result<IdentityKey> IdentityKey::load_or_create(const std::filesystem::path& path,
                                                RandomSource& random) {
  auto there = load(path);
  if (there || there.error().code != Errc::not_found) return there;
  // Whether it is new does not matter: what is there is read next.
  HIPPOCRYPT_TRY_VOID(create_key_file(path, kind, draw(random)));
  return load(path);
}

Signature IdentityKey::sign(ByteView statement) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free};
  HIPPOCRYPT_CHECK(context != nullptr);
  HIPPOCRYPT_CHECK(
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) == 1);
  Signature signature{};
  std::size_t size = signature.size();
  HIPPOCRYPT_CHECK(EVP_DigestSign(context.get(), signature.data(), &size, statement.data(),
                                  statement.size()) == 1);
  HIPPOCRYPT_CHECK(size == signature.size());
  return signature;
}

}  // namespace hippocrypt::federation::secagg
