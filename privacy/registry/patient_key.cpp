#include "privacy/registry/patient_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/core.h>

#include "base/file.hpp"
#include "base/random.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t block_bytes = 64;  // of SHA-256

Error io_error(const std::filesystem::path& path) {
  return {Errc::io, fmt::format("{} cannot be made ({}); check the folder's permissions",
                                path.string(), std::strerror(errno))};
}

/// Under another name, then linked into place: a crash leaves a whole key or none, and if another
/// process was faster, its key stays.
Status create_key(const std::filesystem::path& path) {
  std::string temporary = path.string() + ".new-XXXXXX";
  const int file = ::mkostemp(temporary.data(), O_CLOEXEC);  // 0600
  if (file < 0) return io_error(path);
  SecretBytes key{key_bytes};
  SystemRandom{}.fill(key.reveal());
  const std::span<const std::uint8_t> bytes = key.reveal();
  const bool is_written =
      ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(key_bytes) &&
      ::fsync(file) == 0;
  ::close(file);
  const bool is_linked =
      is_written && (::link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const int reason = errno;
  ::unlink(temporary.c_str());
  errno = reason;
  return is_linked ? Status{} : Status{io_error(path)};
}

}  // namespace

Result<PatientKey> PatientKey::load_or_create(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) HIPPOCRYPT_TRY_VOID(create_key(path));
  HIPPOCRYPT_TRY(const Bytes bytes, read_file(path, key_bytes + 1));
  if (bytes.size() != key_bytes) {
    return Error{Errc::malformed, fmt::format("{} is not a key of {} bytes; restore it from a "
                                              "backup",
                                              path.string(), key_bytes)};
  }
  SecretBytes key{key_bytes};
  std::copy(bytes.begin(), bytes.end(), key.reveal().begin());
  return PatientKey{std::move(key)};
}

Hash256 PatientKey::tag(std::string_view hospital, std::string_view patient) const {
  // HMAC (RFC 2104).
  std::array<std::uint8_t, block_bytes> inner_pad{}, outer_pad{};
  const std::span<const std::uint8_t> key = bytes_.reveal();
  for (std::size_t i = 0; i < block_bytes; ++i) {
    const std::uint8_t byte = i < key.size() ? key[i] : 0;
    inner_pad[i] = static_cast<std::uint8_t>(byte ^ 0x36);
    outer_pad[i] = static_cast<std::uint8_t>(byte ^ 0x5c);
  }
  Sha256 inner, outer;
  inner.add(inner_pad).add_field("hippocrypt patient").add_field(hospital).add_field(patient);
  const Hash256 message = inner.finish();
  outer.add(outer_pad).add(message);
  secure_wipe(inner_pad.data(), inner_pad.size());
  secure_wipe(outer_pad.data(), outer_pad.size());
  return outer.finish();
}

Hash256 PatientKey::check_value() const { return tag("", ""); }

}  // namespace hippocrypt::privacy
