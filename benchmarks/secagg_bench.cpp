// Secure aggregation of 460,000 values: what a hospital spends on masking, the aggregator on
// unmasking with a tenth of the hospitals gone, and a whole attempt a hospital. Expected: one pass
// of AES-256-CTR a mask and word, which OpenSSL alone is timed for beside it, and an addition;
// ChaCha20 is timed too.

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "base/check.hpp"
#include "base/random.hpp"
#include "benchmarks/alternate.hpp"
#include "benchmarks/sections.hpp"
#include "federation/secagg/aggregator/secagg_collector.hpp"
#include "federation/secagg/client/secagg_client.hpp"
#include "federation/secagg/common/mask.hpp"

namespace hippocrypt::bench {
namespace {

using namespace hippocrypt::federation;

constexpr std::size_t value_count = 460'000;
constexpr std::size_t largest_attempt = 20;  // of 100 hospitals one takes 10 s

/// As many masks as one hospital of `hospitals` has: its own and one an other hospital.
std::vector<secagg::Mask> masks_of(std::size_t count) {
  SystemRandom random;
  std::vector<secagg::Mask> masks;
  for (std::size_t i = 0; i < count; ++i) {
    SecretBytes key(32);
    random.fill(key.reveal());
    masks.push_back({std::move(key), secagg::MaskSign::add});
  }
  return masks;
}

/// The same keystream from OpenSSL alone, in pieces that stay in the first cache.
void raw_keystream(const EVP_CIPHER* cipher, const std::vector<secagg::Mask>& masks) {
  std::array<std::uint8_t, 16384> buffer{};
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
  const std::array<std::uint8_t, 16> start{};
  for (const auto& mask : masks) {
    HIPPOCRYPT_CHECK(EVP_EncryptInit_ex(context.get(), cipher, nullptr, mask.key.reveal().data(),
                                        start.data()) == 1);
    for (std::size_t left = value_count * 4; left > 0;) {
      const std::size_t piece = std::min(left, buffer.size());
      int made = 0;
      HIPPOCRYPT_CHECK(EVP_EncryptUpdate(context.get(), buffer.data(), &made, buffer.data(),
                                         static_cast<int>(piece)) == 1);
      left -= piece;
    }
  }
}

/// One attempt in which everybody answers, from the adverts to the mean.
class Attempt {
 public:
  explicit Attempt(std::size_t hospitals) {
    SystemRandom random;
    secagg::ParamsLiteral literal;
    std::vector<secagg::Member> members;
    for (std::size_t i = 0; i < hospitals; ++i) {
      identities_.push_back(
          std::make_shared<const secagg::IdentityKey>(secagg::IdentityKey::create(random)));
      members.push_back({"hospital-" + std::to_string(i), identities_[i]->public_part(), 1});
      names_.push_back(members[i].name);
      literal.weights.push_back(1);
    }
    setup_ = std::make_shared<const secagg::CollectorSetup>(secagg::CollectorSetup{
        secagg::Params::create(literal).value(),
        std::make_shared<const secagg::Roster>(secagg::Roster::create(members).value()), "bench",
        value_count, 1});
  }

  void run() {
    secagg::SecAggCollector collector{setup_};
    collector.begin(1, 1, names_);
    const auto session =
        secagg::Session::create(setup_->params, setup_->roster, {setup_->run, 1, 1}).value();
    std::vector<secagg::SecAggClient> clients;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      SecretBytes root(32);
      root.reveal()[0] = static_cast<std::uint8_t>(i);
      clients.push_back(
          secagg::SecAggClient::create(session, names_[i], identities_[i], std::move(root))
              .value());
      tell(collector, i, RoundMessageKind::key_advert, clients[i].advert());
    }
    PhaseResult result = collector.close_phase();
    while (!result.done) {
      HIPPOCRYPT_CHECK(result.void_reason.empty(), result.void_reason);
      for (const Outgoing& outgoing : result.send) answer(collector, clients, outgoing);
      result = collector.close_phase();
    }
    HIPPOCRYPT_CHECK(collector.take().has_value());
  }

