#include "privacy/dp_forward/noise_seed.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/descriptor.hpp"
#include "base/hmac.hpp"
#include "base/secret_file.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t seed_bytes = 32;
constexpr std::string_view stream_domain = "hippocrypt dp-forward noise 1";
constexpr std::string_view tag_domain = "hippocrypt dp-forward seed tag 1";

Error os_error(const std::filesystem::path& path, const char* what) {
  return {Errc::io, path.string() + ": cannot " + what + ": " + std::strerror(errno)};
}

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
  HIPPOCRYPT_TRY_VOID(create_secret_file(path, bytes.reveal()));
  return {};
}

/// Errors: io, unsupported, malformed.
Result<SecretBytes> load(const Descriptor& file, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return os_error(path, "open");
  if ((status.st_mode & 077U) != 0) {
    return Error{Errc::unsupported,
                 path.string() +
                     ": others than its owner may read the noise seed, which takes the "
                     "noise off what was released; if nobody has, chmod 600 it"};
  }
  if (!S_ISREG(status.st_mode) || status.st_size != static_cast<off_t>(seed_bytes)) {
    return Error{Errc::malformed, path.string() +
                                      ": a noise seed has 32 bytes; restore the file, or remove it "
                                      "to make new noise, which is charged again"};
  }
  SecretBytes bytes(seed_bytes);
  if (::read(file.get(), bytes.reveal().data(), seed_bytes) != static_cast<ssize_t>(seed_bytes)) {
    return os_error(path, "read");
  }
  return bytes;
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
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0) return os_error(path, "open");
  HIPPOCRYPT_TRY(SecretBytes bytes, load(file, path));
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
