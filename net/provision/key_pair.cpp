#include "net/provision/key_pair.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/check.hpp"
#include "base/file.hpp"
#include "base/secret.hpp"
#include "base/secret_file.hpp"

namespace hippocrypt::net {
namespace {

constexpr std::size_t private_bytes = 32;
constexpr std::size_t max_key_bytes = std::size_t{16} << 10;

}  // namespace

KeyPair KeyPair::create(RandomSource& random) {
  SecretBytes drawn(private_bytes);
  random.fill(drawn.reveal());
  KeyPointer key{
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, drawn.reveal().data(), drawn.size())};
  HIPPOCRYPT_CHECK(key != nullptr);
  return KeyPair{std::move(key)};
}

Result<KeyPair> KeyPair::load(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(Bytes pem, read_file(path, max_key_bytes));
  KeyPointer key{PEM_read_bio_PrivateKey(reader_of(pem).get(), nullptr, &no_password, nullptr)};
  ERR_clear_error();
  secure_wipe(pem.data(), pem.size());
  if (key == nullptr) {
    return Error{Errc::malformed,
                 path.string() + ": this is no private key in PEM without a password"};
  }
  HIPPOCRYPT_TRY(const bool is_open, is_open_to_others(path));
  if (is_open) {
    return Error{Errc::tampered, path.string() +
                                     " can be read by others than its owner; make a new key, as "
                                     "this one may be known, or chmod 600 it if nobody else uses "
                                     "the machine"};
  }
  return KeyPair{std::move(key)};
}

Result<KeyPair> KeyPair::load_or_create(const std::filesystem::path& path, RandomSource& random) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    HIPPOCRYPT_TRY_VOID(create(random).save(path));
  }
  return load(path);
}

Status KeyPair::save(const std::filesystem::path& path) const {
  const BioPointer bio{BIO_new(BIO_s_secmem())};  // wiped when it dies
  HIPPOCRYPT_CHECK(bio != nullptr && PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr,
                                                              nullptr, 0, nullptr, nullptr) == 1);
  const std::uint8_t* pem = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &pem);
  HIPPOCRYPT_TRY(const bool is_new,
                 create_secret_file(path, {pem, static_cast<std::size_t>(size)}));
  if (is_new) return {};
  return Error{Errc::io, path.string() + " is there already and is not overwritten"};
}

}  // namespace hippocrypt::net