 private:
  void tell(Collector& collector, std::size_t i, RoundMessageKind kind, Bytes body) const {
    HIPPOCRYPT_CHECK(collector.receive({names_[i], 1, 1, kind, std::move(body)}).has_value());
  }
  void answer(Collector& collector, std::vector<secagg::SecAggClient>& clients,
              const Outgoing& outgoing) const {
    const std::size_t i = *setup_->roster->index_of(outgoing.to);
    auto& client = clients[i];
    const Bytes& body = outgoing.message.body;
    if (outgoing.message.kind == RoundMessageKind::key_book) {
      tell(collector, i, RoundMessageKind::share_bundle, client.on_key_book(body).value());
    } else if (outgoing.message.kind == RoundMessageKind::share_book) {
      client.on_share_book(body).value();
      tell(collector, i, RoundMessageKind::masked_update, client.mask(words_).value());
    } else if (outgoing.message.kind == RoundMessageKind::survivors) {
      tell(collector, i, RoundMessageKind::signature, client.on_survivors(body).value());
    } else {
      tell(collector, i, RoundMessageKind::unmask_shares, client.on_signatures(body).value());
    }
  }

  std::vector<std::shared_ptr<const secagg::IdentityKey>> identities_;
  std::vector<std::string> names_;
  std::shared_ptr<const secagg::CollectorSetup> setup_;
  std::vector<std::uint32_t> words_ = std::vector<std::uint32_t>(value_count, 1);
};

}  // namespace

Section secagg_section(const Options& options) {
  Section section{.name = "secagg",
                  .title = "secure aggregation of 460,000 values, one core",
                  .columns = {{"hospitals", "hospitals"},
                              {"mask_ns", "mask ns/word", 3},
                              {"raw_ns", "AES-256-CTR ns/word", 3},
                              {"chacha20_ns", "ChaCha20 ns/word", 3},
                              {"mask_ms", "mask ms", 1},
                              {"unmask_ms", "unmask ms", 1},
                              {"attempt_ms", "attempt ms/hospital", 2}}};
  for (const std::size_t hospitals : {std::size_t{8}, std::size_t{20}, std::size_t{100}}) {
    const auto masks = masks_of(hospitals);
    const std::size_t gone = (hospitals + 9) / 10;
    // Self masks of the survivors, and their pair masks with everybody who is gone.
    const auto left = masks_of((hospitals - gone) * (1 + gone));
    std::vector<std::uint32_t> words(value_count);
    Attempt attempt{hospitals};
    std::vector<Contestant> contestants{{"mask", [&] { secagg::apply_masks(words, masks, 1); }},
                                        {"raw", [&] { raw_keystream(EVP_aes_256_ctr(), masks); }},
                                        {"chacha20", [&] { raw_keystream(EVP_chacha20(), masks); }},
                                        {"unmask", [&] { secagg::apply_masks(words, left, 1); }}};
    if (hospitals <= largest_attempt) contestants.push_back({"attempt", [&] { attempt.run(); }});
    const auto timings = alternate(contestants, {options.seconds});
    const double mask_words = static_cast<double>(value_count * hospitals);
    section.rows.push_back({{"hospitals", hospitals},
                            {"mask_ns", timings[0].median_s * 1e9 / mask_words},
                            {"raw_ns", timings[1].median_s * 1e9 / mask_words},
                            {"chacha20_ns", timings[2].median_s * 1e9 / mask_words},
                            {"mask_ms", timings[0].median_s * 1e3},
                            {"unmask_ms", timings[3].median_s * 1e3},
                            {"runs", timings[0].runs}});
    if (hospitals > largest_attempt) continue;
    section.rows.back()["attempt_ms"] = timings[4].median_s * 1e3 / static_cast<double>(hospitals);
  }
  section.notes.push_back(
      "unmask: with a tenth of the hospitals gone after they shared keys; "
      "attempt: keys, shares, masks, signatures and sum, nobody gone");
  return section;
}

}  // namespace hippocrypt::bench
