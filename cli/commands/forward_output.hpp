#pragma once
// A DP-Forward release as files, and in words: what it protects, how much noise that takes and what
// it does not promise.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/matrix.hpp"
#include "base/result.hpp"
#include "federation/client/hospital_data.hpp"
#include "privacy/dp_forward/embedding_release.hpp"

namespace hippocrypt::cli {

struct ReleaseTarget {
  std::filesystem::path folder;  ///< which exists
  double delta = 0;
  double budget = 0;
};

/// Writes embeddings-0000i-of-0000n.safetensors with one tensor (tokens, features) a sequence,
/// "sequence_000000" and on in the order given; nothing in them says whose they are. Returns their
/// names. Errors: those of write_safetensors.
Result<std::vector<std::string>> write_release(
    const ReleaseTarget& target, const privacy::EmbeddingRelease& release,
    const std::vector<federation::TokenSequence>& sequences, const Matrix& embedding);

/// For metadata.json and --json: only what is public once the release is.
nlohmann::ordered_json release_json(const ReleaseTarget& target,
                                    const privacy::EmbeddingRelease& release,
                                    const std::vector<std::string>& files);
/// metadata.json. Errors: io.
Status write_release_metadata(const ReleaseTarget& target, const nlohmann::ordered_json& document);
/// For people.
std::string release_text(const ReleaseTarget& target, const privacy::EmbeddingRelease& release,
                         const std::vector<std::string>& files);

/// "the signal's norm is at most 1, the noise's about 154: ratio 0.0065", with what that means.
std::string noise_sentence(const privacy::MatrixGaussianParams& params);

}  // namespace hippocrypt::cli
