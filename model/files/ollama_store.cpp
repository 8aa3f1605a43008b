#include "model/files/ollama_store.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/file.hpp"
#include "model/files/json.hpp"

namespace hippocrypt::model {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view scheme = "ollama:";
constexpr std::size_t max_part_bytes = 128;
constexpr std::size_t max_manifest_bytes = std::size_t{1} << 20;
constexpr std::size_t max_listed = 20;
constexpr std::string_view layer_prefix = "application/vnd.ollama.image.";

struct Name {
  std::string host;  ///< empty: any
  std::string space, model, tag;
};

/// Letters, digits, '.', '_' and '-', the first a letter or digit: never a way out of a folder.
bool is_part(std::string_view text) {
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= max_part_bytes && is_alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
         });
}

Result<Name> parse_name(std::string_view text) {
  Name name{"", "library", "", "latest"};
  const std::size_t last_slash = text.rfind('/');
  const std::size_t colon =
      text.find(':', last_slash == std::string_view::npos ? 0 : last_slash + 1);
  std::string_view path = text.substr(0, colon);
  if (colon != std::string_view::npos) name.tag = text.substr(colon + 1);
  std::vector<std::string_view> parts;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/')) {
    parts.push_back(path.substr(0, slash));
    path.remove_prefix(slash + 1);
  }
  name.model = path;
  if (!parts.empty()) name.space = parts.back();
  if (parts.size() == 2) name.host = parts.front();
  const bool is_good = parts.size() <= 2 && is_part(name.model) && is_part(name.tag) &&
                       is_part(name.space) && (parts.size() < 2 || is_part(name.host));
  if (is_good) return name;
  return Error{Errc::malformed,
               "an Ollama model is named MODEL, MODEL:TAG or NAMESPACE/MODEL:TAG, of letters, "
               "digits, '.', '_' and '-'"};
}

/// Names of what is right in `folder`, in order; none when it cannot be read.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code failure;
  fs::directory_iterator entries{folder, failure};
  for (; !failure && entries != fs::directory_iterator{}; entries.increment(failure)) {
    if (std::string name = entries->path().filename().string(); is_part(name)) {
      out.push_back(std::move(name));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// "a:latest, b:7b" of the store; only some of very many.
std::string list_models(const fs::path& manifests) {
  std::string out;
  std::size_t count = 0;
  for (const auto& host : names_in(manifests)) {
    for (const auto& space : names_in(manifests / host)) {
      for (const auto& model : names_in(manifests / host / space)) {
        for (const auto& tag : names_in(manifests / host / space / model)) {
          if (++count > max_listed) return out + ", ...";
          const std::string prefix = space == "library" ? "" : space + "/";
          out.append(out.empty() ? "" : ", ").append(prefix).append(model + ":" + tag);
        }
      }
    }
  }
  return out.empty() ? "no model" : out;
}

struct Blob {
  std::string file;  ///< name in blobs/
  std::uint64_t size_bytes = 0;
};

/// "sha256-<hex>" of the digest "sha256:<hex>". Errors: malformed.
Result<std::string> blob_name(const JsonObject& layer) {
  HIPPOCRYPT_TRY(const std::string digest, layer.text("digest"));
  constexpr std::string_view kind = "sha256:";
  const std::string_view hex =
      std::string_view{digest}.substr(std::min(kind.size(), digest.size()));
  const bool is_good = digest.compare(0, kind.size(), kind) == 0 && hex.size() == 64 &&
                       hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!is_good) return layer.wrong("digest", "sha256: and 64 hexadecimal digits");
  return "sha256-" + std::string{hex};
}

/// The model's layer in a manifest.
Result<Blob> read_manifest(const fs::path& path) {
  HIPPOCRYPT_TRY(const std::string text, read_text_file(path, max_manifest_bytes));
  HIPPOCRYPT_TRY(const Json json, parse_json(text, path.string()));
  HIPPOCRYPT_TRY(const JsonObject manifest, JsonObject::of(json, path.string()));
  HIPPOCRYPT_TRY(const Json* layers, manifest.require("layers"));
  if (!layers->is_array()) return manifest.wrong("layers", "a list");
  Blob blob;
  for (const Json& item : *layers) {
    HIPPOCRYPT_TRY(const JsonObject layer, JsonObject::of(item, path.string() + ": a layer"));
    HIPPOCRYPT_TRY(const std::string type, layer.text("mediaType"));
    const bool is_image = type.compare(0, layer_prefix.size(), layer_prefix) == 0;
    const std::string kind = is_image ? type.substr(layer_prefix.size()) : "";
    if (kind == "adapter" || kind == "projector") {
      return Error{Errc::unsupported, path.string() + ": the model comes with a layer of kind " +
                                          kind +
                                          ", without which it would be another; use a plain one"};
    }
    if (kind != "model") continue;
    if (!blob.file.empty()) {
      return Error{Errc::unsupported, path.string() + ": a model of several files"};
    }
    HIPPOCRYPT_TRY(blob.file, blob_name(layer));
    HIPPOCRYPT_TRY(blob.size_bytes, layer.unsigned_value("size"));
  }
  if (!blob.file.empty()) return blob;
  return Error{Errc::malformed, path.string() + ": lists no layer that holds a model"};
}

/// Manifests of `name`, one for every host that has it.
std::vector<fs::path> manifests_of(const Name& name, const fs::path& manifests) {
  std::vector<fs::path> out;
  for (const auto& host : names_in(manifests)) {
    if (!name.host.empty() && host != name.host) continue;
    const fs::path path = manifests / host / name.space / name.model / name.tag;
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) out.push_back(path);
  }
  return out;
}

