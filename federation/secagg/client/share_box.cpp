#include "federation/secagg/client/share_box.hpp"

#include <openssl/evp.h>

#include <algorithm>

#include "base/check.hpp"
#include "federation/secagg/common/hkdf.hpp"

namespace hippocrypt::federation::secagg {
namespace {

constexpr std::size_t plain_bytes = 2 * shared_secret_bytes;
constexpr int tag_bytes = 16;
static_assert(sealed_share_bytes == plain_bytes + tag_bytes);

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Bytes describe(const ShareRoute& route) {
  return labelled("hippocrypt secagg share 1", {route.session.hash(), route.key_book_hash,
                                                as_bytes(route.session.roster()[route.from].name),
                                                as_bytes(route.session.roster()[route.to].name)});
}

/// A context with key, nonce and associated data set. The key book is part of the key: were a
/// hospital shown two of them, its two messages would have two keys. So the nonce can be zero.
Context prepare(const ShareRoute& route, const SecretBytes& agreed, bool is_sealing) {
  Context context{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
  HIPPOCRYPT_CHECK(context != nullptr);
  const Bytes description = describe(route);
  const SecretBytes key =
      hkdf_sha256(agreed.reveal(), route.session.hash(), description, shared_secret_bytes);
  const std::array<std::uint8_t, 12> nonce{};
  HIPPOCRYPT_CHECK(EVP_CipherInit_ex(context.get(), EVP_chacha20_poly1305(), nullptr,
                                     key.reveal().data(), nonce.data(), is_sealing ? 1 : 0) == 1);
  int length = 0;
  HIPPOCRYPT_CHECK(EVP_CipherUpdate(context.get(), nullptr, &length, description.data(),
                                    static_cast<int>(description.size())) == 1);
  return context;
}

}  // namespace

SealedShare seal(const ShareRoute& route, const SecretBytes& agreed, const SharePair& shares) {
  HIPPOCRYPT_CHECK(shares.mask_key.size() == shared_secret_bytes &&
                   shares.self_mask.size() == shared_secret_bytes);
  SecretBytes plain(plain_bytes);
  const auto mask_key = shares.mask_key.reveal();
  const auto self_mask = shares.self_mask.reveal();
  std::copy(mask_key.begin(), mask_key.end(), plain.reveal().begin());
  std::copy(self_mask.begin(), self_mask.end(), plain.reveal().begin() + shared_secret_bytes);

  const Context context = prepare(route, agreed, true);
  SealedShare sealed{};
  int length = 0;
  HIPPOCRYPT_CHECK(EVP_CipherUpdate(context.get(), sealed.data(), &length, plain.reveal().data(),
                                    static_cast<int>(plain.size())) == 1);
  int rest = 0;
  HIPPOCRYPT_CHECK(EVP_CipherFinal_ex(context.get(), sealed.data() + length, &rest) == 1);
  HIPPOCRYPT_CHECK(static_cast<std::size_t>(length + rest) == plain_bytes);
  HIPPOCRYPT_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes,
                                       sealed.data() + plain_bytes) == 1);
  return sealed;
}

Result<SharePair> unseal(const ShareRoute& route, const SecretBytes& agreed,
                         const SealedShare& sealed) {
  const Context context = prepare(route, agreed, false);
  SecretBytes plain(plain_bytes);
  SealedShare input = sealed;  // OpenSSL asks for a tag that it could write to
  int length = 0, rest = 0;
  HIPPOCRYPT_CHECK(EVP_CipherUpdate(context.get(), plain.reveal().data(), &length, input.data(),
                                    static_cast<int>(plain_bytes)) == 1);
  HIPPOCRYPT_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes,
                                       input.data() + plain_bytes) == 1);
  if (EVP_CipherFinal_ex(context.get(), plain.reveal().data() + length, &rest) != 1) {
    return Error{Errc::tampered, "the shares of " + route.session.roster()[route.from].name +
                                     " were changed on their way, or it and this hospital were "
                                     "shown different keys"};
  }
  SharePair shares{SecretBytes(shared_secret_bytes), SecretBytes(shared_secret_bytes)};
  const auto middle = plain.reveal().begin() + shared_secret_bytes;
  std::copy(plain.reveal().begin(), middle, shares.mask_key.reveal().begin());
  std::copy(middle, plain.reveal().end(), shares.self_mask.reveal().begin());
  return shares;
}

}  // namespace hippocrypt::federation::secagg
