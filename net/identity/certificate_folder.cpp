#include "net/identity/certificate_folder.hpp"

#include <utility>

#include "base/file.hpp"
#include "net/identity/x509.hpp"

namespace hippocrypt::net {

Result<std::vector<FolderCertificate>> hospital_certificates(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::directory_iterator files{folder, failure};
  if (failure) {
    return Error{Errc::not_found, folder.string() + " cannot be read: " + failure.message() +
                                      "; give the folder with the hospitals' certificates"};
  }
  std::vector<FolderCertificate> found;
  for (const auto& file : files) {
    if (file.path().extension() != ".crt") continue;
    HIPPOCRYPT_TRY(const auto bytes, read_file(file.path(), max_pem_bytes));
    const auto certificate = parse_certificate(bytes);
    if (!certificate) {
      return Error{Errc::malformed, file.path().string() + ": " + certificate.error().detail};
    }
    auto facts = facts_of(**certificate);
    if (!facts || facts->identity.role != Role::hospital) continue;
    found.push_back({to_der(**certificate), std::move(facts).value()});
  }
  return found;
}

}  // namespace hippocrypt::net
