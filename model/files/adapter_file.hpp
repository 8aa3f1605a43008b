#pragma once
// LoRA adapters in the folder layout of PEFT: adapter_config.json and adapter_model.safetensors
// with base_model.model.model.layers.L.self_attn.q_proj.lora_A.weight (r, in) and lora_B.weight
// (out, r). At the level of named matrices; adapter_lora.hpp turns them into the model's adapters.
// Source: peft's docs, "PEFT checkpoint format".

#include <filesystem>
#include <string>
#include <vector>

#include "base/matrix.hpp"
#include "base/result.hpp"
#include "model/config.hpp"
#include "model/files/safetensors.hpp"

namespace hippocrypt::model {

inline constexpr std::size_t max_adapter_config_bytes = std::size_t{1} << 20;
/// An adapter of rank 8 on a model of 7 billion parameters is 80 MB.
inline constexpr std::uint64_t default_adapter_limit_bytes = std::uint64_t{4} << 30;

/// What adapter_config.json says. The update is (alpha / rank)·B·A; the alpha of an rsLoRA file is
/// multiplied by sqrt(rank), so that this holds for it too.
struct AdapterFileConfig {
  std::size_t rank = 0;
  double alpha = 0.0;
  std::vector<std::string> target_modules;  ///< "q_proj", …; ordered, without repeats
  std::string base_model = {};              ///< name of the base model; may be empty
  /// Set where target_modules is a pattern ("all-linear", a regular expression) or exclude_modules
  /// narrows it: PEFT has written matrices for exactly what matched, so they say what was meant.
  /// target_modules then names the modules that have some.
  bool targets_follow_tensors = false;
  std::vector<std::size_t> only_blocks = {};  ///< layers_to_transform, ordered; empty: every block
};

/// The adapter of one projection.
struct AdapterTensor {
  std::size_t block = 0;
  std::string
      module;  ///< "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"
  Matrix a;    ///< (r, in)
  Matrix b;    ///< (out, r)
};

struct AdapterFolder {
  AdapterFileConfig config;
  std::vector<AdapterTensor> tensors;  ///< ordered by block, then by module name
};

/// Writes the two files, each atomically; creates the folder. Order of the tensors does not matter.
/// Every tensor must have rank config.rank, name a known module in config.target_modules, and come
/// once. Errors: not_finite (names the tensor), io.
Status write_adapter_folder(const AdapterFolder& adapter, const std::filesystem::path& folder);

/// Reads the two files and checks that every matrix has its other half, of the rank that the config
/// says, and that the config and the matrices name the same modules and blocks. Values may be F32,
/// F16 or BF16. Errors: not_found, io, malformed (a half or a listed target without matrices, no
/// tensors at all, matrices of a module or block that is not targeted), unsupported (another PEFT
/// method, DoRA, biases, per-module ranks, saved modules, …; in one sentence), mismatch (rank or
/// dimensions), not_finite, limit_exceeded.
Result<AdapterFolder> read_adapter_folder(const std::filesystem::path& folder,
                                          std::uint64_t limit_bytes = default_adapter_limit_bytes);

/// The tensors of a file of that layout, which must all have rank `rank`. Errors: as
/// read_adapter_folder, except for those of the config.
Result<std::vector<AdapterTensor>> read_adapter_tensors(
    const std::filesystem::path& file, std::size_t rank,
    std::uint64_t limit_bytes = default_adapter_limit_bytes);

/// Whether every tensor fits a projection of this model. Errors: mismatch (names the tensor).
Status check_adapter_fits(const AdapterFolder& adapter, const ModelConfig& config);

}  // namespace hippocrypt::model
