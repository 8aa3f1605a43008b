#include "federation/aggregator/run_store.hpp"

#include <algorithm>
#include <cstring>

#include "base/byte_reader.hpp"
#include "base/file.hpp"
#include "base/format_version.hpp"
#include "base/sha256.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::uint32_t file_magic = 0x47435048;  // "HPCG"
constexpr std::uint32_t file_version = 1;
constexpr std::size_t file_limit_bytes = std::size_t{4} << 30;

}  // namespace

std::filesystem::path RunStore::file_of(std::uint32_t round) const {
  std::string number = std::to_string(round);
  number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
  return folder_ / "global" / ("round_" + number + ".bin");
}

Status RunStore::save_global(std::uint32_t round, const std::vector<float>& values) const {
  constexpr std::size_t rest = 64;
  ByteWriter writer{values.size() * sizeof(float) + rest};
  writer.write(file_magic);
  writer.write(file_version);
  writer.write(round);
  writer.write(std::uint64_t{values.size()});
  writer.append({reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * 4});
  Bytes bytes = std::move(writer).take();
  const Hash256 hash = sha256(bytes);
  bytes.insert(bytes.end(), hash.begin(), hash.end());
  return write_file_atomically(file_of(round), bytes);
}

void RunStore::forget_global(std::uint32_t round) const {
  std::error_code ignored;
  std::filesystem::remove(file_of(round), ignored);
}

Result<std::vector<float>> RunStore::load_global(std::uint32_t round) const {
  const auto path = file_of(round);
  HIPPOCRYPT_TRY(const Bytes bytes, read_file(path, file_limit_bytes));
  constexpr std::size_t hash_size = std::tuple_size_v<Hash256>;
  if (bytes.size() < hash_size) return Error{Errc::malformed, path.string() + ": truncated"};
  const ByteView content = ByteView{bytes}.first(bytes.size() - hash_size);
  ByteReader reader{content};
  HIPPOCRYPT_TRY(const auto magic, reader.read<std::uint32_t>());
  HIPPOCRYPT_TRY(const auto version, reader.read<std::uint32_t>());
  if (magic != file_magic) {
    return Error{Errc::malformed, path.string() + ": is no global adapter of a run"};
  }
  HIPPOCRYPT_TRY_VOID(check_version(path.string(), version, file_version));
  const Hash256 hash = sha256(content);
  if (!std::equal(hash.begin(), hash.end(), bytes.end() - hash_size)) {
    return Error{Errc::tampered, path.string() + ": its hash does not agree with its content"};
  }
  HIPPOCRYPT_TRY(const auto stored_round, reader.read<std::uint32_t>());
  if (stored_round != round) {
    return Error{Errc::mismatch, path.string() + ": holds round " + std::to_string(stored_round)};
  }
  HIPPOCRYPT_TRY(const auto count, reader.read<std::uint64_t>());
  if (count != reader.left() / 4 || reader.left() % 4 != 0) {
    return Error{Errc::malformed, path.string() + ": its length does not fit its count"};
  }
  std::vector<float> values(count);
  HIPPOCRYPT_TRY(const ByteView raw, reader.take(count * 4));
  if (count > 0) std::memcpy(values.data(), raw.data(), raw.size());
  return values;
}

}  // namespace hippocrypt::federation
