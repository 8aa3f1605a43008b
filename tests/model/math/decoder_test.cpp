#include "model/decoder.hpp"

#include <gtest/gtest.h>

#include "math_support.hpp"
#include "model/transformer.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::uint64_t plenty = 1 << 20;

/// Errors when told to.
class BrittleOracle final : public LinearOracle {
 public:
  explicit BrittleOracle(LinearOracle& inner) : inner_{inner} {}
  Result<Matrix> forward(LinearSite site, ConstMatrixView x) override {
    if (broken && site.block == 1) return Error{Errc::unavailable, "gone"};
    columns.push_back(x.cols());
    return inner_.forward(site, x);
  }
  Result<Matrix> backward(LinearSite, ConstMatrixView) override {
    return Error{Errc::unsupported, "no backward"};
  }
  bool broken = false;
  std::vector<std::size_t> columns;

 private:
  LinearOracle& inner_;
};

template <class T>
std::vector<T> whole_logits(Fixture<T>& fixture, const std::vector<std::uint32_t>& tokens,
                            const LoraAdapterT<T>* adapter) {
  const TransformerT<T> transformer{fixture.config, fixture.client, fixture.oracle};
  Batch batch;
  append_sequence(batch, tokens, 1);
  const auto logits = transformer.logits(batch, adapter, LogitPositions::last).value();
  return {logits.values().begin(), logits.values().end()};
}

/// Every logit, with `tolerance` in the size that logits have here (a few units).
template <class T>
void expect_column(const MatrixT<T>& logits, std::size_t column, const std::vector<T>& expected,
                   double tolerance) {
  ASSERT_EQ(logits.rows(), expected.size());
  for (std::size_t v = 0; v < expected.size(); ++v) {
    EXPECT_NEAR(logits(v, column), expected[v], tolerance) << "column " << column << " token " << v;
  }
}

/// Three sequences of different lengths, prefilled in one pass and continued token by token, must
/// have the logits that the transformer gives to each of them whole.
template <class T>
void expect_agreement(const Model& model, const LoraAdapterT<T>* adapter, double tolerance) {
  Fixture<T> fixture{model};
  const DecoderT<T> decoder{fixture.config, fixture.client, fixture.oracle, adapter, 64,
                            {2, nullptr}};
  std::vector<std::vector<std::uint32_t>> sequences{{1, 4, 2, 7, 3}, {9}, {6, 8, 1}};
  std::vector<KvCacheT<T>> caches;
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    caches.push_back(KvCacheT<T>::create(model.config, 16, plenty).value());
  }
  std::vector<ContinuationT<T>> next;
  for (std::size_t s = 0; s < sequences.size(); ++s) next.push_back({&caches[s], sequences[s]});
  for (std::uint32_t step = 0; step < 6; ++step) {
    const auto logits = decoder.advance(next).value();
    ASSERT_EQ(logits.cols(), sequences.size());
    next.clear();
    for (std::size_t s = 0; s < sequences.size(); ++s) {
      expect_column(logits, s, whole_logits(fixture, sequences[s], adapter), tolerance);
      sequences[s].push_back((3 * step + static_cast<std::uint32_t>(s) * 5 + 1) % 11);
      next.push_back({&caches[s], std::span{sequences[s]}.last(1)});
      EXPECT_EQ(caches[s].tokens() + 1, sequences[s].size());
    }
  }
}

// In double, differences come from another order of summation only: some 1e2 roundings of 1e-16 of
// values around 1.
TEST(DecoderTest, AgreesWithTheTransformerInDouble) {
  expect_agreement<double>(tiny_model(config_of(tiny_literal())), nullptr, 1e-12);
  expect_agreement<double>(tiny_model(config_of(tiny_literal(Head::untied))), nullptr, 1e-12);
}

TEST(DecoderTest, AgreesWithTheTransformerInFloat) {
  expect_agreement<float>(tiny_model(config_of(tiny_literal())), nullptr, 1e-4);
}

TEST(DecoderTest, AgreesUnderAnAdapter) {
  const Model model = tiny_model(config_of(tiny_literal()));
  const auto adapter =
      convert_adapter<double>(model.config, tiny_adapter(model.config, all_targets));
  expect_agreement<double>(model, &adapter, 1e-12);
}

