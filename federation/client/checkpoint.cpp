#include "federation/client/checkpoint.hpp"

#include <algorithm>
#include <cstring>

#include "base/byte_reader.hpp"
#include "base/format_version.hpp"
#include "base/sha256.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::uint32_t file_magic = 0x4b435048;  // "HPCK"
constexpr std::uint32_t file_version = 2;         // 1 had no clip
constexpr std::size_t hash_bytes = std::tuple_size_v<Hash256>;
constexpr std::uint32_t kind_adamw = 0, kind_sgd = 1;

void write_floats(ByteWriter& writer, const std::vector<float>& values) {
  writer.write(std::uint64_t{values.size()});
  writer.append({reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * 4});
}

void write_text(ByteWriter& writer, const std::string& text) {
  writer.write(std::uint64_t{text.size()});
  writer.append(as_bytes(text));
}

void write_optimizer(ByteWriter& writer, const OptimizerState& state) {
  if (const auto* adamw = std::get_if<model::AdamWState>(&state)) {
    writer.write(kind_adamw);
    writer.write(adamw->steps);
    write_floats(writer, adamw->first);
    write_floats(writer, adamw->second);
    return;
  }
  writer.write(kind_sgd);
  write_floats(writer, std::get<model::SgdState>(state).velocity);
}

/// Room for the lists, which are all that is long.
std::size_t size_of(const Checkpoint& checkpoint) {
  std::size_t values = checkpoint.values.size();
  if (const auto* adamw = std::get_if<model::AdamWState>(&checkpoint.optimizer)) {
    values += adamw->first.size() + adamw->second.size();
  } else {
    values += std::get<model::SgdState>(checkpoint.optimizer).velocity.size();
  }
  constexpr std::size_t rest = 4096;
  return values * sizeof(float) + rest;
}

Result<std::vector<float>> read_floats(ByteReader& reader) {
  HIPPOCRYPT_TRY(const auto count, reader.read<std::uint64_t>());
  if (count > reader.left() / 4) {
    return Error{Errc::malformed, "a list of " + std::to_string(count) + " values is cut short"};
  }
  HIPPOCRYPT_TRY(const ByteView raw, reader.take(count * 4));
  std::vector<float> values(count);
  if (count > 0) std::memcpy(values.data(), raw.data(), raw.size());
  return values;
}

Result<std::string> read_text(ByteReader& reader) {
  HIPPOCRYPT_TRY(const auto size, reader.read<std::uint64_t>());
  HIPPOCRYPT_TRY(const ByteView raw, reader.take(size));
  return std::string{raw.begin(), raw.end()};
}

Result<OptimizerState> read_optimizer(ByteReader& reader) {
  HIPPOCRYPT_TRY(const auto kind, reader.read<std::uint32_t>());
  if (kind == kind_sgd) {
    HIPPOCRYPT_TRY(auto velocity, read_floats(reader));
    return OptimizerState{model::SgdState{std::move(velocity)}};
  }
  if (kind != kind_adamw) {
    return Error{Errc::malformed, "an optimizer of kind " + std::to_string(kind)};
  }
  model::AdamWState adamw;
  HIPPOCRYPT_TRY(adamw.steps, reader.read<std::uint64_t>());
  HIPPOCRYPT_TRY(adamw.first, read_floats(reader));
  HIPPOCRYPT_TRY(adamw.second, read_floats(reader));
  return OptimizerState{std::move(adamw)};
}

Result<std::vector<Setting>> read_settings(ByteReader& reader) {
  HIPPOCRYPT_TRY(const auto count, reader.read<std::uint64_t>());
  std::vector<Setting> settings;
  for (std::uint64_t i = 0; i < count; ++i) {  // each takes 16 bytes or more of what is left
    Setting setting;
    HIPPOCRYPT_TRY(setting.key, read_text(reader));
    HIPPOCRYPT_TRY(setting.value, read_text(reader));
    settings.push_back(std::move(setting));
  }
  return settings;
}

Result<Checkpoint> read_fields(ByteReader& reader, std::uint32_t version) {
  Checkpoint checkpoint;
  HIPPOCRYPT_TRY(checkpoint.settings, read_settings(reader));
  HIPPOCRYPT_TRY(checkpoint.steps_done, reader.read<std::uint64_t>());
  HIPPOCRYPT_TRY(checkpoint.loss_before, reader.read<double>());
  HIPPOCRYPT_TRY(checkpoint.seconds, reader.read<double>());
  HIPPOCRYPT_TRY(checkpoint.bytes_up, reader.read<std::uint64_t>());
  HIPPOCRYPT_TRY(checkpoint.bytes_down, reader.read<std::uint64_t>());
  HIPPOCRYPT_TRY(checkpoint.values, read_floats(reader));
  HIPPOCRYPT_TRY(checkpoint.optimizer, read_optimizer(reader));
  if (version >= 2) {
    HIPPOCRYPT_TRY(checkpoint.clip, reader.read<double>());
  }
  if (reader.left() > 0) return Error{Errc::malformed, "there are bytes behind its end"};
  return checkpoint;
}

}  // namespace

Bytes encode(const Checkpoint& checkpoint) {
  ByteWriter writer{size_of(checkpoint)};
  writer.write(file_magic);
  writer.write(file_version);
  writer.write(std::uint64_t{checkpoint.settings.size()});
  for (const Setting& setting : checkpoint.settings) {
    write_text(writer, setting.key);
    write_text(writer, setting.value);
  }
  writer.write(checkpoint.steps_done);
  writer.write(checkpoint.loss_before);
  writer.write(checkpoint.seconds);
  writer.write(checkpoint.bytes_up);
  writer.write(checkpoint.bytes_down);
  write_floats(writer, checkpoint.values);
  write_optimizer(writer, checkpoint.optimizer);
  writer.write(checkpoint.clip);
  Bytes bytes = std::move(writer).take();
  const Hash256 hash = sha256(bytes);
  bytes.insert(bytes.end(), hash.begin(), hash.end());
  return bytes;
}

Result<Checkpoint> decode_checkpoint(ByteView bytes, const std::string& source) {
  const auto damaged = [&source] {
    return Error{Errc::tampered, source +
                                     ": its hash does not agree with its content; remove it "
                                     "to go on from the checkpoint before it"};
  };
  if (bytes.size() < hash_bytes) return damaged();
  const ByteView content = bytes.first(bytes.size() - hash_bytes);
  const Hash256 hash = sha256(content);
  if (!std::equal(hash.begin(), hash.end(), bytes.end() - hash_bytes)) return damaged();
  ByteReader reader{content};
  const auto magic = reader.read<std::uint32_t>();
  const auto version = reader.read<std::uint32_t>();
  if (!magic || !version || *magic != file_magic) {
    return Error{Errc::malformed, source + ": is no checkpoint of a training"};
  }
  HIPPOCRYPT_TRY_VOID(check_version(source, *version, {1, file_version}));
  auto checkpoint = read_fields(reader, *version);
  if (!checkpoint) return Error{checkpoint.error().code, source + ": " + checkpoint.error().detail};
  return checkpoint;
}

}  // namespace hippocrypt::federation
