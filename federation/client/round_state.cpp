#include "federation/client/round_state.hpp"

#include <algorithm>

#include "base/byte_reader.hpp"
#include "base/file.hpp"
#include "base/format_version.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::uint32_t file_magic = 0x53525048;  // "HPRS"
constexpr std::uint32_t file_version = 1;
constexpr std::size_t max_state_bytes = std::size_t{4} << 30;

/// The head has a hash of its own, the training that of checkpoints.
Bytes head_of(const RoundState& state) {
  ByteWriter writer;
  writer.write(file_magic);
  writer.write(file_version);
  writer.write(state.round);
  writer.append(state.start);
  writer.write(static_cast<std::uint8_t>(state.status));
  writer.write(std::uint64_t{state.reason.size()});
  writer.append(as_bytes(state.reason));
  writer.write(state.next_step);
  writer.write(state.rounds_sat_out);
  writer.write(std::uint64_t{state.local.size()});
  writer.append(state.local);
  Bytes head = std::move(writer).take();
  const Hash256 hash = sha256(head);
  head.insert(head.end(), hash.begin(), hash.end());
  return head;
}

Result<RoundState> read_head(ByteReader& reader, const std::string& source) {
  RoundState state;
  HIPPOCRYPT_TRY(const auto magic, reader.read<std::uint32_t>());
  HIPPOCRYPT_TRY(const auto version, reader.read<std::uint32_t>());
  if (magic != file_magic) return Error{Errc::malformed, "is no state of a hospital's rounds"};
  HIPPOCRYPT_TRY_VOID(check_version(source, version, file_version));
  HIPPOCRYPT_TRY(state.round, reader.read<std::uint32_t>());
  HIPPOCRYPT_TRY(const ByteView start, reader.take(state.start.size()));
  std::copy(start.begin(), start.end(), state.start.begin());
  HIPPOCRYPT_TRY(const auto status, reader.read<std::uint8_t>());
  state.status = static_cast<UpdateStatus>(status);
  HIPPOCRYPT_TRY(const auto length, reader.read<std::uint64_t>());
  HIPPOCRYPT_TRY(const ByteView reason, reader.take(length));
  state.reason.assign(reason.begin(), reason.end());
  HIPPOCRYPT_TRY(state.next_step, reader.read<std::uint64_t>());
  HIPPOCRYPT_TRY(state.rounds_sat_out, reader.read<std::uint32_t>());
  HIPPOCRYPT_TRY(const auto local_size, reader.read<std::uint64_t>());
  HIPPOCRYPT_TRY(const ByteView local, reader.take(local_size));
  state.local.assign(local.begin(), local.end());
  HIPPOCRYPT_TRY(const ByteView hash, reader.take(std::tuple_size_v<Hash256>));
  const Bytes again = head_of(state);
  if (std::equal(hash.begin(), hash.end(), again.end() - std::tuple_size_v<Hash256>)) return state;
  return Error{Errc::tampered, "its hash does not agree with its content"};
}

}  // namespace

Hash256 start_hash(std::span<const float> values) {
  return sha256({reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()});
}

Status save_round_state(const std::filesystem::path& file, const RoundState& state) {
  HIPPOCRYPT_TRY(auto out, AtomicFile::create(file));
  HIPPOCRYPT_TRY_VOID(out.append(head_of(state)));
  HIPPOCRYPT_TRY_VOID(out.append(encode(state.training)));
  return out.commit();
}

Result<std::optional<RoundState>> load_round_state(const std::filesystem::path& file) {
  auto bytes = read_file(file, max_state_bytes);
  if (!bytes && bytes.error().code == Errc::not_found) return std::optional<RoundState>{};
  if (!bytes) return std::move(bytes).error();
  ByteReader reader{*bytes};
  auto state = read_head(reader, file.string());
  if (!state && state.error().code == Errc::unsupported) return std::move(state).error();
  if (!state) {
    return Error{state.error().code,
                 file.string() + ": " + state.error().detail + "; restore it, or start a new run"};
  }
  HIPPOCRYPT_TRY(state->training,
                 decode_checkpoint(ByteView{*bytes}.last(reader.left()), file.string()));
  return std::optional<RoundState>{std::move(state).value()};
}

}  // namespace hippocrypt::federation
