#include "federation/common/federation_config.hpp"

namespace hippocrypt::federation {

const char* to_string(OracleKind kind) {
  switch (kind) {
    case OracleKind::plain_fp32:
      return "plain-fp32";
    case OracleKind::plain_int8:
      return "plain-int8";
    case OracleKind::encrypted:
      return "encrypted";
    case OracleKind::encrypted_lwe:
      return "encrypted-lwe";
  }
  return "unknown";
}

const char* to_string(AdapterMode mode) {
  switch (mode) {
    case AdapterMode::ffa:
      return "ffa";
    case AdapterMode::lora:
      return "lora";
    case AdapterMode::rolora:
      return "rolora";
    case AdapterMode::fed_sb:
      return "fed-sb";
  }
  return "unknown";
}

const char* to_string(OptimizerKind kind) {
  switch (kind) {
    case OptimizerKind::sgd:
      return "sgd";
    case OptimizerKind::adamw:
      return "adamw";
  }
  return "unknown";
}

const char* to_string(ScheduleKind kind) {
  switch (kind) {
    case ScheduleKind::constant:
      return "constant";
    case ScheduleKind::linear:
      return "linear";
    case ScheduleKind::cosine:
      return "cosine";
  }
  return "unknown";
}

const char* to_string(LossTokens tokens) {
  switch (tokens) {
    case LossTokens::all:
      return "all";
    case LossTokens::completion:
      return "completion";
  }
  return "unknown";
}

const char* to_string(Backprop backprop) {
  switch (backprop) {
    case Backprop::exact:
      return "exact";
    case Backprop::top_gradient:
      return "top_gradient";
  }
  return "unknown";
}

const char* to_string(PrivacyUnit unit) {
  switch (unit) {
    case PrivacyUnit::patient:
      return "patient";
    case PrivacyUnit::note:
      return "note";
  }
  return "unknown";
}

const char* to_string(ClippingMode mode) {
  switch (mode) {
    case ClippingMode::flat:
      return "flat";
    case ClippingMode::per_layer:
      return "per_layer";
    case ClippingMode::adaptive:
      return "adaptive";
  }
  return "unknown";
}

const char* to_string(PrivacySchedule schedule) {
  switch (schedule) {
    case PrivacySchedule::constant:
      return "constant";
    case PrivacySchedule::linear:
      return "linear";
    case PrivacySchedule::exponential:
      return "exponential";
    case PrivacySchedule::step:
      return "step";
  }
  return "unknown";
}

const char* to_string(LedgerPlace place) {
  switch (place) {
    case LedgerPlace::dataset:
      return "dataset";
    case LedgerPlace::run:
      return "run";
  }
  return "unknown";
}

Result<crypto::Params> params_of(const EncryptionConfig& encryption) {
  return crypto::Params::named(encryption.params,
                               {encryption.upload_bits, encryption.download_bits},
                               encryption.insecure_test);
}

}  // namespace hippocrypt::federation
