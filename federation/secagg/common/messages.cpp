#include "federation/secagg/common/messages.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "base/byte_reader.hpp"

namespace hippocrypt::federation::secagg {
namespace {

ByteWriter start(const Session& session, BodyKind kind) {
  ByteWriter writer;
  writer.write(body_version);
  writer.write(static_cast<std::uint8_t>(kind));
  writer.append(session.hash());
  return writer;
}

Result<ByteReader> open(const Session& session, BodyKind kind, ByteView body) {
  ByteReader reader{body};
  HIPPOCRYPT_TRY(const auto version, reader.read<std::uint8_t>());
  if (version != body_version) {
    return Error{Errc::unsupported, "secure aggregation of version " + std::to_string(version) +
                                        "; this program speaks version " +
                                        std::to_string(body_version) +
                                        ": run the same release on both sides"};
  }
  HIPPOCRYPT_TRY(const auto got, reader.read<std::uint8_t>());
  if (got != static_cast<std::uint8_t>(kind)) {
    return Error{Errc::malformed, std::string{"a body of kind "} + to_string(kind) +
                                      " was expected, " + to_string(BodyKind{got}) + " came"};
  }
  HIPPOCRYPT_TRY(const ByteView hash, reader.take(session.hash().size()));
  if (!std::equal(hash.begin(), hash.end(), session.hash().begin())) {
    return Error{Errc::mismatch, std::string{"a body of kind "} + to_string(kind) +
                                     " is of another run, round, attempt, roster or parameters "
                                     "than this one"};
  }
  return reader;
}

Status finish(const ByteReader& reader) {
  if (reader.left() == 0) return {};
  return Error{Errc::malformed, std::to_string(reader.left()) + " bytes follow the body"};
}

template <std::size_t size>
void put(ByteWriter& writer, const std::array<std::uint8_t, size>& bytes) {
  writer.append(bytes);
}
template <std::size_t size>
Status get(ByteReader& reader, std::array<std::uint8_t, size>& out) {
  HIPPOCRYPT_TRY(const ByteView bytes, reader.take(size));
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return {};
}

void put(ByteWriter& writer, const KeyAdvert& advert) {
  put(writer, advert.channel);
  put(writer, advert.mask);
  put(writer, advert.self_mask);
  put(writer, advert.signature);
}
Status get(ByteReader& reader, KeyAdvert& advert) {
  HIPPOCRYPT_TRY_VOID(get(reader, advert.channel));
  HIPPOCRYPT_TRY_VOID(get(reader, advert.mask));
  HIPPOCRYPT_TRY_VOID(get(reader, advert.self_mask));
  return get(reader, advert.signature);
}

void put(ByteWriter& writer, const UnmaskShare& share) {
  writer.write(static_cast<std::uint8_t>(share.kind));
  put(writer, share.share);
}
Status get(ByteReader& reader, UnmaskShare& share) {
  HIPPOCRYPT_TRY(const auto kind, reader.read<std::uint8_t>());
  if (kind != static_cast<std::uint8_t>(ShareKind::self_mask) &&
      kind != static_cast<std::uint8_t>(ShareKind::mask_key)) {
    return Error{Errc::malformed, "unknown kind of share " + std::to_string(kind)};
  }
  share.kind = ShareKind{kind};
  return get(reader, share.share);
}

/// The count and the indices of a list, each before its entry, strictly ascending.
template <class Entry>
void put_list(ByteWriter& writer, const std::map<MemberIndex, Entry>& list) {
  writer.write(static_cast<std::uint16_t>(list.size()));
  for (const auto& [index, entry] : list) {
    writer.write(index);
    put(writer, entry);
  }
}
/// Reads entries only as they come, so that a lying count costs nothing.
template <class GetEntry>
Status get_list(ByteReader& reader, const Session& session, const GetEntry& get_entry) {
  HIPPOCRYPT_TRY(const auto count, reader.read<std::uint16_t>());
  int last = -1;
  for (std::uint16_t i = 0; i < count; ++i) {
    HIPPOCRYPT_TRY(const auto index, reader.read<MemberIndex>());
    if (index >= session.roster().size()) {
      return Error{Errc::out_of_range, "hospital " + std::to_string(index) + " of a roster of " +
                                           std::to_string(session.roster().size())};
    }
    if (int{index} <= last) {
      return Error{Errc::malformed, "a list of hospitals is not in the roster's order"};
    }
    last = index;
    HIPPOCRYPT_TRY_VOID(get_entry(index));
  }
  return {};
}

template <class Entry>
Result<std::map<MemberIndex, Entry>> read_list(const Session& session, BodyKind kind,
                                               ByteView body) {
  HIPPOCRYPT_TRY(ByteReader reader, open(session, kind, body));
  std::map<MemberIndex, Entry> list;
  const auto get_entry = [&](MemberIndex index) -> Status {
    Entry entry{};
    HIPPOCRYPT_TRY_VOID(get(reader, entry));
    list.emplace(index, entry);
    return {};
  };
  HIPPOCRYPT_TRY_VOID(get_list(reader, session, get_entry));
  HIPPOCRYPT_TRY_VOID(finish(reader));
  return list;
}

template <class Entry>
Bytes write_list(const Session& session, BodyKind kind, const std::map<MemberIndex, Entry>& list) {
  ByteWriter writer = start(session, kind);
  put_list(writer, list);
  return std::move(writer).take();
}

}  // namespace

const char* to_string(BodyKind kind) {
  switch (kind) {
    case BodyKind::key_advert:
      return "key advert";
    case BodyKind::key_book:
      return "key book";
    case BodyKind::share_bundle:
      return "share bundle";
    case BodyKind::share_book:
      return "share book";
    case BodyKind::masked_update:
      return "masked update";
    case BodyKind::survivors:
      return "survivors";
    case BodyKind::signature:
      return "signature";
    case BodyKind::signature_book:
      return "signature book";
    case BodyKind::unmask_shares:
      return "unmask shares";
  }
  return "unknown";
}

Bytes encode(const Session& session, const KeyAdvert& body) {
  ByteWriter writer = start(session, BodyKind::key_advert);
  put(writer, body);
  return std::move(writer).take();
}
Result<KeyAdvert> decode_key_advert(const Session& session, ByteView body) {
  HIPPOCRYPT_TRY(ByteReader reader, open(session, BodyKind::key_advert, body));
  KeyAdvert advert;
  HIPPOCRYPT_TRY_VOID(get(reader, advert));
  HIPPOCRYPT_TRY_VOID(finish(reader));
  return advert;
}

Bytes encode(const Session& session, const KeyBook& body) {
  return write_list(session, BodyKind::key_book, body.adverts);
}
Result<KeyBook> decode_key_book(const Session& session, ByteView body) {
  HIPPOCRYPT_TRY(auto list, read_list<KeyAdvert>(session, BodyKind::key_book, body));
  return KeyBook{std::move(list)};
}

Bytes encode_bundle(const Session& session, const SealedShares& body) {
  return write_list(session, BodyKind::share_bundle, body.shares);
}
Result<SealedShares> decode_bundle(const Session& session, ByteView body) {
  HIPPOCRYPT_TRY(auto list, read_list<SealedShare>(session, BodyKind::share_bundle, body));
  return SealedShares{std::move(list)};
}

Bytes encode_share_book(const Session& session, const SealedShares& body) {
  return write_list(session, BodyKind::share_book, body.shares);
}
Result<SealedShares> decode_share_book(const Session& session, ByteView body) {
  HIPPOCRYPT_TRY(auto list, read_list<SealedShare>(session, BodyKind::share_book, body));
  return SealedShares{std::move(list)};
}

Bytes encode_masked_update(const Session& session, std::span<const std::uint32_t> words) {
  ByteWriter writer = start(session, BodyKind::masked_update);
  writer.write(static_cast<std::uint32_t>(words.size()));
  writer.append({reinterpret_cast<const std::uint8_t*>(words.data()), words.size_bytes()});
  return std::move(writer).take();
}
Result<MaskedWords> decode_masked_update(const Session& session, ByteView body) {
  HIPPOCRYPT_TRY(ByteReader reader, open(session, BodyKind::masked_update, body));
  HIPPOCRYPT_TRY(const auto count, reader.read<std::uint32_t>());
  HIPPOCRYPT_TRY(const ByteView words, reader.take(std::size_t{count} * sizeof(std::uint32_t)));
  HIPPOCRYPT_TRY_VOID(finish(reader));
  return MaskedWords{words};
}

Bytes encode(const Session& session, const Survivors& body) {
  ByteWriter writer = start(session, BodyKind::survivors);
  writer.write(static_cast<std::uint16_t>(body.members.size()));
  for (const MemberIndex index : body.members) writer.write(index);
  return std::move(writer).take();
}
Result<Survivors> decode_survivors(const Session& session, ByteView body) {
  HIPPOCRYPT_TRY(ByteReader reader, open(session, BodyKind::survivors, body));
  Survivors survivors;
  const auto insert = [&](MemberIndex index) -> Status {
    survivors.members.insert(index);
    return {};
  };
  HIPPOCRYPT_TRY_VOID(get_list(reader, session, insert));
  HIPPOCRYPT_TRY_VOID(finish(reader));
  return survivors;
}

Bytes encode(const Session& session, const SurvivorSignature& body) {
  ByteWriter writer = start(session, BodyKind::signature);
  put(writer, body.signature);
  return std::move(writer).take();
}
Result<SurvivorSignature> decode_signature(const Session& session, ByteView body) {
  HIPPOCRYPT_TRY(ByteReader reader, open(session, BodyKind::signature, body));
  SurvivorSignature out;
  HIPPOCRYPT_TRY_VOID(get(reader, out.signature));
  HIPPOCRYPT_TRY_VOID(finish(reader));
  return out;
}

Bytes encode(const Session& session, const SignatureBook& body) {
  return write_list(session, BodyKind::signature_book, body.signatures);
}
Result<SignatureBook> decode_signature_book(const Session& session, ByteView body) {
  HIPPOCRYPT_TRY(auto list, read_list<Signature>(session, BodyKind::signature_book, body));
  return SignatureBook{std::move(list)};
}

Bytes encode(const Session& session, const UnmaskShares& body) {
  return write_list(session, BodyKind::unmask_shares, body.shares);
}
Result<UnmaskShares> decode_unmask_shares(const Session& session, ByteView body) {
  HIPPOCRYPT_TRY(auto list, read_list<UnmaskShare>(session, BodyKind::unmask_shares, body));
  return UnmaskShares{std::move(list)};
}

}  // namespace hippocrypt::federation::secagg