Result<fs::path> check_blob(const Blob& blob, const fs::path& store) {
  const fs::path path = store / "blobs" / blob.file;
  std::error_code failure;
  if (!fs::is_regular_file(path, failure)) {
    return Error{Errc::not_found,
                 path.string() + ": the model's file is not in the store; pull the model again"};
  }
  const std::uint64_t size = fs::file_size(path, failure);
  if (failure) return Error{Errc::io, path.string() + ": " + failure.message()};
  if (size == blob.size_bytes) return path;
  return Error{Errc::mismatch, path.string() + ": has " + std::to_string(size) +
                                   " bytes, but the manifest says " +
                                   std::to_string(blob.size_bytes) + "; pull the model again"};
}

}  // namespace

fs::path default_ollama_store() {
  if (const char* set = std::getenv("OLLAMA_MODELS"); set != nullptr && *set != '\0') return set;
  const fs::path service = "/usr/share/ollama/.ollama/models";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return service;
  const fs::path own = fs::path{home} / ".ollama" / "models";
  std::error_code ignored;
  const bool has_own = fs::exists(own / "manifests", ignored);
  return !has_own && fs::exists(service / "manifests", ignored) ? service : own;
}

std::optional<std::string_view> ollama_name(std::string_view spec) {
  if (spec.substr(0, scheme.size()) != scheme) return {};
  return spec.substr(scheme.size());
}

Result<fs::path> find_ollama_model(std::string_view name, const fs::path& store) {
  HIPPOCRYPT_TRY(const Name wanted, parse_name(name));
  const fs::path manifests = store / "manifests";
  std::error_code ignored;
  if (!fs::is_directory(manifests, ignored)) {
    return Error{Errc::not_found, store.string() +
                                      ": is no Ollama store, as it has no folder "
                                      "manifests; set OLLAMA_MODELS"};
  }
  const auto found = manifests_of(wanted, manifests);
  if (found.empty()) {
    return Error{Errc::not_found, store.string() + ": there is no model " + std::string{name} +
                                      "; the store has " + list_models(manifests)};
  }
  HIPPOCRYPT_TRY(const Blob blob, read_manifest(found.front()));
  for (std::size_t i = 1; i < found.size(); ++i) {
    HIPPOCRYPT_TRY(const Blob other, read_manifest(found[i]));
    if (other.file == blob.file) continue;
    return Error{Errc::mismatch, store.string() + ": two hosts have different models named " +
                                     std::string{name} + "; give HOST/NAMESPACE/MODEL:TAG"};
  }
  return check_blob(blob, store);
}

}  // namespace hippocrypt::model
