// The bytes of the nine bodies, and what their decoders refuse.

#include <gtest/gtest.h>

#include <functional>
#include <numeric>

#include "base/random.hpp"
#include "federation/secagg/common/messages.hpp"
#include "tests/support/golden_bytes.hpp"

namespace hippocrypt::federation::secagg {
namespace {

std::shared_ptr<const Session> session_of(std::uint32_t attempt, std::uint8_t first_identity = 1) {
  ParamsLiteral literal;
  std::vector<Member> members;
  for (std::uint8_t i = 0; i < 4; ++i) {
    Member member;
    member.name = std::string{"hospital-"} + static_cast<char>('a' + i);
    member.identity.fill(static_cast<std::uint8_t>(first_identity + i));
    members.push_back(member);
    literal.weights.push_back(1);
  }
  return Session::create(Params::create(literal).value(),
                         std::make_shared<const Roster>(Roster::create(members).value()),
                         {"run", 3, attempt})
      .value();
}

template <std::size_t size>
void fill(std::array<std::uint8_t, size>& bytes, std::uint8_t first) {
  std::iota(bytes.begin(), bytes.end(), first);
}

KeyAdvert advert_of(std::uint8_t first) {
  KeyAdvert advert;
  fill(advert.channel, first);
  fill(advert.mask, static_cast<std::uint8_t>(first + 1));
  fill(advert.self_mask, static_cast<std::uint8_t>(first + 2));
  fill(advert.signature, static_cast<std::uint8_t>(first + 3));
  return advert;
}

SealedShares sealed_of(std::uint8_t first) {
  SealedShares shares;
  fill(shares.shares[1], first);
  fill(shares.shares[3], static_cast<std::uint8_t>(first + 1));
  return shares;
}

UnmaskShares opened_of() {
  UnmaskShares shares;
  shares.shares[0].kind = ShareKind::self_mask;
  fill(shares.shares[0].share, 9);
  shares.shares[2].kind = ShareKind::mask_key;
  fill(shares.shares[2].share, 10);
  return shares;
}

using Decoder = std::function<std::optional<Errc>(const Session&, ByteView)>;

template <class Decode>
Decoder outcome_of(Decode decode) {
  return [decode](const Session& session, ByteView body) -> std::optional<Errc> {
    const auto decoded = decode(session, body);
    if (decoded) return std::nullopt;
    return decoded.error().code;
  };
}

struct Kind {
  BodyKind kind;
  Bytes bytes;
  Decoder outcome;  ///< nothing: accepted
};

std::vector<Kind> kinds(const Session& session) {
  SignatureBook signatures;
  fill(signatures.signatures[1], 7);
  fill(signatures.signatures[2], 8);
  const std::vector<std::uint32_t> words{1, 0xffffffffU, 0x01020304U};
  return {
      {BodyKind::key_advert, encode(session, advert_of(1)), outcome_of(decode_key_advert)},
      {BodyKind::key_book, encode(session, KeyBook{{{0, advert_of(1)}, {2, advert_of(2)}}}),
       outcome_of(decode_key_book)},
      {BodyKind::share_bundle, encode_bundle(session, sealed_of(3)), outcome_of(decode_bundle)},
      {BodyKind::share_book, encode_share_book(session, sealed_of(4)),
       outcome_of(decode_share_book)},
      {BodyKind::masked_update, encode_masked_update(session, words),
       outcome_of(decode_masked_update)},
      {BodyKind::survivors, encode(session, Survivors{{0, 1, 3}}), outcome_of(decode_survivors)},
      {BodyKind::signature, encode(session, SurvivorSignature{advert_of(5).signature}),
       outcome_of(decode_signature)},
      {BodyKind::signature_book, encode(session, signatures), outcome_of(decode_signature_book)},
      {BodyKind::unmask_shares, encode(session, opened_of()), outcome_of(decode_unmask_shares)},
  };
}

TEST(SecAggBodiesTest, BytesAreStable) {
  const auto session = session_of(1);
  std::vector<test_support::GoldenMessage> messages;
  for (const Kind& kind : kinds(*session)) messages.push_back({to_string(kind.kind), kind.bytes});
  test_support::expect_golden(
      "federation/secagg/golden/bodies.v" + std::to_string(body_version) + ".txt", messages);
}

TEST(SecAggBodiesTest, LayoutIsAsDocumented) {
  const auto session = session_of(1);
  const Bytes body = encode(*session, Survivors{{1, 3}});
  EXPECT_EQ(to_hex(body), "0206" + to_hex(session->hash()) + "0200" + "0100" + "0300");
  const std::vector<std::uint32_t> words{0x01020304U};
  EXPECT_EQ(to_hex(encode_masked_update(*session, words)),
            "0205" + to_hex(session->hash()) + "01000000" + "04030201");
}

TEST(SecAggBodiesTest, RoundTrip) {
  const auto session = session_of(1);
  const auto all = kinds(*session);
  const auto body = [&](BodyKind kind) -> const Bytes& {
    return all.at(static_cast<std::size_t>(kind) - 1).bytes;
  };
  const auto book = decode_key_book(*session, body(BodyKind::key_book)).value();
  EXPECT_EQ(encode(*session, book), body(BodyKind::key_book));
  EXPECT_EQ(book.adverts.at(2).self_mask, advert_of(2).self_mask);
  EXPECT_EQ(keys_of(decode_bundle(*session, body(BodyKind::share_bundle))->shares),
            (Members{1, 3}));
  EXPECT_EQ(decode_share_book(*session, body(BodyKind::share_book))->shares.at(3),
            sealed_of(4).shares.at(3));
  EXPECT_EQ(decode_masked_update(*session, body(BodyKind::masked_update))->count(), 3U);
  EXPECT_EQ(decode_survivors(*session, body(BodyKind::survivors))->members, (Members{0, 1, 3}));
  EXPECT_EQ(decode_signature(*session, body(BodyKind::signature))->signature,
            advert_of(5).signature);
  EXPECT_EQ(keys_of(decode_signature_book(*session, body(BodyKind::signature_book))->signatures),
            (Members{1, 2}));
  const auto opened = decode_unmask_shares(*session, body(BodyKind::unmask_shares)).value();
  EXPECT_EQ(opened.shares.at(2).kind, ShareKind::mask_key);
  EXPECT_EQ(opened.shares.at(2).share, opened_of().shares.at(2).share);
}

TEST(SecAggBodiesTest, EveryTruncationAndEveryTailIsRefused) {
  const auto session = session_of(1);
  for (const Kind& kind : kinds(*session)) {
    EXPECT_EQ(kind.outcome(*session, kind.bytes), std::nullopt) << to_string(kind.kind);
    for (std::size_t length = 0; length < kind.bytes.size(); ++length) {
      EXPECT_EQ(kind.outcome(*session, ByteView{kind.bytes}.first(length)), Errc::malformed)
          << to_string(kind.kind) << ' ' << length;
    }
    Bytes longer = kind.bytes;
    longer.push_back(0);
    EXPECT_EQ(kind.outcome(*session, longer), Errc::malformed) << to_string(kind.kind);
  }
}

TEST(SecAggBodiesTest, NoBodyIsTakenForAnother) {
  const auto session = session_of(1);
  const auto all = kinds(*session);
  for (const Kind& left : all) {
    for (const Kind& right : all) {
      if (left.kind == right.kind) continue;
      EXPECT_EQ(left.outcome(*session, right.bytes), Errc::malformed);
    }
  }
}

TEST(SecAggBodiesTest, OtherAttemptsRostersAndVersionsAreRefused) {
  const auto session = session_of(1);
  for (const Kind& kind : kinds(*session)) {
    EXPECT_EQ(kind.outcome(*session_of(2), kind.bytes), Errc::mismatch);
    EXPECT_EQ(kind.outcome(*session_of(1, 5), kind.bytes), Errc::mismatch);
    for (const int version : {body_version - 1, body_version + 1}) {
      Bytes other = kind.bytes;
      other[0] = static_cast<std::uint8_t>(version);
      EXPECT_EQ(kind.outcome(*session, other), Errc::unsupported) << version;
    }
  }
}

/// A key book, bundle and so on: what all lists have in common.
TEST(SecAggBodiesTest, ListsThatLieAreRefused) {
  const auto session = session_of(1);
  constexpr std::size_t count_at = 34, index_at = 36;
  for (const Kind& kind : kinds(*session)) {
    const bool is_list = kind.kind != BodyKind::key_advert && kind.kind != BodyKind::signature &&
                         kind.kind != BodyKind::masked_update;
    if (!is_list) continue;
    Bytes lying = kind.bytes;
    lying[count_at] = lying[count_at + 1] = 0xff;  // 65,535 entries
    EXPECT_NE(kind.outcome(*session, lying), std::nullopt) << to_string(kind.kind);
    Bytes stranger = kind.bytes;
    stranger[index_at] = 4;  // of a roster of four
    EXPECT_EQ(kind.outcome(*session, stranger), Errc::out_of_range) << to_string(kind.kind);
    Bytes disordered = kind.bytes;
    disordered[index_at] = 3;  // the second entry's index is 3 at most
    EXPECT_EQ(kind.outcome(*session, disordered), Errc::malformed) << to_string(kind.kind);
  }
  Bytes words = kinds(*session).at(4).bytes;
  words[count_at + 3] = 0xff;  // four billion words in a body of twelve bytes
  EXPECT_EQ(decode_masked_update(*session, words).error().code, Errc::malformed);
  Bytes share = kinds(*session).at(8).bytes;
  share[index_at + 2] = 3;  // neither of the two kinds of shares
  EXPECT_EQ(decode_unmask_shares(*session, share).error().code, Errc::malformed);
}

TEST(SecAggBodiesTest, MutatedBodiesNeverCrash) {
  const auto session = session_of(1);
  const auto all = kinds(*session);
  SeededSequence random{6, "mutations"};
  std::size_t accepted = 0;
  for (int i = 0; i < 10000; ++i) {
    const Kind& kind = all[random.below(all.size())];
    Bytes bytes = kind.bytes;
    const std::uint64_t changes = 1 + random.below(4);
    for (std::uint64_t change = 0; change < changes; ++change) {
      bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.below(256));
    }
    if (random.below(4) == 0) bytes.resize(random.below(2 * bytes.size()));
    accepted += kind.outcome(*session, bytes) == std::nullopt ? 1U : 0U;
  }
  EXPECT_LT(accepted, 10000U);  // opaque fields may hold anything
}

}  // namespace
}  // namespace hippocrypt::federation::secagg
