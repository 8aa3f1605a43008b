#pragma once
// What one TOML file says about a federation: plain values, checked by cli/config before any work
// starts.

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "crypto/core/params.hpp"
#include "federation/common/round_config.hpp"
#include "federation/common/simulation_config.hpp"

namespace hippocrypt::federation {

/// Who multiplies: the hospital itself, the blind server on packed ciphertexts, or the blind server
/// by the scalar LWE scheme that is kept for comparison.
enum class OracleKind : std::uint8_t { plain_fp32, plain_int8, encrypted, encrypted_lwe };
/// A frozen and orthonormal; both factors trained; or B and A in turn, one of them in every round,
/// the other frozen (RoLoRA, arXiv:2409.02346); or R alone, the update being B·R·A with both frozen
/// (Fed-SB, arXiv:2502.15436).
enum class AdapterMode : std::uint8_t { ffa, lora, rolora, fed_sb };
enum class OptimizerKind : std::uint8_t { sgd, adamw };
/// How the learning rate runs over the rounds' steps after its warm-up.
enum class ScheduleKind : std::uint8_t { constant, linear, cosine };
/// Which tokens are learned: all, or not those of prompts and of others' turns.
enum class LossTokens : std::uint8_t { all, completion };
/// The chain rule through every frozen matrix, or the approximation that asks the server for no
/// backward product (model/transformer.hpp says what it is).
enum class Backprop : std::uint8_t { exact, top_gradient };
enum class PrivacyUnit : std::uint8_t { patient, note };
/// One norm over all values; one a layer, clip / sqrt(layers) each; or one that follows a quantile.
enum class ClippingMode : std::uint8_t { flat, per_layer, adaptive };
/// How noise and clip norm change over the steps, fixed in advance.
enum class PrivacySchedule : std::uint8_t { constant, linear, exponential, step };
/// Where a hospital's ledger lives: in the user's ledger home, so that every run on the same
/// patients is on one account, or in the run folder, for simulations on data that is nobody's.
enum class LedgerPlace : std::uint8_t { dataset, run };

const char* to_string(OracleKind kind);
const char* to_string(AdapterMode mode);
const char* to_string(OptimizerKind kind);
const char* to_string(ScheduleKind kind);
const char* to_string(LossTokens tokens);
const char* to_string(Backprop backprop);
const char* to_string(PrivacyUnit unit);
const char* to_string(ClippingMode mode);
const char* to_string(PrivacySchedule schedule);
const char* to_string(LedgerPlace place);

struct RunConfig {
  std::string name = "run";  ///< the run folder is runs/NAME
  std::uint64_t seed = 1;    ///< data order and initial adapters; never keys or noise
  std::uint32_t rounds = 10;
  std::uint32_t steps_per_round = 4;  ///< K local DP-SGD steps
};

struct ModelSource {
  std::filesystem::path path;  ///< folder with config.json, model.safetensors, tokenizer.json
};

struct AdapterConfig {
  AdapterMode mode = AdapterMode::ffa;
  std::uint32_t rank = 8;
  double alpha = 16;  ///< the update is (alpha / rank)·B·A
  std::vector<std::string> targets = {"q", "k", "v", "o", "gate", "up", "down"};
};

struct TrainingConfig {
  OptimizerKind optimizer = OptimizerKind::adamw;
  double learning_rate = 1e-3;  ///< after the warm-up
  ScheduleKind schedule = ScheduleKind::constant;
  std::uint32_t warmup_steps = 0;
  double final_learning_rate = 0;  ///< share of learning_rate that is left at the last step
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;  ///< AdamW's
  double momentum = 0;                                ///< SGD's
  double weight_decay = 0;
  LossTokens loss = LossTokens::all;
  Backprop backprop = Backprop::exact;
  std::uint32_t accumulate = 1;         ///< passes of train_tiles tiles in every step
  std::uint32_t max_note_tokens = 128;  ///< longer notes are cut, and counted
  std::uint32_t max_patient_tokens =
      256;  ///< further notes of the patient are left out, and counted
  // Of `train` only.
  std::uint32_t log_every = 10;         ///< steps
  std::uint32_t checkpoint_every = 50;  ///< steps
  std::uint32_t checkpoints_kept = 2;
};

struct PrivacyConfig {
  PrivacyUnit unit = PrivacyUnit::patient;
  double noise_multiplier =
      1.0;                      ///< sigma: noise std is sigma·clip; 0 only with an infinite budget
  double clip = 1.0;            ///< L2 bound on one unit's gradient
  double sampling_rate = 0.05;  ///< q of the Poisson sampling
  double expected_lot = 32;     ///< what the noisy sum is divided by: a constant, not a count
  double delta = 1e-5;
  double budget = std::numeric_limits<double>::infinity();  ///< epsilon; a hospital may set its own
  LedgerPlace ledger = LedgerPlace::dataset;
  std::filesystem::path ledger_home;  ///< empty: the user's (ledger_place.hpp)
  ClippingMode clipping = ClippingMode::flat;
  double clip_quantile = 0.5;       ///< adaptive: the share of units that should be within the norm
  double clip_learning_rate = 0.2;  ///< adaptive: how fast the norm moves
  double clip_count_noise = 10;     ///< adaptive: sigma of the count of such units
  PrivacySchedule noise_schedule = PrivacySchedule::constant;
  double final_noise_multiplier = 1.0;  ///< at the last step, with a noise_schedule
  PrivacySchedule clip_schedule = PrivacySchedule::constant;
  double final_clip = 1.0;            ///< at the last step, with a clip_schedule
  std::uint32_t schedule_stages = 4;  ///< of `step` schedules
  bool deidentify = false;            ///< mask identifiers in the notes before they become tokens
};

/// Embeddings with noise on them (privacy/dp_forward) instead of the embeddings themselves.
struct DpForwardConfig {
  double epsilon = 8;           ///< of one release of a sequence; unless there is a multiplier
  double noise_multiplier = 0;  ///< standard deviation over the sensitivity 2·clip; 0: by epsilon
  double delta = 1e-5;
  double clip = 1;           ///< Frobenius norm of a sequence's matrix
  std::uint32_t tokens = 0;  ///< that every sequence is padded to; 0: training.max_note_tokens
  double budget = std::numeric_limits<double>::infinity();  ///< epsilon of all releases together
};

struct EncryptionConfig {
  OracleKind oracle = OracleKind::encrypted;
  std::string params = "rlwe2048";
  std::uint32_t train_tiles = 2;      ///< tiles of every training step, whatever the lot
  std::uint32_t eval_tiles = 2;       ///< tiles of every evaluation
  std::uint32_t tile_tokens = 2048;   ///< at most N
  std::uint32_t upload_bits = 24;     ///< of a ciphertext value: 24 or 20
  std::uint32_t download_bits = 16;   ///< 16 or 12
  std::uint32_t tiles_in_flight = 2;  ///< exchanges that a hospital has under way at once
  /// Input channels of a matrix whose rounding to int8 the hospital makes up for.
  std::uint32_t exact_channels = 32;
  std::uint32_t pad_mib = 0;   ///< MiB of pads that a hospital makes ahead
  bool blind_head = false;     ///< the server multiplies by the output head too
  bool insecure_test = false;  ///< accept parameters that protect nothing

