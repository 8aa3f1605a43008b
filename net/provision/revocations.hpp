#pragma once
// An authority's revocation list, read to be continued.

#include <filesystem>
#include <string_view>
#include <vector>

#include "net/provision/certificate_writer.hpp"

namespace hippocrypt::net {

struct Revocations {
  std::vector<Revocation> revoked;
  std::uint64_t number = 0;

  bool holds(std::string_view serial_hex) const;
};

/// Errors: not_found, io, limit_exceeded, malformed, mismatch (another authority's).
Result<Revocations> read_revocations(const std::filesystem::path& path, const x509_st& authority);

}  // namespace hippocrypt::net
