#include "net/provision/authority.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/file_lock.hpp"
#include "base/plain_name.hpp"
#include "net/provision/revocations.hpp"

namespace hippocrypt::net {
namespace {

using Time = std::chrono::system_clock::time_point;

/// How far back a new certificate's life begins, for clocks that are behind.
constexpr std::chrono::hours clock_slack{1};

std::array<std::uint8_t, 16> draw_serial(RandomSource& random) {
  std::array<std::uint8_t, 16> serial{};
  random.fill(serial);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3f) | 0x40);  // positive, always 16 bytes
  return serial;
}

Result<FileLock> lock(const std::filesystem::path& folder) {
  return FileLock::take(folder / "lock");
}

std::filesystem::path record_path(const std::filesystem::path& folder, const std::string& serial) {
  return folder / "issued" / (serial + ".crt");
}

}  // namespace

Result<Authority> Authority::create(const std::filesystem::path& folder,
                                    const std::string& federation, unsigned days, Time now,
                                    RandomSource& random) {
  if (!is_plain_name(federation) || federation == "signing-key") {
    return Error{
        Errc::out_of_range,
        "a federation's name is letters, digits, '-', '_' and '.', at most 64 of them, and "
        "not 'signing-key'"};
  }
  if (days == 0 || days > max_life_days) {
    return Error{Errc::out_of_range, "an authority lives for 1 to " +
                                         std::to_string(max_life_days) +
                                         " days: at least as long as the study"};
  }
  std::error_code failure;
  std::filesystem::create_directories(folder / "issued", failure);
  if (failure) return Error{Errc::io, folder.string() + ": cannot create: " + failure.message()};
  HIPPOCRYPT_TRY(const auto locked, lock(folder));
  auto key = KeyPair::create(random);
  auto certificate = write_authority(
      federation, draw_serial(random),
      {now - clock_slack, now + std::chrono::hours{24} * static_cast<int>(days)}, key.handle());
  HIPPOCRYPT_TRY(auto facts, authority_facts(*certificate));
  HIPPOCRYPT_TRY_VOID(key.save(folder / authority_key_file));  // fails if there is one
  HIPPOCRYPT_TRY_VOID(
      write_file_atomically(folder / authority_file, as_bytes(to_pem(*certificate))));
  Authority authority{folder, std::move(facts), std::move(certificate), std::move(key)};
  HIPPOCRYPT_TRY_VOID(authority.write_list({}, 1, now));
  return authority;
}

Result<Authority> Authority::open(const std::filesystem::path& folder) {
  HIPPOCRYPT_TRY(const Bytes pem, read_file(folder / authority_file, max_pem_bytes));
  const auto named = [&](const Error& error) {
    return Error{error.code, (folder / authority_file).string() + ": " + error.detail};
  };
  auto certificate = parse_certificate(pem);
  if (!certificate) return named(certificate.error());
  auto facts = authority_facts(**certificate);
  if (!facts) return named(facts.error());
  HIPPOCRYPT_TRY(auto key, KeyPair::load(folder / authority_key_file));
  const bool belongs = X509_check_private_key(certificate->get(), &key.handle()) == 1;
  ERR_clear_error();
  if (!belongs) {
    return Error{Errc::mismatch, folder.string() + ": " + authority_key_file +
                                     " is not the key of " + authority_file +
                                     "; both come from one 'hippocrypt provision init'"};
  }
  return Authority{folder, std::move(facts).value(), std::move(certificate).value(),
                   std::move(key)};
}

Result<Issued> Authority::sign(const Request& request, std::optional<unsigned> days, Time now,
                               RandomSource& random) const {
  HIPPOCRYPT_TRY_VOID(check_names(request.names));
  const auto& identity = request.names.identity;
  if (identity.federation != facts_.federation) {
    return Error{Errc::mismatch, "the request is for the federation " + identity.federation +
                                     ", this authority is that of " + facts_.federation};
  }
  if (now >= facts_.not_after) {
    return Error{Errc::stale,
                 "the authority has expired; make another with 'hippocrypt provision init'"};
  }
  const Time end = days ? now + std::chrono::hours{24} * static_cast<int>(*days) : facts_.not_after;
  if (end > facts_.not_after || (days && (*days == 0 || *days > max_life_days))) {
    const auto left = std::chrono::duration_cast<std::chrono::hours>(facts_.not_after - now) / 24;
    return Error{Errc::out_of_range,
                 "a certificate lives for at least a day and no longer than its authority, which "
                 "has " +
                     std::to_string(left.count()) + " days left"};
  }
  CertificateSpec spec{request.names, draw_serial(random), {now - clock_slack, end}};
  (identity.role == Role::hospital ? spec.may_be_client : spec.may_be_server) = true;
  const auto certificate = write_certificate(spec, *request.key, *certificate_, key_.handle());
  Issued issued;
  HIPPOCRYPT_TRY(issued.facts, facts_of(*certificate));
  issued.pem = to_pem(*certificate);
  HIPPOCRYPT_TRY_VOID(
      write_file_atomically(record_path(folder_, issued.facts.serial), as_bytes(issued.pem)));
  return issued;
}

Result<std::vector<IssuedRecord>> Authority::issued(const std::filesystem::path& folder) {
  HIPPOCRYPT_TRY(const Bytes own_pem, read_file(folder / authority_file, max_pem_bytes));
  HIPPOCRYPT_TRY(const auto own, parse_certificate(own_pem));
  HIPPOCRYPT_TRY(const auto list, read_revocations(folder / revoked_file, *own));
  std::error_code failure;
  std::vector<IssuedRecord> records;
  for (std::filesystem::directory_iterator entry{folder / "issued", failure}, end;
       !failure && entry != end; entry.increment(failure)) {
    if (entry->path().extension() != ".crt") continue;
    HIPPOCRYPT_TRY(const Bytes pem, read_file(entry->path(), max_pem_bytes));
    auto facts = facts_of_bytes(pem);
    if (!facts) {
      return Error{facts.error().code, entry->path().string() + ": " + facts.error().detail};
    }
    const bool is_revoked = list.holds(facts->serial);
    records.push_back({std::move(facts).value(), is_revoked});
  }
  if (failure) {
    return Error{Errc::io, (folder / "issued").string() + ": cannot list: " + failure.message()};
  }
  std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return std::pair{a.facts.not_before, a.facts.serial} <
           std::pair{b.facts.not_before, b.facts.serial};
  });
  return records;
}

Status Authority::revoke(const std::vector<std::string>& serials, Time now) const {
  HIPPOCRYPT_TRY(const auto locked, lock(folder_));
  HIPPOCRYPT_TRY(auto list, read_revocations(revoked_path(), *certificate_));
  for (const auto& serial : serials) {
    const auto bytes = from_hex(serial);
    std::error_code ignored;
    if (!bytes || !std::filesystem::exists(record_path(folder_, serial), ignored)) {
      return Error{Errc::not_found,
                   "the authority has issued no certificate with the serial "
                   "number " +
                       serial + "; 'hippocrypt provision show' lists them"};
    }
    if (!list.holds(serial)) list.revoked.push_back({*bytes, now});
  }
  return write_list(list.revoked, list.number + 1, now);
}

Status Authority::write_list(const std::vector<Revocation>& revoked, std::uint64_t number,
                             Time now) const {
  const auto list =
      write_revocation_list(revoked, number, now - clock_slack, *certificate_, key_.handle());
  return write_file_atomically(revoked_path(), as_bytes(to_pem(*list)));
}

}  // namespace hippocrypt::net
