// Hospitals that send what they should not: the collector refuses it, and goes on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "federation/secagg/client/share_box.hpp"
#include "federation/secagg/common/agreement.hpp"
#include "federation/secagg/common/fixed_point.hpp"
#include "tests/federation/secagg/rig.hpp"

namespace hippocrypt::federation::secagg {
namespace {

using testing::HasSubstr;

/// Five hospitals, threshold 3. answer() is left to the test; finish() expects the sum of all.
struct Attack {
  Rig rig;
  Play play;
  std::shared_ptr<const Session> session;
  explicit Attack(int phases) : rig{options()}, play{rig}, session{rig.session()} {
    play.advance(phases);
  }
  static Rig::Options options() {
    Rig::Options options;
    options.hospitals = 5;
    return options;
  }
  /// Hospital `member` sends `body`, which is refused.
  void refuse(MemberIndex member, RoundMessageKind kind, Bytes body, Errc code,
              const std::string& part = {}) {
    const auto status = play.collector().receive(play.said_by(member, kind, std::move(body)));
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, code) << to_string(status.error());
    EXPECT_THAT(status.error().detail, HasSubstr(rig.name(member)));
    EXPECT_THAT(status.error().detail, HasSubstr(part));
  }
  /// Plays on from `phase` to the end; nothing that was refused has left a trace.
  void finish(int phase) {
    for (; phase < 5; ++phase) {
      play.answer();
      EXPECT_EQ(play.close().void_reason, "");
    }
    EXPECT_EQ(play.collector().take().value().updates.at(0),
              decode_mean(rig.plain_sum(rig.everybody()), 5, rig.params()));
    EXPECT_EQ(play.collector().note(), "");
  }
};

KeyAdvert signed_by(const Attack& attack, MemberIndex member, KeyAdvert advert) {
  advert.signature =
      attack.rig.identity(member)->sign(advert_statement(*attack.session, member, advert));
  return advert;
}

TEST(HostileHospitalTest, StrangersAndOtherAttemptsAreRefused) {
  Attack attack{0};
  const Bytes advert = attack.play.client(0).advert();
  auto message = attack.play.said_by(0, RoundMessageKind::key_advert, advert);
  const auto refused = [&](const RoundMessage& wrong) {
    return attack.play.collector().receive(wrong).error().code;
  };
  auto wrong = message;
  wrong.hospital = "stranger";
  EXPECT_EQ(refused(wrong), Errc::mismatch);
  wrong = message;
  wrong.round = 2;
  EXPECT_EQ(refused(wrong), Errc::mismatch);
  wrong = message;
  wrong.attempt = 2;
  EXPECT_EQ(refused(wrong), Errc::mismatch);
  for (const auto kind : {RoundMessageKind::share_bundle, RoundMessageKind::masked_update,
                          RoundMessageKind::signature, RoundMessageKind::unmask_shares,
                          RoundMessageKind::key_book, RoundMessageKind::survivors}) {
    wrong = message;
    wrong.kind = kind;
    EXPECT_EQ(refused(wrong), Errc::mismatch);
  }
  attack.finish(0);
}

TEST(HostileHospitalTest, KeysThatAreNotItsOwnAreRefused) {
  Attack attack{0};
  const auto kind = RoundMessageKind::key_advert;
  const auto& session = *attack.session;
  // Those of another hospital, of another round, of another attempt; then its own, changed.
  attack.refuse(1, kind, attack.play.client(0).advert(), Errc::tampered, "not signed");
  attack.refuse(1, kind, attack.rig.client(1, 2).advert(), Errc::mismatch, "another run, round");
  attack.refuse(1, kind, attack.rig.client(1, 1, 2).advert(), Errc::mismatch);
  const auto own = decode_key_advert(session, attack.play.client(1).advert()).value();
  KeyAdvert changed = own;
  changed.mask[7] ^= 1;
  attack.refuse(1, kind, encode(session, changed), Errc::tampered, "not signed");
  changed = own;
  changed.mask = changed.channel;
  attack.refuse(1, kind, encode(session, signed_by(attack, 1, changed)), Errc::tampered, "twice");
  for (const bool is_mask : {false, true}) {
    changed = own;
    (is_mask ? changed.mask : changed.channel) = PublicKey{};
    attack.refuse(1, kind, encode(session, signed_by(attack, 1, changed)), Errc::tampered,
                  "low order");
  }
  const auto others = decode_key_advert(session, attack.play.client(0).advert()).value();
  ASSERT_TRUE(attack.play.collector()
                  .receive(attack.play.said_by(0, kind, encode(session, others)))
                  .has_value());
  changed = own;
  changed.mask = others.mask;
  attack.refuse(1, kind, encode(session, signed_by(attack, 1, changed)), Errc::tampered,
                "that of another hospital");
  Bytes longer = attack.play.client(1).advert();
  longer.resize(1 << 20);
  attack.refuse(1, kind, std::move(longer), Errc::malformed);
  attack.refuse(0, kind, encode(session, others), Errc::stale);
}

TEST(HostileHospitalTest, BundlesForOthersThanAllAreRefused) {
  Attack attack{1};
  const auto kind = RoundMessageKind::share_bundle;
  const Bytes body = attack.play.client(2).on_key_book(attack.play.pending_for(2)).value();
  const SealedShares bundle = decode_bundle(*attack.session, body).value();
  SealedShares changed = bundle;
  changed.shares.erase(0);
  attack.refuse(2, kind, encode_bundle(*attack.session, changed), Errc::mismatch, "all others");
  changed.shares.emplace(2, bundle.shares.at(0));
  attack.refuse(2, kind, encode_bundle(*attack.session, changed), Errc::mismatch, "all others");
  attack.refuse(1, kind, body, Errc::mismatch, "all others");  // hospital 2's bundle
  attack.finish(1);
}

TEST(HostileHospitalTest, UpdatesOfAnotherSizeAndSecondUpdatesAreRefused) {
  Attack attack{2};
  const auto kind = RoundMessageKind::masked_update;
  const std::vector<std::uint32_t> shorter(39), longer(41), same(40, 7);
  attack.refuse(3, kind, encode_masked_update(*attack.session, shorter), Errc::mismatch,
                "39 values; the adapter has 40");
  attack.refuse(3, kind, encode_masked_update(*attack.session, longer), Errc::mismatch);
  attack.refuse(3, kind, {}, Errc::malformed);
  attack.play.answer();
  attack.refuse(3, kind, encode_masked_update(*attack.session, same), Errc::mismatch,
                "the first one counts");
  EXPECT_EQ(attack.play.close().void_reason, "");
  attack.refuse(3, kind, encode_masked_update(*attack.session, same), Errc::mismatch,
                "the first one counts");
  attack.finish(3);
}

TEST(HostileHospitalTest, UpdatesWithoutSharedKeysAreRefused) {
  Attack attack{1};
  attack.play.answer({4});
  attack.play.close();
  const std::vector<std::uint32_t> words(40, 7);
  attack.refuse(4, RoundMessageKind::masked_update, encode_masked_update(*attack.session, words),
                Errc::stale, "nobody waits for it");
  EXPECT_EQ(attack.play.collector().contributors().size(), 0U);
}

TEST(HostileHospitalTest, SignaturesOnAnythingElseAreRefused) {
  Attack attack{3};
  const auto kind = RoundMessageKind::signature;
  const Bytes others = attack.play.client(0).on_survivors(attack.play.pending_for(0)).value();
  attack.refuse(1, kind, others, Errc::tampered, "not on the survivors that it was told");
  Play elsewhere{attack.rig, 2};
  elsewhere.advance(3);
  attack.refuse(1, kind, elsewhere.client(1).on_survivors(elsewhere.pending_for(1)).value(),
                Errc::mismatch);
  attack.finish(3);
}

TEST(HostileHospitalTest, SharesThatWereNotAskedForAreRefused) {
  Attack attack{4};
  const auto kind = RoundMessageKind::unmask_shares;
  const Bytes body = attack.play.client(2).on_signatures(attack.play.pending_for(2)).value();
  const UnmaskShares opened = decode_unmask_shares(*attack.session, body).value();
  UnmaskShares changed = opened;
  changed.shares.at(3).kind = ShareKind::mask_key;
  attack.refuse(2, kind, encode(*attack.session, changed), Errc::mismatch,
                "the wrong secret of hospital-3");
  changed = opened;
  changed.shares.erase(3);
  attack.refuse(2, kind, encode(*attack.session, changed), Errc::mismatch,
                "no share of hospital-3");
  attack.finish(4);
}

TEST(HostileHospitalTest, SharesOfHospitalsOutsideTheAttemptAreRefused) {
  Attack attack{1};
  attack.play.answer({4});
  attack.play.close();
  attack.play.advance(2);
  const Bytes body = attack.play.client(0).on_signatures(attack.play.pending_for(0)).value();
  UnmaskShares opened = decode_unmask_shares(*attack.session, body).value();
  opened.shares.emplace(4, opened.shares.at(1));
  attack.refuse(0, RoundMessageKind::unmask_shares, encode(*attack.session, opened), Errc::mismatch,
                "not in the attempt");
}

/// Plays the last phase with some hospitals opening wrong shares of `of`, and some silent.
PhaseResult open_with_liars(Play& play, const Rig& rig, const Members& liars, const Members& silent,
                            const Members& of) {
  const auto session = rig.session();
  SeededSequence random{9, "wrong shares"};
  for (const Outgoing& outgoing : play.pending()) {
    RoundMessage message = play.reply(outgoing).value();
    const MemberIndex member = *rig.setup().roster->index_of(message.hospital);
    if (silent.contains(member)) continue;
    if (liars.contains(member)) {
      UnmaskShares opened = decode_unmask_shares(*session, message.body).value();
      for (const MemberIndex owner : of) {
        for (auto& byte : opened.shares.at(owner).share) {
          byte = static_cast<std::uint8_t>(random.below(256));
        }
      }
      message.body = encode(*session, opened);
    }
    EXPECT_TRUE(play.collector().receive(std::move(message)).has_value());
  }
  return play.close();
}

/// An attempt of hospitals of which the last drops out after it has shared its keys, so that a
/// mask key is rebuilt as well; the liars open wrong shares of it and of hospital 1.
void expect_found(std::size_t hospitals, const Members& liars, const Members& named) {
  Rig::Options options;
  options.hospitals = hospitals;
  const Rig rig{options};
  const auto last = static_cast<MemberIndex>(hospitals - 1);
  Play play{rig};
  play.advance(2);
  play.answer({last});
  play.close();
  play.advance(1);
  const auto result = open_with_liars(play, rig, liars, {}, {1, last});
  ASSERT_TRUE(result.done) << result.void_reason;
  Members rest = rig.everybody();
  rest.erase(last);
  EXPECT_EQ(play.collector().take().value().updates.at(0),
            decode_mean(rig.plain_sum(rest), rest.size(), rig.params()));
  std::string note = "1 dropped after sharing keys, masks removed";
  for (const MemberIndex member : named) note += "; " + rig.name(member) + " opened a wrong share";
  if (named.empty()) note += "; wrong shares were opened, and nothing says by whom";
  EXPECT_EQ(play.collector().note(), note);
}

TEST(HostileHospitalTest, WrongSharesAreFoundAndTheirSendersNamed) {
  // Threshold 7, eleven answers: four are spare, and two liars are the fewest that explain it.
  for (const Members& liars : {Members{0}, {3}, {6}, {0, 1}, {2, 5}, {2, 9}}) {
    expect_found(12, liars, liars);
  }
}

TEST(HostileHospitalTest, NobodyIsNamedWhereItIsNotSure) {
  expect_found(8, {2, 5}, {});  // threshold 5, seven answers
}

TEST(HostileHospitalTest, LiesThatDoNoHarmGoUnnoticed) {
  Rig::Options options;
  options.hospitals = 8;
  const Rig rig{options};
  Play play{rig};
  play.advance(4);
  const auto result = open_with_liars(play, rig, {7}, {}, {1});
  ASSERT_TRUE(result.done);
  EXPECT_EQ(play.collector().note(), "");
}

TEST(HostileHospitalTest, WrongSharesWithoutSparesVoidTheRound) {
  Attack attack{4};
  // Three opened shares of a threshold of three, one of them wrong: nothing says which.
  const auto result = open_with_liars(attack.play, attack.rig, {1}, {3, 4}, {0});
  EXPECT_FALSE(result.done);
  EXPECT_THAT(result.void_reason, HasSubstr("the masks of hospital-0 cannot be rebuilt"));
}

TEST(HostileHospitalTest, MoreLiarsThanSparesVoidTheRound) {
  Rig::Options options;
  options.hospitals = 8;
  const Rig rig{options};
  Play play{rig};
  play.advance(4);
  const auto result = open_with_liars(play, rig, {0, 1, 2, 3}, {}, {2});
  EXPECT_FALSE(result.done);
  EXPECT_THAT(result.void_reason, HasSubstr("the masks of hospital-2 cannot be rebuilt"));
}

TEST(HostileHospitalTest, WrongSharesFromTheirOwnerVoidTheRoundAndNameIt) {
  const Rig rig{Attack::options()};
  const auto session = rig.session();
  Play play{rig};
  play.advance(1);
  const Bytes book_body = play.pending_for(1);
  const KeyBook book = decode_key_book(*session, book_body).value();
  // Hospital 1 seals shares of other secrets than those that its advert stands for.
  const AttemptKeys keys{*session, rig.root(1)}, others{*session, rig.root(1, 9, 9)};
  const Hash256 book_hash = sha256(book_body);
  SealedShares bundle;
  for (const auto& [member, advert] : book.adverts) {
    if (member == 1) continue;
    const auto agreed = keys.channel().agree(advert.channel).value();
    bundle.shares.emplace(
        member, seal({*session, book_hash, 1, member}, agreed, others.shares_for(member)));
  }
  for (const Outgoing& outgoing : play.pending()) {
    RoundMessage message = play.reply(outgoing).value();
    if (message.hospital == rig.name(1)) message.body = encode_bundle(*session, bundle);
    ASSERT_TRUE(play.collector().receive(std::move(message)).has_value());
  }
  play.close();
  play.advance(2);
  play.answer();
  const auto result = play.close();
  EXPECT_FALSE(result.done);
  EXPECT_THAT(result.void_reason, HasSubstr("the masks of hospital-1 cannot be rebuilt"));
}

/// A message that a hostile aggregator may make of a sound one.
Bytes spoiled(Bytes body, SeededSequence& random) {
  const std::uint64_t changes = 1 + random.below(3);
  for (std::uint64_t change = 0; change < changes; ++change) {
    body[random.below(body.size())] ^= static_cast<std::uint8_t>(1 + random.below(255));
  }
  if (random.below(5) == 0) body.resize(random.below(2 * body.size() + 1));
  return body;
}

TEST(HostileAggregatorTest, MutatedMessagesNeverCrashAHospitalNorChangeIt) {
  const Rig rig{Attack::options()};
  SeededSequence random{10, "mutations"};
  for (int stage = 1; stage < 5; ++stage) {
    Play play{rig};
    play.advance(stage);
    SecAggClient& client = play.client(0);
    const Bytes sound = play.pending_for(0);
    if (stage == 3) {
      ASSERT_TRUE(client.mask(rig.encoded(0)).has_value());
    }
    for (int i = 0; i < 2500; ++i) {
      const Bytes body = spoiled(sound, random);
      if (body == sound) continue;
      // Every byte is checked: it is signed, sealed, or compared.
      bool is_accepted = false;
      if (stage == 1) is_accepted = client.on_key_book(body).has_value();
      if (stage == 2) is_accepted = client.on_share_book(body).has_value();
      if (stage == 3) is_accepted = client.on_survivors(body).has_value();
      if (stage == 4) is_accepted = client.on_signatures(body).has_value();
      ASSERT_FALSE(is_accepted) << stage << ' ' << i;
    }
    play.advance(5 - stage);
    EXPECT_EQ(play.collector().take().value().updates.at(0),
              decode_mean(rig.plain_sum(rig.everybody()), 5, rig.params()));
  }
}

TEST(HostileHospitalTest, MutatedMessagesNeverCrashTheCollector) {
  const Rig rig{Attack::options()};
  SeededSequence random{8, "mutations"};
  for (int stage = 0; stage < 5; ++stage) {
    Play honest{rig};
    honest.advance(stage);
    honest.answer();
    std::vector<RoundMessage> sound;
    for (const RoundMessage& message : honest.transcript()) sound.push_back(message);
    for (int i = 0; i < 50; ++i) {
      Play play{rig};
      play.advance(stage);
      for (int frame = 0; frame < 40; ++frame) {
        RoundMessage message = sound[random.below(sound.size())];
        message.kind = static_cast<RoundMessageKind>(random.below(9));
        if (random.below(3) != 0) message.kind = sound[sound.size() - 1].kind;
        const std::uint64_t changes = random.below(4);
        for (std::uint64_t change = 0; change < changes && !message.body.empty(); ++change) {
          message.body[random.below(message.body.size())] ^=
              static_cast<std::uint8_t>(1 + random.below(255));
        }
        if (random.below(5) == 0) message.body.resize(random.below(2 * message.body.size() + 1));
        static_cast<void>(play.collector().receive(std::move(message)));
      }
      for (int phase = stage; phase < 5; ++phase) static_cast<void>(play.close());
    }
  }
}

}  // namespace
}  // namespace hippocrypt::federation::secagg
