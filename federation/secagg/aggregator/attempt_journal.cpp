#include "federation/secagg/aggregator/attempt_journal.hpp"

#include <algorithm>
#include <cstring>

#include "base/byte_reader.hpp"

namespace hippocrypt::federation::secagg {
namespace {

Result<MemberIndex> read_member(const Session& session, ByteReader& reader) {
  HIPPOCRYPT_TRY(const auto member, reader.read<MemberIndex>());
  if (member >= session.roster().size()) {
    return Error{Errc::out_of_range, "the journal names hospital " + std::to_string(member) +
                                         " of a roster of " +
                                         std::to_string(session.roster().size())};
  }
  return member;
}

Status finish(const ByteReader& reader) {
  if (reader.left() == 0) return {};
  return Error{Errc::malformed,
               std::to_string(reader.left()) + " bytes follow an entry of the journal"};
}

}  // namespace

Bytes encode_bundles(const Session& session, const Bundles& bundles) {
  ByteWriter writer;
  writer.write(static_cast<std::uint16_t>(bundles.size()));
  for (const auto& [member, bundle] : bundles) {
    const Bytes body = encode_bundle(session, bundle);
    writer.write(member);
    writer.write(static_cast<std::uint32_t>(body.size()));
    writer.append(body);
  }
  return std::move(writer).take();
}

Result<Bundles> decode_bundles(const Session& session, ByteView bytes) {
  ByteReader reader{bytes};
  HIPPOCRYPT_TRY(const auto count, reader.read<std::uint16_t>());
  Bundles bundles;
  for (std::uint16_t i = 0; i < count; ++i) {
    HIPPOCRYPT_TRY(const auto member, read_member(session, reader));
    HIPPOCRYPT_TRY(const auto size, reader.read<std::uint32_t>());
    HIPPOCRYPT_TRY(const ByteView body, reader.take(size));
    HIPPOCRYPT_TRY(auto bundle, decode_bundle(session, body));
    bundles.insert_or_assign(member, std::move(bundle));
  }
  HIPPOCRYPT_TRY_VOID(finish(reader));
  return bundles;
}

Bytes encode_sum(const Session& session, const MaskedSum& sum) {
  ByteWriter writer;
  writer.append(session.hash());
  writer.write(static_cast<std::uint16_t>(sum.updates().size()));
  for (const auto& [member, hash] : sum.updates()) {
    writer.write(member);
    writer.append(hash);
  }
  writer.write(static_cast<std::uint64_t>(sum.words().size()));
  writer.append({reinterpret_cast<const std::uint8_t*>(sum.words().data()),
                 sum.words().size() * sizeof(std::uint32_t)});
  return std::move(writer).take();
}

Result<MaskedSum> decode_sum(const Session& session, ByteView bytes) {
  ByteReader reader{bytes};
  HIPPOCRYPT_TRY(const ByteView hash, reader.take(session.hash().size()));
  if (!std::equal(hash.begin(), hash.end(), session.hash().begin())) {
    return Error{Errc::mismatch, "the journal's sum is of another attempt or federation"};
  }
  HIPPOCRYPT_TRY(const auto members, reader.read<std::uint16_t>());
  std::map<MemberIndex, Hash256> updates;
  for (std::uint16_t i = 0; i < members; ++i) {
    HIPPOCRYPT_TRY(const auto member, read_member(session, reader));
    HIPPOCRYPT_TRY(const ByteView update, reader.take(sizeof(Hash256)));
    std::copy(update.begin(), update.end(), updates[member].begin());
  }
  HIPPOCRYPT_TRY(const auto count, reader.read<std::uint64_t>());
  if (count != reader.left() / sizeof(std::uint32_t)) {
    return Error{Errc::malformed, "the journal's sum is shorter or longer than it says"};
  }
  std::vector<std::uint32_t> words(static_cast<std::size_t>(count));
  HIPPOCRYPT_TRY(const ByteView raw, reader.take(words.size() * sizeof(std::uint32_t)));
  if (!words.empty()) std::memcpy(words.data(), raw.data(), raw.size());
  HIPPOCRYPT_TRY_VOID(finish(reader));
  return MaskedSum{std::move(words), std::move(updates)};
}

}  // namespace hippocrypt::federation::secagg
