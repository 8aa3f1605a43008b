#pragma once
// The folder where a server or an aggregator keeps the certificates of who may come in.

#include <filesystem>
#include <vector>

#include "net/identity/certificate.hpp"

namespace hippocrypt::net {

struct FolderCertificate {
  Bytes der;
  CertificateFacts facts;
};

/// The hospitals' among a folder's *.crt files, in no order; what names no hospital, as the
/// authority's own, is passed over. No signature is checked. Errors: not_found (no folder),
/// malformed (a file that is no certificate), those of read_file; all name the file.
Result<std::vector<FolderCertificate>> hospital_certificates(const std::filesystem::path& folder);

}  // namespace hippocrypt::net
