#include "model/inference/perplexity.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/model/math/math_support.hpp"

namespace hippocrypt::model {
namespace {

const auto go_on = [](std::size_t) { return true; };

class PerplexityTest : public testing::Test {
 protected:
  Model model_ = tiny_model(config_of(tiny_literal()));
  PlainFp32Oracle oracle_{model_.base};
  Transformer transformer_{model_.config, model_.client, oracle_};
};

TEST_F(PerplexityTest, WindowsDoNotOverlapAndEndWithTheDocument) {
  const std::vector<Tokens> documents{{1, 2, 3, 4, 5, 6, 7, 8}, {9, 10}, {}, {3}};
  EXPECT_EQ(windows_of(documents, 3, {}),
            (std::vector<Tokens>{{1, 2, 3}, {4, 5, 6}, {7, 8}, {9, 10}}));
  EXPECT_EQ(windows_of(documents, 7, {}), (std::vector<Tokens>{{1, 2, 3, 4, 5, 6, 7}, {9, 10}}));
  EXPECT_EQ(windows_of(documents, 4, 0U),
            (std::vector<Tokens>{{0, 1, 2, 3}, {0, 4, 5, 6}, {0, 7, 8}, {0, 9, 10}, {0, 3}}));
}

TEST_F(PerplexityTest, IsTheMeanOverAllPredictedTokens) {
  const std::vector<Tokens> windows{{1, 4, 2, 7}, {9, 5}, {10, 6, 8}};
  const auto report = perplexity(transformer_, nullptr, windows, 64, go_on).value();
  EXPECT_EQ(report.tokens, 9U);
  EXPECT_EQ(report.predicted, 6U);
  ASSERT_EQ(report.window_mean_nll.size(), 3U);
  double sum = 0.0;
  for (std::size_t w = 0; w < windows.size(); ++w) {
    Batch batch;
    append_sequence(batch, windows[w], 1);
    const auto alone = transformer_.evaluate(batch, nullptr).value();
    const double predicted = static_cast<double>(windows[w].size() - 1);
    EXPECT_NEAR(report.window_mean_nll[w], alone.weighted_nll / predicted, 1e-6);
    sum += alone.weighted_nll;
  }
  EXPECT_NEAR(report.mean_nll, sum / 6.0, 1e-6);
  EXPECT_NEAR(report.perplexity(), std::exp(sum / 6.0), 1e-4);
}

TEST_F(PerplexityTest, PacksAsManyWindowsAsFitAPass) {
  const std::vector<Tokens> windows{{1, 4, 2, 7}, {9, 5}, {10, 6, 8}, {1, 2, 3, 4}};
  const auto passes = [&](std::size_t batch_tokens) {
    std::vector<std::size_t> done;
    const auto report =
        perplexity(transformer_, nullptr, windows, batch_tokens, [&](std::size_t n) {
          done.push_back(n);
          return true;
        });
    EXPECT_EQ(report->predicted, 9U);
    return done;
  };
  EXPECT_EQ(passes(1), (std::vector<std::size_t>{1, 2, 3, 4}));
  EXPECT_EQ(passes(6), (std::vector<std::size_t>{2, 3, 4}));
  EXPECT_EQ(passes(9), (std::vector<std::size_t>{3, 4}));
  EXPECT_EQ(passes(100), (std::vector<std::size_t>{4}));
}

TEST_F(PerplexityTest, AnAdapterChangesIt) {
  const LoraAdapter adapter = tiny_adapter(model_.config, all_targets);
  const std::vector<Tokens> windows{{1, 4, 2, 7}};
  EXPECT_NE(perplexity(transformer_, nullptr, windows, 64, go_on)->mean_nll,
            perplexity(transformer_, &adapter, windows, 64, go_on)->mean_nll);
}

TEST_F(PerplexityTest, RefusesWhatHasNothingToPredict) {
  const auto code = [&](const std::vector<Tokens>& windows, const WindowProgress& progress) {
    return perplexity(transformer_, nullptr, windows, 64, progress).error().code;
  };
  EXPECT_EQ(code({}, go_on), Errc::out_of_range);
  EXPECT_EQ(code({{1}}, go_on), Errc::out_of_range);
  EXPECT_EQ(code({{1, 99}}, go_on), Errc::out_of_range);
  EXPECT_EQ(code({Tokens(65, 1)}, go_on), Errc::limit_exceeded);
  EXPECT_EQ(code({{1, 2}}, [](std::size_t) { return false; }), Errc::cancelled);
}

}  // namespace
}  // namespace hippocrypt::model
