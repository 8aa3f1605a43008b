#include "privacy/dp_forward/noise_seed.hpp"

#include <algorithm>

#include "base/hmac.hpp"
#include "base/key_file.hpp"
#include "base/secret_file.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t seed_bytes = 32;
constexpr std::string_view kind = "noise seed";
constexpr std::string_view stream_domain = "hippocrypt dp-forward noise 1";
constexpr std::string_view tag_domain = "hippocrypt dp-forward seed tag 1";

/// A pseudo-random function of domain and text: HMAC over domain ‖ 0 ‖ text.
SecretBytes keyed_hash(const SecretBytes& seed, std::string_view domain, ByteView text) {
  constexpr std::uint8_t zero[] = {0};
  Hash256 hash = HmacSha256{seed}.add(as_bytes(domain)).add(zero).add(text).finish();
  SecretBytes out(seed_bytes);
  std::copy(hash.begin(), hash.end(), out.reveal().begin());
  secure_wipe(hash.data(), hash.size());
  return out;
}

/// Unless something is there already. Errors: io.
Status create(const std::filesystem::path& path, RandomSource& random) {
  std::error_code failure;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failure);
  SecretBytes bytes(seed_bytes);
  random.fill(bytes.reveal());
  HIPPOCRYPT_TRY_VOID(create_key_file(path, kind, bytes));
  return {};
}

/// Errors: io, unsupported, malformed.
Result<SecretBytes> load(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const bool is_open, is_open_to_others(path));
  if (is_open) {
    return Error{Errc::unsupported,
                 path.string() +
                     ": others than its owner may read the noise seed, which takes the "
                     "noise off what was released; if nobody has, chmod 600 it"};
  }
  auto bytes = read_key_file(path, kind, seed_bytes);
  if (bytes || bytes.error().code != Errc::malformed) return bytes;
  return Error{Errc::malformed, bytes.error().detail +
                                    "; restore the file, or remove it to make new noise, which "
                                    "is charged again"};
}

}  // namespace

NoiseSeed NoiseSeed::fresh(RandomSource& random) {
  SecretBytes bytes(seed_bytes);
  random.fill(bytes.reveal());
  return NoiseSeed{std::move(bytes)};
}

Result<NoiseSeed> NoiseSeed::load_or_create(const std::filesystem::path& path,
                                            RandomSource& random) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    HIPPOCRYPT_TRY_VOID(create(path, random));
  }
  HIPPOCRYPT_TRY(SecretBytes bytes, load(path));
  return NoiseSeed{std::move(bytes)};
}

KeyedStream NoiseSeed::stream(ByteView name) const {
  return KeyedStream{keyed_hash(bytes_, stream_domain, name)};
}

Hash256 NoiseSeed::tag() const {
  const SecretBytes hash = keyed_hash(bytes_, tag_domain, {});
  Hash256 out{};
  std::copy(hash.reveal().begin(), hash.reveal().end(), out.begin());
  return out;
}

}  // namespace hippocrypt::privacy
