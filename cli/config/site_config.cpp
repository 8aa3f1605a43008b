#include "cli/config/site_config.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <system_error>

#include "cli/config/load_config.hpp"
#include "cli/config/section_reader.hpp"
#include "cli/config/suggest.hpp"

namespace hippocrypt::cli {
namespace {

using federation::HintSource;
using federation::PartyRole;
using federation::SiteFile;

constexpr std::array roles{PartyRole::hospital, PartyRole::server, PartyRole::aggregator};
constexpr std::array hint_sources{HintSource::automatic, HintSource::download, HintSource::compute};
constexpr IntegerRule any_port{0, 65535};
constexpr IntegerRule peers_port{1, 65535};

std::vector<std::string> sections_of(PartyRole role) {
  switch (role) {
    case PartyRole::hospital:
      return {"site", "tls", "hospital", "aggregator", "server"};
    case PartyRole::server:
      return {"site", "tls", "listen", "model", "limits"};
    case PartyRole::aggregator:
      break;
  }
  return {"site", "tls", "listen"};
}

Status check_sections(const Document& document, PartyRole role) {
  const auto known = sections_of(role);
  for (const auto& [key, node] : document.root()) {
    const std::string word{key.str()};
    if (std::find(known.begin(), known.end(), word) == known.end()) {
      return unknown_key(document, word, "", known);
    }
  }
  return {};
}

/// A key that names a file; one that is written down must be there.
void read_file_path(SectionReader& reader, const char* key, std::filesystem::path& value,
                    const char* meaning) {
  reader.path(key, value);
  std::error_code error;
  if (reader.has(key) && !std::filesystem::is_regular_file(value, error)) {
    reader.complain(key, "there is no file " + value.string() + "; give " + meaning);
  }
}

void need_file(SectionReader& reader, const char* key, std::filesystem::path& value,
               const char* meaning) {
  reader.require(key, meaning);
  read_file_path(reader, key, value, meaning);
}

void read_folder(SectionReader& reader, const char* key, std::filesystem::path& value,
                 const char* meaning) {
  reader.path(key, value);
  std::error_code error;
  if (reader.has(key) && !std::filesystem::is_directory(value, error)) {
    reader.complain(key, "there is no folder " + value.string() + "; give " + meaning);
  }
}

void read_port(SectionReader& reader, std::uint16_t& value, IntegerRule rule) {
  std::uint32_t port = value;
  reader.integer("port", port, rule);
  value = static_cast<std::uint16_t>(port);
}

/// What is written as "500MB" or "4GB"; powers of ten.
std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  constexpr std::array<std::string_view, 4> units{"kB", "MB", "GB", "TB"};
  const auto found = std::find(units.begin(), units.end(), unit);
  if (found == units.end() || count == 0 || count > 1'000'000) return std::nullopt;
  for (auto power = units.begin(); power <= found; ++power) count *= 1000;
  return count;
}

void read_bytes(SectionReader& reader, const char* key, std::uint64_t& value) {
  std::string text;
  reader.text(key, text);
  if (!reader.has(key)) return;
  if (const auto bytes = parse_bytes(text)) {
    value = *bytes;
  } else {
    reader.complain(key, "must be a size like \"500MB\" or \"4GB\"");
  }
}

/// "0-15", or one number.
std::optional<protocol::BlockRange> parse_blocks(std::string_view text) {
  protocol::BlockRange range;
  const char* const last = text.data() + text.size();
  auto [end, error] = std::from_chars(text.data(), last, range.first);
  if (error != std::errc{}) return std::nullopt;
  range.last = range.first;
  if (end != last) {
    if (*end != '-') return std::nullopt;
    const auto second = std::from_chars(end + 1, last, range.last);
    if (second.ec != std::errc{} || second.ptr != last) return std::nullopt;
  }
  if (range.last < range.first) return std::nullopt;
  return range;
}

void read_blocks(SectionReader& reader, protocol::BlockRange& blocks) {
  std::string text;
  reader.text("blocks", text);
  if (!reader.has("blocks")) return;
  if (const auto range = parse_blocks(text)) {
    blocks = *range;
  } else {
    reader.complain("blocks", "must be a range of the model's blocks like \"0-15\"");
  }
}

void read_peer(SectionReader& reader, federation::PeerConfig& peer) {
  reader.text("host", peer.host);
  reader.require("host", "the name or address of the machine to reach");
  read_port(reader, peer.port, peers_port);
  reader.require("port", "the port that it listens at");
  reader.text("server_name", peer.server_name);
  reader.text("proxy", peer.proxy);
  if (reader.has("proxy") && peer.proxy.rfind("http://", 0) != 0) {
    reader.complain("proxy", "must be a proxy's address like \"http://proxy:3128\"");
  }
}

Status read_identity(const Document& document, SiteFile& site) {
  SectionReader reader{document, "site"};
  reader.require("role", "what this party is: hospital, server or aggregator");
  reader.choice("role", site.role, roles);
  reader.require("name", "the party's name, as in its certificate");
  reader.plain_name("name", site.name);
  need_file(reader, "federation", site.federation, "the federation's file (TOML)");
  if (site.role == PartyRole::aggregator) {
    reader.require("certificates", "the folder of the hospitals' certificates");
    site.aggregator.runs = document.path().parent_path() / "runs";
    reader.path("runs", site.aggregator.runs);
  }
  auto& certificates =
      site.role == PartyRole::server ? site.server.certificates : site.aggregator.certificates;
  if (site.role != PartyRole::hospital) {
    read_folder(reader, "certificates", certificates, "the folder of the hospitals' certificates");
  }
  return reader.finish();
}

Status read_tls(const Document& document, federation::TlsConfig& tls) {
  SectionReader reader{document, "tls"};
  need_file(reader, "authority", tls.authority, "the certificate of the federation's authority");
  need_file(reader, "certificate", tls.certificate, "the party's certificate");
  need_file(reader, "key", tls.key, "the key of the party's certificate");
  read_file_path(reader, "revoked", tls.revoked, "the authority's revocation list");
  return reader.finish();
}

Status read_listen(const Document& document, federation::ListenConfig& listen) {
  SectionReader reader{document, "listen"};
  reader.text("address", listen.address);
  reader.require("port", "the port to listen at (0: any free one)");
  read_port(reader, listen.port, any_port);
  return reader.finish();
}

/// How many [[name]] sections there are. Errors: invalid_config (not a list).
Result<std::size_t> count_of(const Document& document, const std::string& name) {
  const toml::node* node = document.find(name);
  if (node == nullptr) return std::size_t{0};
  if (const toml::array* array = node->as_array()) return array->size();
  return document.problem(
      name, "must be a list, not " + kind_text(*node) + ": write [[" + name + "]] before each");
}

Status read_hospital_site(const Document& document, federation::HospitalSite& site) {
  SectionReader reader{document, "hospital"};
  need_file(reader, "notes", site.notes, "the hospital's notes, a JSONL file");
  reader.require("folder", "the folder where the hospital keeps its state");
  reader.path("folder", site.folder);
  reader.path("signing_key", site.signing_key);
  reader.real("budget", site.budget, privacy_budget);
  read_bytes(reader, "hint_cache", site.hint_cache_bytes);
  reader.boolean("report_budget", site.report_budget);
  reader.choice("hint_source", site.hint_source, hint_sources);
  HIPPOCRYPT_TRY_VOID(reader.finish());
  SectionReader aggregator{document, "aggregator"};
  read_peer(aggregator, site.aggregator);
  HIPPOCRYPT_TRY_VOID(aggregator.finish());
  HIPPOCRYPT_TRY(const auto servers, count_of(document, "server"));
  for (std::size_t i = 0; i < servers; ++i) {
    SectionReader server{document, "server." + std::to_string(i)};
    read_peer(server, site.servers.emplace_back().peer);
    read_blocks(server, site.servers.back().blocks);
    HIPPOCRYPT_TRY_VOID(server.finish());
  }
  return {};
}

Status read_server_site(const Document& document, federation::ServerSite& site) {
  HIPPOCRYPT_TRY_VOID(read_listen(document, site.listen));
  HIPPOCRYPT_TRY(const auto models, count_of(document, "model"));
  if (models == 0) {
    return document.problem("model",
                            "missing: write a [[model]] section with a path for each "
                            "model that the server has");
  }
  for (std::size_t i = 0; i < models; ++i) {
    auto& model = site.models.emplace_back();
    SectionReader reader{document, "model." + std::to_string(i)};
    reader.require("path", "the model's folder or GGUF file");
    reader.path("path", model.path);
    std::error_code error;
    if (reader.has("path") && !std::filesystem::exists(model.path, error)) {
      reader.complain("path", "there is no folder or file " + model.path.string());
    }
    read_blocks(reader, model.blocks);
    HIPPOCRYPT_TRY_VOID(reader.finish());
  }
  SectionReader reader{document, "limits"};
  reader.integer("sessions", site.limits.sessions, {1, 10'000});
  reader.integer("queue", site.limits.queue, {1, 10'000});
  reader.real("messages_per_s", site.limits.messages_per_s, above_zero);
  read_bytes(reader, "memory", site.limits.memory_bytes);
  return reader.finish();
}

}  // namespace

Result<SiteFile> load_site(const std::filesystem::path& path,
                           std::span<const std::string> overrides) {
  HIPPOCRYPT_TRY(const Document document, Document::load(path, overrides));
  SiteFile site;
  HIPPOCRYPT_TRY_VOID(read_identity(document, site));
  HIPPOCRYPT_TRY_VOID(check_sections(document, site.role));
  HIPPOCRYPT_TRY_VOID(read_tls(document, site.tls));
  if (site.role == PartyRole::hospital) {
    site.hospital.signing_key = site.tls.key.parent_path() / "signing.key";
    HIPPOCRYPT_TRY_VOID(read_hospital_site(document, site.hospital));
  } else if (site.role == PartyRole::server) {
    HIPPOCRYPT_TRY_VOID(read_server_site(document, site.server));
  } else {
    HIPPOCRYPT_TRY_VOID(read_listen(document, site.aggregator.listen));
  }
  return site;
}

Result<bool> is_site_file(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const Document document, Document::load(path, {}));
  return document.find("site") != nullptr;
}

Result<SiteFile> load_site_of(PartyRole role, const std::filesystem::path& path,
                              std::span<const std::string> overrides) {
  HIPPOCRYPT_TRY(auto site, load_site(path, overrides));
  if (site.role == role) return site;
  return Error{Errc::invalid_config, path.string() + " has role = \"" + to_string(site.role) +
                                         "\"; this program takes the file of a party with role " +
                                         "= \"" + to_string(role) + "\""};
}

Result<federation::FederationConfig> load_federation_of(const SiteFile& site) {
  HIPPOCRYPT_TRY(auto config, load_federation(site.federation));
  if (site.role != PartyRole::hospital) return config;
  const auto names = config.hospital_names();
  if (std::find(names.begin(), names.end(), site.name) == names.end()) {
    return Error{Errc::invalid_config, site.federation.string() + " lists no hospital '" +
                                           site.name + "'; it has " + word_list(names, "and")};
  }
  auto& own = config.hospitals[hospital_index(config, site)];
  own.notes = site.hospital.notes;
  if (!std::isnan(site.hospital.budget)) own.budget = site.hospital.budget;
  return config;
}

std::size_t hospital_index(const federation::FederationConfig& config, const SiteFile& site) {
  const auto names = config.hospital_names();
  const auto found = std::find(names.begin(), names.end(), site.name);
  HIPPOCRYPT_CHECK(found != names.end());
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace hippocrypt::cli
