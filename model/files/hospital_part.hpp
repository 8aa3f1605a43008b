#pragma once
// A hospital's part of a model: what it computes with beside a blind server, and none of the frozen
// matrices. A folder with config.json, hospital_part.json and hospital_part.safetensors.

#include <cstdint>
#include <filesystem>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "model/channel_residuals.hpp"
#include "model/files/hf_model.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

inline constexpr std::uint64_t hospital_part_version = 1;

/// What makes up for the frozen matrices that are not there.
struct HospitalPart {
  std::size_t exact_channels = 0;  ///< what find_channel_residuals was asked for
  ChannelResiduals residuals;      ///< empty where that is 0
  /// Of the weights that they were taken from (model_fingerprint): the server's must be
  /// the same. With the output head among the base weights it is another.
  Hash256 weights{}, weights_with_head{};
};

/// A model whose base weights are empty.
struct HospitalModel {
  Model model;
  HospitalPart part;
};

/// Whether `folder` is one of these.
bool is_hospital_part(const std::filesystem::path& folder);

/// Writes the part of `model`, whose base weights are not looked at; values stay as they are, so
/// that results are the same to the last bit. The folder must not hold a whole model. Errors: io,
/// not_finite (names the tensor), unsupported (rope divisors, which config.json cannot say
/// exactly), invalid_config (a whole model is there).
Status save_hospital_part(const ModelConfig& config, const ClientWeights& client,
                          const HospitalPart& part, const SpecialTokenIds& tokens,
                          const std::filesystem::path& folder);

/// Errors: those of load_folder_config and SafetensorsFile; malformed (channels that no matrix of
/// this shape has, facts of another form); mismatch (shapes), unsupported (another version).
Result<HospitalModel> load_hospital_part(const std::filesystem::path& folder);

}  // namespace hippocrypt::model
