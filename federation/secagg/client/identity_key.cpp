#include "federation/secagg/client/identity_key.hpp"

#include <openssl/evp.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/file.hpp"
#include "base/secret_file.hpp"

namespace hippocrypt::federation::secagg {
namespace {

constexpr std::size_t private_bytes = 32;
constexpr std::string_view file_start = "hippocrypt identity 1\n";

SecretBytes draw(RandomSource& random) {
  SecretBytes drawn(private_bytes);
  random.fill(drawn.reveal());
  return drawn;
}

Status create_file(const std::filesystem::path& path, RandomSource& random) {
  const SecretBytes drawn = draw(random);
  SecretBytes content(file_start.size() + private_bytes);
  std::copy(file_start.begin(), file_start.end(), content.reveal().begin());
  std::copy(drawn.reveal().begin(), drawn.reveal().end(),
            content.reveal().begin() + file_start.size());
  // Whether it is new does not matter: what is there is read next.
  HIPPOCRYPT_TRY_VOID(create_secret_file(path, content.reveal()));
  return {};
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

Result<IdentityKey> IdentityKey::load_or_create(const std::filesystem::path& path,
                                                RandomSource& random) {
  auto content = read_file(path, file_start.size() + private_bytes);
  if (!content && content.error().code == Errc::not_found) {
    HIPPOCRYPT_TRY_VOID(create_file(path, random));
    content = read_file(path, file_start.size() + private_bytes);
  }
  if (!content && content.error().code != Errc::limit_exceeded) return content.error();
  if (!content || content->size() != file_start.size() + private_bytes ||
      !std::equal(file_start.begin(), file_start.end(), content->begin())) {
    return Error{Errc::malformed, path.string() +
                                      " is no identity key of this program; move it "
                                      "away, and give the new key to the federation"};
  }
  SecretBytes private_part(private_bytes);
  std::copy(content->begin() + file_start.size(), content->end(), private_part.reveal().begin());
  secure_wipe(content->data(), content->size());
  HIPPOCRYPT_TRY(const bool is_open, is_open_to_others(path));
  if (is_open) {
    return Error{Errc::tampered, path.string() +
                                     " can be read by others than its owner; make a "
                                     "new key, as this one may be known, or chmod 600 "
                                     "it if nobody else uses the machine"};
  }
  return IdentityKey{private_part};
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
