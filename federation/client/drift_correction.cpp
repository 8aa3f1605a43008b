#include "federation/client/drift_correction.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "base/byte_reader.hpp"
#include "base/format_version.hpp"
#include "federation/common/round_vector.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::uint32_t state_magic = 0x56435048;  // "HPCV"
constexpr std::uint32_t state_version = 1;

void write_list(ByteWriter& writer, const std::vector<float>& list) {
  writer.write(std::uint64_t{list.size()});
  writer.append({reinterpret_cast<const std::uint8_t*>(list.data()), list.size() * sizeof(float)});
}

Error malformed() {
  return Error{Errc::malformed,
               "the hospital's saved control variate is damaged or of another adapter"};
}

Result<std::vector<float>> read_list(ByteReader& reader, std::size_t wanted) {
  HIPPOCRYPT_TRY(const auto count, reader.read<std::uint64_t>());
  if (count != wanted) return malformed();
  HIPPOCRYPT_TRY(const ByteView raw, reader.take(count * sizeof(float)));
  std::vector<float> list(count);
  if (count > 0) std::memcpy(list.data(), raw.data(), raw.size());
  const bool finite =
      std::all_of(list.begin(), list.end(), [](float x) { return std::isfinite(x); });
  if (!finite) return malformed();
  return list;
}

}  // namespace

DriftCorrection::DriftCorrection(const AggregationConfig& config, std::size_t size)
    : config_{config}, size_{size} {
  if (has_control_variates(config_.strategy)) own_variate_.resize(size_);
}

std::size_t DriftCorrection::round_size() const {
  return round_vector_size(config_.strategy, size_);
}

bool DriftCorrection::wants_anchor() const {
  return config_.strategy == StrategyKind::fedprox && config_.proximal > 0;
}

Result<std::vector<float>> DriftCorrection::begin_round(std::uint32_t round,
                                                        std::span<const float> start) {
  if (start.size() != round_size()) {
    return Error{Errc::mismatch, "the round's adapter has " + std::to_string(start.size()) +
                                     " values; this hospital's has " +
                                     std::to_string(round_size())};
  }
  settle(round != round_);
  round_ = round;
  const auto middle = start.begin() + static_cast<std::ptrdiff_t>(size_);
  start_.assign(start.begin(), middle);
  global_variate_.assign(middle, start.end());
  anchor_.clear();
  learning_rates_ = 0;
  in_round_ = true;
  return start_;
}

void DriftCorrection::correct(std::span<const float> values, std::span<float> gradient,
                              double learning_rate) {
  if (!in_round_) return;
  learning_rates_ += learning_rate;
  if (!anchor_.empty()) {
    HIPPOCRYPT_CHECK(anchor_.size() == gradient.size() && values.size() == gradient.size());
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] += static_cast<float>(
          config_.proximal * (static_cast<double>(values[i]) - static_cast<double>(anchor_[i])));
    }
  }
  if (has_control_variates(config_.strategy)) {
    HIPPOCRYPT_CHECK(gradient.size() == size_);
    for (std::size_t i = 0; i < size_; ++i) gradient[i] += global_variate_[i] - own_variate_[i];
  }
}

std::vector<float> DriftCorrection::finish_round(std::span<const float> values) {
  HIPPOCRYPT_CHECK(in_round_ && values.size() == size_);
  in_round_ = false;
  std::vector<float> update(values.begin(), values.end());
  for (std::size_t i = 0; i < size_; ++i) update[i] -= start_[i];
  if (!has_control_variates(config_.strategy)) return update;
  variate_change_.assign(size_, 0.0F);
  // Without a step of any length there is nothing to learn from it.
  for (std::size_t i = 0; learning_rates_ > 0 && i < size_; ++i) {
    variate_change_[i] = static_cast<float>(-static_cast<double>(update[i]) / learning_rates_ -
                                            static_cast<double>(global_variate_[i]));
  }
  update.insert(update.end(), variate_change_.begin(), variate_change_.end());
  return update;
}

void DriftCorrection::settle(bool counted) {
  for (std::size_t i = 0; counted && i < variate_change_.size(); ++i) {
    own_variate_[i] += variate_change_[i];
  }
  variate_change_.clear();
}

Bytes DriftCorrection::save() const {
  if (!has_control_variates(config_.strategy)) return {};
  ByteWriter writer;
  writer.write(state_magic);
  writer.write(state_version);
  writer.write(round_);
  write_list(writer, own_variate_);
  write_list(writer, variate_change_.empty() ? std::vector<float>(size_) : variate_change_);
  return std::move(writer).take();
}

Status DriftCorrection::restore(ByteView state) {
  if (!has_control_variates(config_.strategy)) {
    return state.empty() ? Status{} : Status{malformed()};
  }
  ByteReader reader{state};
  const auto magic = reader.read<std::uint32_t>();
  const auto version = reader.read<std::uint32_t>();
  if (!magic || !version || *magic != state_magic) return malformed();
  HIPPOCRYPT_TRY_VOID(
      check_version("the hospital's saved control variate", *version, state_version));
  HIPPOCRYPT_TRY(const auto round, reader.read<std::uint32_t>());
  HIPPOCRYPT_TRY(auto own, read_list(reader, size_));
  HIPPOCRYPT_TRY(auto change, read_list(reader, size_));
  if (reader.left() > 0) return malformed();
  round_ = round;
  own_variate_ = std::move(own);
  variate_change_ = std::move(change);
  return {};
}

}  // namespace hippocrypt::federation
