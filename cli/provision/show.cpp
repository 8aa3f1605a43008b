#include "cli/provision/show.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.hpp"
#include "cli/support/text_table.hpp"
#include "net/identity/trust_anchor.hpp"
#include "net/identity/x509.hpp"
#include "net/provision/authority.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::ordered_json;
using std::filesystem::path;

std::string field(const char* name, const std::string& value) {
  return fmt::format("  {:<12}{}\n", name, value);
}

void warn(Shown& shown, const std::string& whose, WallTime expiry, WallTime now) {
  const std::string warning = expiry_warning(expiry, now);
  if (!warning.empty()) shown.warnings.push_back(whose + ' ' + warning);
}

Shown shown_authority(const net::AuthorityFacts& facts, WallTime now) {
  Shown shown;
  shown.text = "authority of the federation " + facts.federation + '\n' +
               field("fingerprint", facts.fingerprint) +
               field("valid until", expiry_text(facts.not_after, now));
  shown.json = {{"kind", "authority"},
                {"federation", facts.federation},
                {"fingerprint", facts.fingerprint},
                {"not_before", iso_time(facts.not_before)},
                {"not_after", iso_time(facts.not_after)}};
  warn(shown, "the authority's certificate", facts.not_after, now);
  return shown;
}

Shown shown_certificate(const net::CertificateFacts& facts, WallTime now) {
  Shown shown;
  shown.text = member_text(facts.identity) + '\n' + field("serial", facts.serial) +
               field("valid until", expiry_text(facts.not_after, now));
  if (!facts.dns_name.empty()) shown.text += field("host", facts.dns_name);
  shown.json = to_json(facts);
  warn(shown, "the certificate of " + party_text(facts.identity), facts.not_after, now);
  return shown;
}

Shown shown_request(const net::Request& request) {
  std::vector<std::string> hosts = request.names.dns_names;
  hosts.insert(hosts.end(), request.names.addresses.begin(), request.names.addresses.end());
  const auto& identity = request.names.identity;
  Shown shown;
  shown.text =
      "request of " + member_text(identity) + '\n' + field("fingerprint", request.fingerprint);
  for (const auto& host : hosts) shown.text += field("host", host);
  shown.json = {{"kind", "request"},
                {"federation", identity.federation},
                {"role", to_string(identity.role)},
                {"name", identity.name},
                {"fingerprint", request.fingerprint},
                {"hosts", hosts}};
  return shown;
}

Result<Shown> read_shown(ByteView bytes, WallTime now) {
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  const auto is = [&](const char* label) { return text.find(label) != std::string_view::npos; };
  if (is("PRIVATE KEY-----")) {
    return Error{Errc::unsupported,
                 "this is a private key: it stays where it is and is never shown; show its "
                 "certificate or request"};
  }
  if (is("-----BEGIN X509 CRL-----")) {
    return Error{Errc::unsupported,
                 "this is a revocation list; show its authority's folder to see who is on it"};
  }
  if (is("CERTIFICATE REQUEST-----")) {
    HIPPOCRYPT_TRY(const auto request, net::read_request(bytes));
    return shown_request(request);
  }
  HIPPOCRYPT_TRY(const auto certificate, net::parse_certificate(bytes));
  if (const auto authority = net::authority_facts(*certificate)) {
    return shown_authority(*authority, now);
  }
  HIPPOCRYPT_TRY(const auto facts, net::facts_of(*certificate));
  return shown_certificate(facts, now);
}

Result<Shown> show_file(const path& file, WallTime now) {
  HIPPOCRYPT_TRY(const Bytes bytes, read_file(file, net::max_pem_bytes));
  auto shown = read_shown(bytes, now);
  if (!shown) return Error{shown.error().code, file.string() + ": " + shown.error().detail};
  shown->json["path"] = file.string();
  return shown;
}

Result<Shown> show_authority(const path& folder, WallTime now) {
  HIPPOCRYPT_TRY(Shown shown, show_file(folder / net::authority_file, now));
  HIPPOCRYPT_TRY(const auto issued, net::Authority::issued(folder));
  TextTable table{{{"role"}, {"name"}, {"serial"}, {"valid until"}}};
  ordered_json list = ordered_json::array();
  for (const auto& [facts, is_revoked] : issued) {
    table.add_row({to_string(facts.identity.role), facts.identity.name, facts.serial,
                   is_revoked ? "revoked" : expiry_text(facts.not_after, now)});
    ordered_json entry = to_json(facts);
    entry["is_revoked"] = is_revoked;
    list.push_back(std::move(entry));
    const auto is_later = [&, &present = facts](const net::IssuedRecord& other) {
      return !other.is_revoked && other.facts.identity == present.identity &&
             other.facts.not_after > present.not_after;
    };
    if (is_revoked || std::any_of(issued.begin(), issued.end(), is_later)) continue;
    warn(shown, "the certificate of " + party_text(facts.identity), facts.not_after, now);
  }
  shown.text += issued.empty() ? "\nno certificates yet\n" : '\n' + table.str();
  shown.json["certificates"] = std::move(list);
  return shown;
}

Result<Shown> show_folder(const path& folder, WallTime now) {
  std::error_code failure;
  std::vector<path> files;
  for (std::filesystem::directory_iterator entry{folder, failure}, end; !failure && entry != end;
       entry.increment(failure)) {
    const auto extension = entry->path().extension();
    if (extension == ".crt" || extension == ".csr") files.push_back(entry->path());
  }
  if (failure) return Error{Errc::io, folder.string() + ": cannot list: " + failure.message()};
  if (files.empty()) {
    return Error{Errc::not_found, folder.string() + " holds no certificate or request"};
  }
  std::sort(files.begin(), files.end());
  Shown all;
  all.json = {{"files", ordered_json::array()}};
  for (const auto& file : files) {
    HIPPOCRYPT_TRY(auto shown, show_file(file, now));
    all.text += file.string() + ": " + shown.text;
    all.json["files"].push_back(std::move(shown.json));
    all.warnings.insert(all.warnings.end(), shown.warnings.begin(), shown.warnings.end());
  }
  return all;
}

}  // namespace

Result<Shown> show_provisioned(const path& what, WallTime now) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(what, ignored)) return show_file(what, now);
  if (std::filesystem::is_directory(what / "issued", ignored)) return show_authority(what, now);
  return show_folder(what, now);
}

std::string party_text(const net::Identity& identity) {
  return std::string{to_string(identity.role)} + ' ' + identity.name;
}

std::string member_text(const net::Identity& identity) {
  return party_text(identity) + " of the federation " + identity.federation;
}

ordered_json to_json(const net::CertificateFacts& facts) {
  ordered_json json{{"kind", "certificate"},
                    {"federation", facts.identity.federation},
                    {"role", to_string(facts.identity.role)},
                    {"name", facts.identity.name},
                    {"serial", facts.serial},
                    {"not_before", iso_time(facts.not_before)},
                    {"not_after", iso_time(facts.not_after)}};
  if (!facts.dns_name.empty()) json["host"] = facts.dns_name;
  if (facts.signing_key) json["signing_key"] = to_hex(*facts.signing_key);
  return json;
}

}  // namespace hippocrypt::cli
