// What a hospital refuses, and that it can be made anew at any stage.

#include "federation/secagg/client/secagg_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/secagg/common/agreement.hpp"
#include "tests/federation/secagg/rig.hpp"

namespace hippocrypt::federation::secagg {
namespace {

using testing::HasSubstr;

/// A play of five hospitals (threshold 3) that has come to a stage, and what hospital 0 gets next.
struct At {
  Rig rig;
  Play play;
  explicit At(int phases) : rig{options()}, play{rig} { play.advance(phases); }
  static Rig::Options options() {
    Rig::Options options;
    options.hospitals = 5;
    return options;
  }
  SecAggClient& client() { return play.client(0); }
  const Bytes& next() const { return play.pending_for(0); }
  const Session& session() { return *session_; }
  std::shared_ptr<const Session> session_ = rig.session();
};

template <class Outcome>
void expect_refused(const Outcome& outcome, Errc code, const std::string& part) {
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, code) << to_string(outcome.error());
  EXPECT_THAT(outcome.error().detail, HasSubstr(part));
}

TEST(SecAggClientTest, RefusesToStartWithAnotherIdentityOrRoot) {
  const Rig rig{{}};
  expect_refused(SecAggClient::create(rig.session(), "nobody", rig.identity(0), rig.root(0)),
                 Errc::not_found, "nobody is not in the roster");
  expect_refused(SecAggClient::create(rig.session(), rig.name(1), rig.identity(0), rig.root(0)),
                 Errc::mismatch, "another identity key");
  expect_refused(SecAggClient::create(rig.session(), rig.name(0), rig.identity(0), SecretBytes(31)),
                 Errc::out_of_range, "31 bytes");
}

TEST(SecAggClientTest, AnswersTheSameMessageAlikeAndNoOther) {
  At at{4};
  SecAggClient& client = at.client();
  const Bytes signatures = at.next();
  Play again{at.rig};
  again.advance(1);
  const Bytes key_book = again.pending_for(0);
  const Bytes bundle = again.client(0).on_key_book(key_book).value();
  EXPECT_EQ(client.on_key_book(key_book).value(), bundle);
  again.advance(1);
  const Bytes share_book = again.pending_for(0);
  EXPECT_TRUE(client.on_share_book(share_book).has_value());
  again.advance(1);
  const Bytes survivors = again.pending_for(0);
  EXPECT_EQ(client.on_survivors(survivors).value(),
            again.client(0).on_survivors(survivors).value());
  EXPECT_EQ(client.on_signatures(signatures).value(), client.on_signatures(signatures).value());

  // Sound in themselves, but not what came first.
  KeyBook smaller = decode_key_book(at.session(), key_book).value();
  smaller.adverts.erase(4);
  expect_refused(client.on_key_book(encode(at.session(), smaller)), Errc::mismatch,
                 "second, different key book");
  SealedShares fewer = decode_share_book(at.session(), share_book).value();
  fewer.shares.erase(4);
  expect_refused(client.on_share_book(encode_share_book(at.session(), fewer)), Errc::mismatch,
                 "second, different share book");
  expect_refused(client.on_survivors(encode(at.session(), Survivors{{0, 1, 2, 3}})), Errc::mismatch,
                 "second, different survivors");
  auto values = at.rig.encoded(0);
  EXPECT_TRUE(client.mask(values).has_value());
  ++values[0];
  expect_refused(client.mask(values), Errc::mismatch, "show their difference");
}

TEST(SecAggClientTest, RefusesMessagesBeforeTheirTime) {
  At at{3};
  const Bytes survivors = at.next();
  SecAggClient fresh = at.rig.client(0);
  Play again{at.rig};
  again.advance(2);
  expect_refused(fresh.on_share_book(again.pending_for(0)), Errc::mismatch, "before the key book");
  expect_refused(fresh.mask(at.rig.encoded(0)), Errc::mismatch, "before the share book");
  expect_refused(fresh.restore_masked(Hash256{}), Errc::mismatch, "before the share book");
  expect_refused(fresh.on_survivors(survivors), Errc::mismatch, "before the masked update");
  expect_refused(fresh.on_signatures(Bytes{}), Errc::mismatch, "before the survivors");
}

TEST(SecAggClientTest, RefusesKeyBooksThatAreNotTheHospitals) {
  At at{1};
  const KeyBook book = decode_key_book(at.session(), at.next()).value();
  const auto outcome = [&](KeyBook changed) {
    return at.client().on_key_book(encode(at.session(), changed));
  };
  KeyBook changed = book;
  changed.adverts.at(2).mask = changed.adverts.at(3).mask;
  expect_refused(outcome(changed), Errc::tampered, "hospital-2 are not signed");
  changed = book;
  changed.adverts.at(2).self_mask[0] ^= 1;
  expect_refused(outcome(changed), Errc::tampered, "hospital-2 are not signed");
  changed = book;
  changed.adverts.at(2) = changed.adverts.at(3);
  expect_refused(outcome(changed), Errc::tampered, "hospital-2 are not signed");
  changed = book;
  changed.adverts.at(0).channel[0] ^= 1;
  expect_refused(outcome(changed), Errc::tampered, "other keys for hospital-0");
  changed = book;
  changed.adverts.erase(0);
  expect_refused(outcome(changed), Errc::mismatch, "leaves hospital-0 out");
  changed = book;
  changed.adverts.erase(3);
  changed.adverts.erase(4);
  changed.adverts.erase(2);
  expect_refused(outcome(changed), Errc::unavailable, "2 hospitals; a sum holds at least 3");

  // Signed by their owner, and still no keys to work with.
  const auto resigned = [&](MemberIndex member, KeyAdvert advert) {
    advert.signature =
        at.rig.identity(member)->sign(advert_statement(at.session(), member, advert));
    KeyBook with = book;
    with.adverts.at(member) = advert;
    return outcome(with);
  };
  KeyAdvert copied = book.adverts.at(2);
  copied.mask = book.adverts.at(1).mask;
  expect_refused(resigned(2, copied), Errc::tampered, "hospital-2 uses a key twice");
  KeyAdvert low_order = book.adverts.at(2);
  low_order.channel = PublicKey{};
  expect_refused(resigned(2, low_order), Errc::tampered, "low order");
  expect_refused(at.client().on_key_book(Bytes{body_version}), Errc::malformed, "truncated");
  EXPECT_TRUE(outcome(book).has_value());  // after all this, the right one is still welcome
}

TEST(SecAggClientTest, RefusesSharesThatDoNotOpen) {
  At at{2};
  const SealedShares book = decode_share_book(at.session(), at.next()).value();
  const auto outcome = [&](const SealedShares& changed) {
    return at.client().on_share_book(encode_share_book(at.session(), changed));
  };
  for (const std::size_t byte : {std::size_t{0}, std::size_t{63}, sealed_share_bytes - 1}) {
    SealedShares changed = book;
    changed.shares.at(3)[byte] ^= 1;
    expect_refused(outcome(changed), Errc::tampered, "shares of hospital-3");
  }
  SealedShares swapped = book;
  std::swap(swapped.shares.at(1), swapped.shares.at(2));
  expect_refused(outcome(swapped), Errc::tampered, "shares of hospital-1");
  // What hospital 1 sealed for hospital 2 is not for hospital 0.
  SealedShares foreign = book;
  foreign.shares.at(1) =
      decode_share_book(at.session(), at.play.pending_for(2)).value().shares.at(1);
  expect_refused(outcome(foreign), Errc::tampered, "shares of hospital-1");
  SealedShares own = book;
  own.shares.emplace(0, book.shares.at(1));
  expect_refused(outcome(own), Errc::mismatch, "hospital-0");
  SealedShares few;
  few.shares.emplace(1, book.shares.at(1));
  expect_refused(outcome(few), Errc::unavailable, "2 hospitals; a sum holds at least 3");
  EXPECT_TRUE(outcome(book).has_value());
}

TEST(SecAggClientTest, SealedUnderAnotherKeyBookIsNotOpened) {
  // The aggregator shows hospital 0 a key book without hospital 4, and the others one with it.
  At at{1};
  KeyBook smaller = decode_key_book(at.session(), at.next()).value();
  smaller.adverts.erase(4);
  ASSERT_TRUE(at.client().on_key_book(encode(at.session(), smaller)).has_value());
  SealedShares shares;
  for (const MemberIndex other : Members{1, 2, 3}) {
    const Bytes bundle = at.play.client(other).on_key_book(at.next()).value();
    shares.shares.emplace(other, decode_bundle(at.session(), bundle).value().shares.at(0));
  }
  expect_refused(at.client().on_share_book(encode_share_book(at.session(), shares)), Errc::tampered,
                 "shown different keys");
}

TEST(SecAggClientTest, RefusesSurvivorsThatDoNotHideIt) {
  At at{3};
  ASSERT_TRUE(at.client().mask(at.rig.encoded(0)).has_value());
  const auto outcome = [&](Members members) {
    return at.client().on_survivors(encode(at.session(), Survivors{std::move(members)}));
  };
  expect_refused(outcome({1, 2, 3, 4}), Errc::mismatch, "leave hospital-0 out");
  expect_refused(outcome({0, 1}), Errc::unavailable, "2 hospitals; a sum holds at least 3");
  EXPECT_TRUE(outcome({0, 1, 2, 3, 4}).has_value());
}

TEST(SecAggClientTest, RefusesSurvivorsWithoutSharedKeys) {
  const Rig rig{At::options()};
  Play play{rig};
  play.answer();
  play.close();
  play.answer({4});  // hospital 4 showed keys and shared nothing
  play.close();
  play.answer();
  expect_refused(play.client(0).on_survivors(encode(*rig.session(), Survivors{{0, 1, 2, 4}})),
                 Errc::mismatch, "hospital-4 is among the survivors but shared no keys");
}

TEST(SecAggClientTest, OpensNothingWithoutTheOthersSignatures) {
  At at{4};
  const SignatureBook book = decode_signature_book(at.session(), at.next()).value();
  ASSERT_EQ(book.signatures.size(), 3U);  // the threshold
  const auto outcome = [&](const SignatureBook& changed) {
    return at.client().on_signatures(encode(at.session(), changed));
  };
  SignatureBook few = book;
  few.signatures.erase(std::prev(few.signatures.end()));
  expect_refused(outcome(few), Errc::unavailable, "2 hospitals signed the survivors; 3 must");
  SignatureBook changed = book;
  changed.signatures.at(1)[5] ^= 1;
  expect_refused(outcome(changed), Errc::tampered, "signature of hospital-1");
  changed = book;
  changed.signatures.at(1) = book.signatures.at(2);
  expect_refused(outcome(changed), Errc::tampered, "signature of hospital-1");
  EXPECT_TRUE(outcome(book).has_value());
}

TEST(SecAggClientTest, OpensNothingIfOthersSignedAnotherSet) {
  // The attack of a dishonest aggregator: tell hospital 0 that hospital 4 survived and the others
  // that it did not, and collect both secrets of hospital 4.
  At at{3};
  const Bytes with = encode(at.session(), Survivors{{0, 1, 2, 3, 4}});
  const Bytes without = encode(at.session(), Survivors{{0, 1, 2, 3}});
  SignatureBook book;
  for (const MemberIndex member : Members{0, 1, 2, 3}) {
    SecAggClient& client = at.play.client(member);
    const auto signature = client.on_survivors(member == 0 ? with : without).value();
    book.signatures.emplace(member, decode_signature(at.session(), signature)->signature);
  }
  expect_refused(at.client().on_signatures(encode(at.session(), book)), Errc::tampered,
                 "signature of hospital-1 is not on the survivors that this hospital was told");
  SignatureBook stranger;
  stranger.signatures.emplace(4, book.signatures.at(1));
  expect_refused(at.play.client(1).on_signatures(encode(at.session(), stranger)), Errc::mismatch,
                 "hospital-4 signed but is not among the survivors");
}

TEST(SecAggClientTest, NeverOpensBothSecretsOfOneHospital) {
  const Rig rig{At::options()};
  Play play{rig};
  play.advance(2);
  play.answer({4});
  play.close();
  play.advance(1);
  play.answer();
  for (const RoundMessage& message : play.transcript()) {
    if (message.kind != RoundMessageKind::unmask_shares) continue;
    const auto opened = decode_unmask_shares(*rig.session(), message.body).value();
    ASSERT_EQ(keys_of(opened.shares), rig.everybody());
    for (const auto& [member, share] : opened.shares) {
      EXPECT_EQ(share.kind, member == 4 ? ShareKind::mask_key : ShareKind::self_mask);
    }
  }
}

/// What a hospital does after a crash with what it has journalled.
SecAggClient made_anew(const Rig& rig, const std::vector<Bytes>& books, const Bytes& masked) {
  SecAggClient anew = rig.client(0);
  if (!books.empty()) anew.on_key_book(books[0]).value();
  if (books.size() > 1) anew.on_share_book(books[1]).value();
  if (!masked.empty()) anew.restore_masked(sha256(masked)).value();
  if (books.size() > 2) anew.on_survivors(books[2]).value();
  return anew;
}

TEST(SecAggClientTest, MadeAnewAtAnyStageItSendsTheSameBytes) {
  for (int crash = 0; crash <= 4; ++crash) {
    const Rig rig{At::options()};
    Play plain{rig}, crashed{rig};
    std::vector<Bytes> books;  // what hospital 0 journals: what it was told, and its masked update
    Bytes masked;
    for (int phase = 0; phase < 5; ++phase) {
      if (phase == crash) {
        crashed.replace_client(0, made_anew(rig, books, masked));
      }
      if (phase > 0) books.push_back(crashed.pending_for(0));
      plain.answer();
      crashed.answer();
      for (const RoundMessage& message : crashed.transcript()) {
        if (message.kind == RoundMessageKind::masked_update && message.hospital == rig.name(0)) {
          masked = message.body;
        }
      }
      plain.close();
      crashed.close();
    }
    ASSERT_EQ(plain.transcript().size(), crashed.transcript().size());
    for (std::size_t i = 0; i < plain.transcript().size(); ++i) {
      EXPECT_EQ(plain.transcript()[i].body, crashed.transcript()[i].body) << crash << ' ' << i;
    }
  }
}

TEST(SecAggClientTest, AfterARestoreNoOtherUpdateIsMasked) {
  At at{2};
  SecAggClient& client = at.client();
  ASSERT_TRUE(client.on_share_book(at.next()).has_value());
  const Bytes masked = client.mask(at.rig.encoded(0)).value();

  SecAggClient anew = at.rig.client(0);
  Play again{at.rig};
  again.advance(1);
  ASSERT_TRUE(anew.on_key_book(again.pending_for(0)).has_value());
  ASSERT_TRUE(anew.on_share_book(at.next()).has_value());
  EXPECT_EQ(client.masked_hash(), sha256(masked));
  ASSERT_TRUE(anew.restore_masked(sha256(masked)).has_value());
  EXPECT_TRUE(anew.restore_masked(sha256(masked)).has_value());
  auto other = at.rig.encoded(0);
  other[3] ^= 1;
  expect_refused(anew.mask(other), Errc::mismatch, "show their difference");
  EXPECT_EQ(anew.mask(at.rig.encoded(0)).value(), masked);
  expect_refused(anew.restore_masked(Hash256{}), Errc::mismatch, "second, different masked update");
}

TEST(SecAggClientTest, AttemptsHaveNothingInCommon) {
  // The same root by mistake: the keys still differ, as they come from root and session.
  const Rig rig{{}};
  const auto advert = [&](std::uint32_t round, std::uint32_t attempt) {
    const auto session = rig.session(round, attempt);
    const auto client =
        SecAggClient::create(session, rig.name(0), rig.identity(0), rig.root(0)).value();
    return decode_key_advert(*session, client.advert()).value();
  };
  const KeyAdvert first = advert(1, 1);
  for (const KeyAdvert& other : {advert(1, 2), advert(2, 1)}) {
    EXPECT_NE(other.channel, first.channel);
    EXPECT_NE(other.mask, first.mask);
    EXPECT_NE(other.self_mask, first.self_mask);
  }
}

}  // namespace
}  // namespace hippocrypt::federation::secagg
