#include "cli/provision/site_request.hpp"

#include "base/file.hpp"
#include "federation/secagg/client/identity_key.hpp"
#include "net/provision/request.hpp"

namespace hippocrypt::cli {
namespace {

/// Without the signing key, for which only a place is kept.
Result<net::SubjectNames> checked_names(const SiteRequestOptions& options) {
  net::SubjectNames names;
  names.identity = options.identity;
  for (const auto& host : options.hosts) {
    (net::is_address(host) ? names.addresses : names.dns_names).push_back(host);
  }
  if (options.identity.role == net::Role::hospital) {
    names.signing_key.emplace();
    if (options.identity.name + ".key" == signing_key_file) {
      return Error{Errc::invalid_config,
                   "'signing' is no name for a hospital: signing.key is the "
                   "file of its other key"};
    }
  }
  const Status fits = net::check_names(names);
  if (fits) return names;
  const bool wants_host = options.identity.role != net::Role::hospital && options.hosts.empty();
  return Error{Errc::invalid_config,
               fits.error().detail + (wants_host ? "; --dns says which" : "")};
}

/// False if the same was there already. Errors: io, mismatch.
Result<bool> write_request(const std::filesystem::path& path, const std::string& pem) {
  const auto present = read_text_file(path, net::max_pem_bytes);
  if (present && *present == pem) return false;
  if (!present && present.error().code == Errc::not_found) {
    HIPPOCRYPT_TRY_VOID(write_file_atomically(path, as_bytes(pem)));
    return true;
  }
  return Error{Errc::mismatch, path.string() +
                                   " is there already, differs and is not overwritten; move it "
                                   "away if this request is to take its place"};
}

}  // namespace

Result<SiteRequest> make_site_request(const SiteRequestOptions& options, RandomSource& random) {
  HIPPOCRYPT_TRY(auto names, checked_names(options));
  std::error_code failure;
  std::filesystem::create_directories(options.folder, failure);
  if (failure) {
    return Error{Errc::io, options.folder.string() + ": cannot create: " + failure.message()};
  }
  SiteRequest made;
  made.key = options.folder / (options.identity.name + ".key");
  made.request = options.folder / (options.identity.name + ".csr");
  HIPPOCRYPT_TRY(const auto key, net::KeyPair::load_or_create(made.key, random));
  if (names.signing_key) {
    made.signing_key = options.folder / signing_key_file;
    HIPPOCRYPT_TRY(const auto signing,
                   federation::secagg::IdentityKey::load_or_create(made.signing_key, random));
    names.signing_key = signing.public_part();
  }
  HIPPOCRYPT_TRY(const std::string pem, net::make_request(names, key));
  HIPPOCRYPT_TRY(const auto request, net::read_request(as_bytes(pem)));
  made.fingerprint = request.fingerprint;
  HIPPOCRYPT_TRY(made.is_new, write_request(made.request, pem));
  return made;
}

}  // namespace hippocrypt::cli