  bool uses_server() const {
    return oracle == OracleKind::encrypted || oracle == OracleKind::encrypted_lwe;
  }
};

/// The parameters that the configuration names. Errors: not_found (an unknown name), out_of_range
/// (an insecure set without insecure_test, unknown widths).
Result<crypto::Params> params_of(const EncryptionConfig& encryption);

struct ServerConfig {
  std::uint32_t threads = 0;         ///< 0: as many as the machine has
  std::filesystem::path hint_cache;  ///< folder that keeps hints between runs; empty: none
};

struct HospitalConfig {
  std::string name;
  std::filesystem::path notes;                               ///< JSONL
  double budget = std::numeric_limits<double>::quiet_NaN();  ///< NaN: privacy.budget
  std::uint32_t weight = 1;  ///< in the mean; public, so never a count of patients
  SiteConfig site = {};      ///< in a simulation
  DealConfig deal = {};      ///< in a simulation; of a hospital that has no notes of its own
};

struct FederationConfig {
  RunConfig run;
  ModelSource model;
  AdapterConfig adapter;
  TrainingConfig training;
  PrivacyConfig privacy;
  EncryptionConfig encryption;
  ServerConfig server;
  RoundRules rounds;
  SecAggConfig secagg;
  AggregationConfig aggregation;
  SimulationConfig simulation;
  std::optional<DpForwardConfig> dp_forward;  ///< [privacy.dp_forward]; nothing: not used
  std::vector<HospitalConfig> hospitals;

  /// In the order of the file.
  std::vector<std::string> hospital_names() const {
    std::vector<std::string> names;
    for (const auto& hospital : hospitals) names.push_back(hospital.name);
    return names;
  }
  /// Whether the aggregator sees sums only. A hospital that trains by itself has nobody to hide its
  /// update among, and nobody to hide it from.
  bool masks_sums() const { return secagg.enabled && hospitals.size() > 1; }
  /// The hospital's own budget, or that of the federation.
  double budget_of(const HospitalConfig& hospital) const {
    return hospital.budget > 0 ? hospital.budget : privacy.budget;
  }
};

}  // namespace hippocrypt::federation
