#include "privacy/registry/patient_key.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/file.hpp"
#include "base/hmac.hpp"
#include "base/random.hpp"
#include "base/secret_file.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t key_bytes = 32;

/// If another process was faster, its key stays.
Status create_key(const std::filesystem::path& path) {
  SecretBytes key{key_bytes};
  SystemRandom{}.fill(key.reveal());
  HIPPOCRYPT_TRY_VOID(create_secret_file(path, key.reveal()));
  return {};
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
  return HmacSha256{bytes_}
      .add_field("hippocrypt patient")
      .add_field(hospital)
      .add_field(patient)
      .finish();
}

Hash256 PatientKey::check_value() const { return tag("", ""); }

}  // namespace hippocrypt::privacy
