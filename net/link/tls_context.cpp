#include "net/link/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/check.hpp"
#include "base/file.hpp"
#include "base/secret_file.hpp"
#include "net/identity/x509.hpp"

namespace hippocrypt::net {
namespace {

/// What OpenSSL reads from a socket at a time.
constexpr std::size_t read_buffer_bytes = std::size_t{128} << 10;
/// Of a stranger's certificates; ours are below 2 KiB.
constexpr long most_certificate_bytes = 16384;

std::shared_ptr<SSL_CTX> make_context() {
  const std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_method()), &SSL_CTX_free};
  HIPPOCRYPT_CHECK(context != nullptr);
  SSL_CTX* const c = context.get();
  HIPPOCRYPT_CHECK(SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1);
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_verify_depth(c, 1);
  SSL_CTX_set_max_cert_list(c, most_certificate_bytes);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(c, 0);
  SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_default_passwd_cb(c, &no_password);
  SSL_CTX_set_read_ahead(c, 1);
  SSL_CTX_set_default_read_buffer_len(c, read_buffer_bytes);
  return context;
}

/// Errors as of TlsContext::load.
Status use_key(SSL_CTX* context, const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const bool is_open, is_open_to_others(path));
  if (is_open) {
    return Error{Errc::tampered, path.string() +
                                     ": others than the owner may read this key; make it so that "
                                     "they may not (chmod 600), and ask for a new certificate if "
                                     "somebody could have read it"};
  }
  if (SSL_CTX_use_PrivateKey_file(context, path.c_str(), SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_check_private_key(context) == 1) {
    return {};
  }
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  ERR_clear_error();
  if (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH) {
    return Error{Errc::mismatch, path.string() + ": this is not the certificate's key"};
  }
  return Error{Errc::malformed, path.string() + ": this is no private key in PEM"};
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const TlsFiles& files,
                                                           TlsStream::Side side) {
  HIPPOCRYPT_TRY(TrustAnchor anchor, TrustAnchor::load(files.authority, files.revoked));
  HIPPOCRYPT_TRY(const Bytes bytes, read_file(files.certificate, max_pem_bytes));
  const auto own = anchor.verify(bytes, std::chrono::system_clock::now());
  if (!own) return Error{own.error().code, files.certificate.string() + ": " + own.error().detail};
  const bool is_server = side == TlsStream::Side::server;
  if (is_server ? !own->may_be_server : !own->may_be_client) {
    return Error{Errc::unsupported,
                 files.certificate.string() + ": this certificate is for the role " +
                     to_string(own->identity.role) +
                     (is_server ? ", which is never called" : ", which never calls")};
  }
  HIPPOCRYPT_TRY(const CertificatePointer certificate, parse_certificate(bytes));
  const std::shared_ptr<TlsContext> loaded{new TlsContext{std::move(anchor)}};
  loaded->context_ = make_context();
  SSL_CTX_set1_cert_store(loaded->handle(), loaded->anchor_.store());
  if (SSL_CTX_use_certificate(loaded->handle(), certificate.get()) != 1) {
    ERR_clear_error();
    return Error{Errc::malformed, files.certificate.string() + ": TLS does not take its key"};
  }
  HIPPOCRYPT_TRY_VOID(use_key(loaded->handle(), files.key));
  return std::shared_ptr<const TlsContext>{loaded};
}

Result<CertificateFacts> TlsContext::verify(ByteView certificate) const {
  return anchor_.verify(certificate, std::chrono::system_clock::now());
}

}  // namespace hippocrypt::net
