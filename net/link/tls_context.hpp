#pragma once
// What a party's TLS rests on, loaded from its files: TLS 1.3 only, certificates both ways, the
// federation's authority and nobody else's, no resumption of TLS sessions.

#include <memory>

#include "net/identity/trust_anchor.hpp"
#include "net/link/endpoints.hpp"
#include "net/link/tls_stream.hpp"

namespace hippocrypt::net {

/// For any number of threads.
class TlsContext {
 public:
  /// Errors: those of TrustAnchor::load and verify (of the own certificate), not_found, io,
  /// malformed, tampered (others may read the key), mismatch (the key is not the certificate's),
  /// unsupported (a certificate of a role that never calls, or is never called).
  static Result<std::shared_ptr<const TlsContext>> load(const TlsFiles& files,
                                                        TlsStream::Side side);

  ssl_ctx_st* handle() const { return context_.get(); }
  /// What the peer's certificate says. Errors: those of TrustAnchor::verify.
  Result<CertificateFacts> verify(ByteView certificate) const;

 private:
  explicit TlsContext(TrustAnchor anchor) : anchor_{std::move(anchor)} {}

  TrustAnchor anchor_;
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace hippocrypt::net
