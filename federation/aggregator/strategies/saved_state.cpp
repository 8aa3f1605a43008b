#include "federation/aggregator/strategies/saved_state.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "base/byte_reader.hpp"
#include "base/format_version.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::uint32_t state_magic = 0x54535048;  // "HPST"
constexpr std::uint32_t state_version = 1;

Error malformed(const std::string& what) {
  return Error{Errc::malformed, "the strategy's saved state " + what};
}

Result<std::vector<float>> read_list(ByteReader& reader) {
  HIPPOCRYPT_TRY(const auto count, reader.read<std::uint64_t>());
  if (count > reader.left() / sizeof(float)) return malformed("is cut short");
  HIPPOCRYPT_TRY(const ByteView raw, reader.take(count * sizeof(float)));
  std::vector<float> values(count);
  if (count > 0) std::memcpy(values.data(), raw.data(), raw.size());
  if (std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); })) {
    return values;
  }
  return malformed("holds a value that is no number");
}

}  // namespace

Bytes encode_state(StrategyKind strategy, const std::vector<std::vector<float>>& lists) {
  ByteWriter writer;
  writer.write(state_magic);
  writer.write(state_version);
  writer.write(static_cast<std::uint32_t>(strategy));
  writer.write(std::uint64_t{lists.size()});
  for (const auto& list : lists) {
    writer.write(std::uint64_t{list.size()});
    writer.append({reinterpret_cast<const std::uint8_t*>(list.data()), list.size() * 4});
  }
  return std::move(writer).take();
}

Result<std::vector<std::vector<float>>> decode_state(StrategyKind strategy, std::size_t lists,
                                                     ByteView state) {
  if (state.empty()) return std::vector<std::vector<float>>(lists);
  ByteReader reader{state};
  const auto magic = reader.read<std::uint32_t>();
  if (!magic || *magic != state_magic) return malformed("is none");
  HIPPOCRYPT_TRY(const auto version, reader.read<std::uint32_t>());
  HIPPOCRYPT_TRY_VOID(check_version("the strategy's saved state", version, state_version));
  HIPPOCRYPT_TRY(const auto kind, reader.read<std::uint32_t>());
  HIPPOCRYPT_TRY(const auto count, reader.read<std::uint64_t>());
  if (kind != static_cast<std::uint32_t>(strategy) || count != lists) {
    return malformed(std::string{"is not of "} + to_string(strategy) +
                     "; resume with the strategy that the run was started with");
  }
  std::vector<std::vector<float>> out;
  for (std::size_t i = 0; i < lists; ++i) {
    HIPPOCRYPT_TRY(auto list, read_list(reader));
    out.push_back(std::move(list));
  }
  if (reader.left() > 0) return malformed("has bytes behind its end");
  return out;
}

Result<std::vector<float>> state_of_size(const std::vector<float>& state, std::size_t size,
                                         float start) {
  if (state.empty()) return std::vector<float>(size, start);
  if (state.size() == size) return state;
  return Error{Errc::mismatch, "the strategy's state is of " + std::to_string(state.size()) +
                                   " values; the adapter has " + std::to_string(size)};
}

}  // namespace hippocrypt::federation