TEST(DecoderTest, AgreesWithBiases) {
  ModelLiteral literal = tiny_literal();
  literal.qkv_bias = true;
  expect_agreement<double>(tiny_model(config_of(literal)), nullptr, 1e-12);
}

TEST(DecoderTest, LongPassesCrossTheTilesOfTheAttention) {
  ModelLiteral literal = tiny_literal();
  literal.max_context = 400;
  const Model model = tiny_model(config_of(literal));
  Fixture<double> fixture{model};
  const DecoderT<double> decoder{fixture.config, fixture.client, fixture.oracle, nullptr, 400};
  std::vector<std::uint32_t> tokens(300);
  for (std::size_t t = 0; t < tokens.size(); ++t)
    tokens[t] = static_cast<std::uint32_t>(t * t % 11);
  auto cache = KvCacheT<double>::create(model.config, 300, plenty).value();
  MatrixT<double> logits;
  for (std::size_t begin = 0; begin < tokens.size(); begin += 100) {
    const ContinuationT<double> next{&cache, std::span{tokens}.subspan(begin, 100)};
    logits = decoder.advance({&next, 1}).value();
  }
  expect_column<double>(logits, 0, whole_logits<double>(fixture, tokens, nullptr), 1e-12);
}

TEST(DecoderTest, ScoresAreTheLossesOfTheTransformer) {
  const Model model = tiny_model(config_of(tiny_literal()));
  Fixture<double> fixture{model};
  const DecoderT<double> decoder{fixture.config, fixture.client, fixture.oracle, nullptr, 64};
  const std::vector<std::uint32_t> tokens{1, 4, 2, 7, 3, 9, 10};
  auto cache = KvCacheT<double>::create(model.config, 16, plenty).value();
  const ContinuationT<double> prefix{&cache, std::span{tokens}.first(3)};
  ASSERT_TRUE(decoder.advance({&prefix, 1}).has_value());
  const ContinuationT<double> rest{&cache, std::span{tokens}.subspan(3)};
  const auto losses = decoder.score({&rest, 1}).value();
  Batch batch;
  append_sequence(batch, tokens, 1);
  const TransformerT<double> transformer{fixture.config, fixture.client, fixture.oracle};
  const auto report = transformer.evaluate(batch, nullptr).value();
  ASSERT_EQ(losses.size(), 1U);
  ASSERT_EQ(losses[0].size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(losses[0][i], report.nll[3 + i], 1e-12);
}

TEST(DecoderTest, APassIsOneColumnANewToken) {
  const Model model = tiny_model(config_of(tiny_literal()));
  PlainFp32Oracle plain{model.base};
  BrittleOracle oracle{plain};
  const Decoder decoder{model.config, model.client, oracle, nullptr, 64};
  KvCache first = KvCache::create(model.config, 8, plenty).value();
  KvCache second = first;
  const std::vector<std::uint32_t> tokens{1, 2, 3};
  const std::vector<Continuation> next{{&first, tokens}, {&second, std::span{tokens}.first(1)}};
  ASSERT_TRUE(decoder.advance(next).has_value());
  EXPECT_EQ(oracle.columns, std::vector<std::size_t>(2 * linear_group_count, 4));
}

TEST(DecoderTest, AFailedPassCanBeRepeated) {
  const Model model = tiny_model(config_of(tiny_literal()));
  PlainFp32Oracle plain{model.base};
  BrittleOracle oracle{plain};
  const Decoder decoder{model.config, model.client, oracle, nullptr, 64};
  KvCache cache = KvCache::create(model.config, 8, plenty).value();
  KvCache undisturbed = cache;
  const std::vector<std::uint32_t> tokens{1, 2, 3, 4};
  const Continuation prompt{&cache, std::span{tokens}.first(3)};
  ASSERT_TRUE(decoder.advance({&prompt, 1}).has_value());
  const Continuation next{&cache, std::span{tokens}.last(1)};
  oracle.broken = true;
  EXPECT_EQ(decoder.advance({&next, 1}).error().code, Errc::unavailable);
  EXPECT_EQ(cache.tokens(), 3U);
  oracle.broken = false;
  const Matrix repeated = decoder.advance({&next, 1}).value();
  const Continuation same{&undisturbed, std::span{tokens}.first(3)};
  ASSERT_TRUE(decoder.advance({&same, 1}).has_value());
  const Continuation same_next{&undisturbed, std::span{tokens}.last(1)};
  const Matrix expected = decoder.advance({&same_next, 1}).value();
  EXPECT_TRUE(
      std::equal(repeated.values().begin(), repeated.values().end(), expected.values().begin()));
}

TEST(DecoderTest, ForksAndTruncatedCachesGoTheirOwnWay) {
  const Model model = tiny_model(config_of(tiny_literal()));
  Fixture<double> fixture{model};
  const DecoderT<double> decoder{fixture.config, fixture.client, fixture.oracle, nullptr, 64};
  auto cache = KvCacheT<double>::create(model.config, 4, plenty).value();
  const std::vector<std::uint32_t> tokens{1, 4, 2};
  const ContinuationT<double> prompt{&cache, tokens};
  ASSERT_TRUE(decoder.advance({&prompt, 1}).has_value());
  auto fork = cache.fork(10);
  EXPECT_EQ(fork.tokens(), 3U);
  EXPECT_EQ(fork.capacity_tokens(), 10U);
  fork.truncate(2);
  const std::vector<std::uint32_t> other{5, 6};
  const std::vector<std::uint32_t> more{9};
  const std::vector<ContinuationT<double>> next{{&fork, other}, {&cache, more}};
  const auto logits = decoder.advance(next).value();
  expect_column<double>(logits, 0, whole_logits<double>(fixture, {1, 4, 5, 6}, nullptr), 1e-12);
  expect_column<double>(logits, 1, whole_logits<double>(fixture, {1, 4, 2, 9}, nullptr), 1e-12);
}

TEST(DecoderTest, RefusesTokensThatDoNotFit) {
  const Model model = tiny_model(config_of(tiny_literal()));
  PlainFp32Oracle oracle{model.base};
  const Decoder decoder{model.config, model.client, oracle, nullptr, 6};
  KvCache cache = KvCache::create(model.config, 4, plenty).value();
  KvCache large = KvCache::create(model.config, 64, plenty).value();
  const auto code = [&](KvCache& into, const std::vector<std::uint32_t>& tokens) {
    const Continuation next{&into, tokens};
    return decoder.advance({&next, 1}).error().code;
  };
  EXPECT_EQ(code(cache, {}), Errc::out_of_range);
  EXPECT_EQ(code(cache, {11}), Errc::out_of_range);
  EXPECT_EQ(code(cache, {1, 2, 3, 4, 5}), Errc::limit_exceeded);
  EXPECT_EQ(code(large, {1, 2, 3, 4, 5, 6, 7}), Errc::limit_exceeded);
  EXPECT_EQ(decoder.advance({}).error().code, Errc::out_of_range);
  EXPECT_EQ(decoder.score({}).error().code, Errc::out_of_range);
  EXPECT_EQ(cache.tokens(), 0U);
}

TEST(KvCacheTest, RefusesMoreThanTheModelOrTheMemoryTakes) {
  const ModelConfig config = config_of(tiny_literal());
  // 2 blocks, keys and values, 2 heads of 4.
  EXPECT_EQ(KvCache::bytes_per_token(config), 2U * 2U * 8U * sizeof(float));
  const std::uint64_t ten = 10 * KvCache::bytes_per_token(config);
  EXPECT_EQ(KvCache::create(config, 10, ten)->capacity_tokens(), 10U);
  EXPECT_EQ(KvCache::create(config, 11, ten).error().code, Errc::limit_exceeded);
  EXPECT_EQ(KvCache::create(config, 65, plenty).error().code, Errc::limit_exceeded);
  EXPECT_EQ(KvCache::create(config, 0, plenty).error().code, Errc::out_of_range);
}

}  // namespace
}  // namespace hippocrypt::model
