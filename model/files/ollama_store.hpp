#pragma once
// Models that Ollama has downloaded: its store keeps a manifest for every name and the files that
// the manifest lists under the hashes of their contents. Nothing is downloaded here.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace hippocrypt::model {

/// $OLLAMA_MODELS, or else .ollama/models in the user's home, or the system service's.
std::filesystem::path default_ollama_store();

/// "smollm2:135m" for the spec "ollama:smollm2:135m"; nothing for other specs.
std::optional<std::string_view> ollama_name(std::string_view spec);

/// The GGUF file of `name`, [HOST/][NAMESPACE/]MODEL[:TAG]; without a tag "latest", without a
/// namespace "library", without a host whichever has it. Errors: malformed (a name that is none, a
/// manifest that does not follow its format), not_found (no store, no such model: lists what there
/// is; no such file), mismatch (several hosts have different models of that name; a file of another
/// size than the manifest says), unsupported (a model with adapters or of several parts), io,
/// limit_exceeded (a manifest larger than any).
Result<std::filesystem::path> find_ollama_model(std::string_view name,
                                                const std::filesystem::path& store);

}  // namespace hippocrypt::model
