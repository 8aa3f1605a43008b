#include "privacy/registry/patient_key.hpp"

#include "base/hmac.hpp"
#include "base/key_file.hpp"
#include "base/random.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::string_view kind = "patient key";

/// If another process was faster, its key stays.
Status create_key(const std::filesystem::path& path) {
  SecretBytes key{key_bytes};
  SystemRandom{}.fill(key.reveal());
  HIPPOCRYPT_TRY_VOID(create_key_file(path, kind, key));
  return {};
}

}  // namespace

Result<PatientKey> PatientKey::load_or_create(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) HIPPOCRYPT_TRY_VOID(create_key(path));
  auto key = read_key_file(path, kind, key_bytes);
  if (key) return PatientKey{std::move(key).value()};
  if (key.error().code != Errc::malformed) return std::move(key).error();
  return Error{Errc::malformed, key.error().detail + "; restore it from a backup"};
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
