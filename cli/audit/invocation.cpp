#include "cli/audit/invocation.hpp"

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/format_version.hpp"
#include "base/sha256.hpp"
#include "cli/config/load_config.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::uint64_t file_version = 1;
constexpr std::size_t limit_bytes = std::size_t{1} << 20;

std::filesystem::path file_in(const std::filesystem::path& run_folder) {
  return run_folder / "invocation.json";
}

Result<std::string> hash_of(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const Bytes bytes, read_file(path, limit_bytes));
  return to_hex(sha256(bytes));
}

}  // namespace

Status save_invocation(const std::filesystem::path& run_folder, const Invocation& invocation) {
  HIPPOCRYPT_TRY(const std::string hash, hash_of(invocation.config));
  std::error_code ignored;
  const nlohmann::ordered_json json{
      {"version", file_version},
      {"config", std::filesystem::absolute(invocation.config, ignored).string()},
      {"sha256", hash},
      {"overrides", invocation.overrides}};
  return write_file_atomically(file_in(run_folder), as_bytes(json.dump(2) + "\n"));
}

namespace {

struct SavedInvocation {
  Invocation invocation;
  std::string hash;
};

Result<SavedInvocation> load_invocation(const std::filesystem::path& run_folder) {
  const auto path = file_in(run_folder);
  const auto text = read_text_file(path, limit_bytes);
  if (!text && text.error().code == Errc::not_found) {
    return Error{Errc::not_found,
                 run_folder.string() + " does not say how it was started; give its --config"};
  }
  HIPPOCRYPT_TRY(const std::string content, text);
  const auto json = nlohmann::json::parse(content, nullptr, false);
  // The first releases wrote no version.
  if (json.is_object() && json.contains("version") && json["version"].is_number_unsigned()) {
    HIPPOCRYPT_TRY_VOID(
        check_version(path.string(), json["version"].get<std::uint64_t>(), file_version));
  }
  if (!json.is_object() || !json.contains("config") || !json["config"].is_string() ||
      !json.contains("sha256") || !json["sha256"].is_string() || !json.contains("overrides") ||
      !json["overrides"].is_array()) {
    return Error{Errc::malformed, path.string() + ": not what a run writes; give --config"};
  }
  SavedInvocation saved{{json["config"].get<std::string>(), {}}, json["sha256"].get<std::string>()};
  for (const auto& value : json["overrides"]) {
    if (!value.is_string()) return Error{Errc::malformed, path.string() + ": give --config"};
    saved.invocation.overrides.push_back(value.get<std::string>());
  }
  return saved;
}

}  // namespace

Result<Invocation> invocation_of_run(const std::filesystem::path& run_folder) {
  HIPPOCRYPT_TRY(auto saved, load_invocation(run_folder));
  return std::move(saved.invocation);
}

Result<federation::FederationConfig> config_of_run(const std::filesystem::path& run_folder,
                                                   const std::optional<Invocation>& instead) {
  if (instead) return load_config(instead->config, instead->overrides);
  HIPPOCRYPT_TRY(const auto saved, load_invocation(run_folder));
  HIPPOCRYPT_TRY(const std::string hash, hash_of(saved.invocation.config));
  if (hash != saved.hash) {
    return Error{Errc::mismatch, saved.invocation.config.string() +
                                     " has changed since the run; give the old one by --config"};
  }
  return load_config(saved.invocation.config, saved.invocation.overrides);
}

}  // namespace hippocrypt::cli
