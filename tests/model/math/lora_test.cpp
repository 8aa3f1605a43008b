#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/gemm.hpp"
#include "math_support.hpp"
#include "model/lora_tape.hpp"

namespace hippocrypt::model {
namespace {

const ModelConfig& config() {
  static const ModelConfig value = config_of(tiny_literal());
  return value;
}

TEST(LoraTarget, NamesAreThoseOfPeft) {
  for (const LoraTarget target : all_targets) {
    EXPECT_EQ(lora_target_from_string(to_string(target)).value(), target);
  }
  EXPECT_STREQ(to_string(LoraTarget::gate), "gate_proj");
  const auto unknown = lora_target_from_string("query");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, Errc::out_of_range);
  EXPECT_NE(unknown.error().detail.find("q_proj"), std::string::npos);
}

Errc refusal(const LoraLiteral& literal) {
  const auto result = LoraConfig::create(literal, config());
  return result.has_value() ? Errc::cancelled : result.error().code;
}

TEST(LoraConfig, RefusesWhatCannotBe) {
  EXPECT_EQ(refusal({0, 1.0, {LoraTarget::q}}), Errc::out_of_range);
  EXPECT_EQ(refusal({9, 1.0, {LoraTarget::q}}), Errc::out_of_range);
  EXPECT_EQ(refusal({9, 1.0, {LoraTarget::down}}), Errc::cancelled) << "down has 10 inputs";
  EXPECT_EQ(refusal({2, 0.0, {LoraTarget::q}}), Errc::out_of_range);
  EXPECT_EQ(refusal({2, 1.0, {}}), Errc::out_of_range);
  EXPECT_EQ(refusal({2, 1.0, {LoraTarget::q, LoraTarget::q}}), Errc::out_of_range);
  EXPECT_EQ(refusal({2, std::numeric_limits<double>::infinity(), {LoraTarget::q}}),
            Errc::not_finite);
}

TEST(LoraConfig, SortsTargetsAndFingerprintsEveryField) {
  const auto make = [](std::size_t rank, double alpha, std::vector<LoraTarget> targets) {
    return LoraConfig::create({rank, alpha, std::move(targets)}, config()).value();
  };
  const LoraConfig one = make(2, 4.0, {LoraTarget::v, LoraTarget::q});
  EXPECT_EQ(one.targets(), (std::vector<LoraTarget>{LoraTarget::q, LoraTarget::v}));
  EXPECT_EQ(one.scale(), 2.0);
  EXPECT_EQ(one.fingerprint(), make(2, 4.0, {LoraTarget::q, LoraTarget::v}).fingerprint());
  EXPECT_NE(one.fingerprint(), make(3, 4.0, {LoraTarget::q, LoraTarget::v}).fingerprint());
  EXPECT_NE(one.fingerprint(), make(2, 5.0, {LoraTarget::q, LoraTarget::v}).fingerprint());
  EXPECT_NE(one.fingerprint(), make(2, 4.0, {LoraTarget::q, LoraTarget::k}).fingerprint());
}

TEST(InitialAdapter, OrthonormalRowsAreOrthonormal) {
  const LoraConfig lora = LoraConfig::create({8, 16.0, all_targets}, config()).value();
  const LoraAdapter adapter = initial_adapter(config(), lora, LoraInit::orthonormal, 1);
  for (std::size_t b = 0; b < adapter.blocks(); ++b) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      const Matrix& a = adapter.at(b, i).a;
      for (std::size_t r = 0; r < 8; ++r) {
        for (std::size_t s = 0; s < 8; ++s) {
          const double inner =
              std::inner_product(a.row(r).begin(), a.row(r).end(), a.row(s).begin(), 0.0);
          EXPECT_NEAR(inner, r == s ? 1.0 : 0.0, 1e-6);
        }
      }
      for (const float value : adapter.at(b, i).b.values()) EXPECT_EQ(value, 0.0F);
    }
  }
}

TEST(InitialAdapter, ACoreLiesBetweenOrthonormalFactors) {
  const LoraConfig lora = LoraConfig::create({5, 16.0, all_targets}, config()).value();
  const LoraAdapter adapter = initial_adapter(config(), lora, LoraInit::orthonormal_core, 1);
  const LoraAdapter plain = initial_adapter(config(), lora, LoraInit::orthonormal, 1);
  for (std::size_t b = 0; b < adapter.blocks(); ++b) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      const auto& factors = adapter.at(b, i);
      EXPECT_TRUE(std::ranges::equal(factors.a.values(), plain.at(b, i).a.values()));
      EXPECT_EQ(plain.at(b, i).core.size(), 0U);
      Matrix gram{5, 5};
      gemm<float>(Transpose::yes, factors.basis, Transpose::no, factors.basis, gram.view());
      for (std::size_t r = 0; r < 5; ++r) {
        for (std::size_t c = 0; c < 5; ++c) EXPECT_NEAR(gram(r, c), r == c ? 1.0 : 0.0, 1e-6);
      }
      for (const float value : factors.core.values()) EXPECT_EQ(value, 0.0F);
      for (const float value : factors.b.values()) EXPECT_EQ(value, 0.0F);
    }
  }
}

TEST(LoraFlat, BFollowsItsCore) {
  LoraAdapter adapter =
      initial_adapter(config(), LoraConfig::create({2, 1.0, {LoraTarget::k}}, config()).value(),
                      LoraInit::orthonormal_core, 1);
  std::vector<float> flat(trainable_count(config(), adapter.config(), Trainable::core));
  ASSERT_EQ(flat.size(), config()->blocks * 4);
  flat[1] = 3.0F;  // R(0, 1) of block 0
  scatter<float>(flat, Trainable::core, adapter);
  const auto& factors = adapter.at(0, 0);
  for (std::size_t r = 0; r < factors.b.rows(); ++r) {
    EXPECT_EQ(factors.b(r, 0), 0.0F);
    EXPECT_FLOAT_EQ(factors.b(r, 1), 3.0F * factors.basis(r, 0));
  }
  std::vector<float> again(flat.size());
  gather<float>(adapter, Trainable::core, again);
  EXPECT_EQ(again, flat);
}

TEST(InitialAdapter, KaimingStaysWithinItsBoundAndFollowsTheSeed) {
  const LoraConfig lora = LoraConfig::create({4, 16.0, all_targets}, config()).value();
  const auto draw = [&](std::uint64_t seed) {
    return initial_adapter(config(), lora, LoraInit::kaiming_uniform, seed);
  };
  const LoraAdapter one = draw(1);
  float largest = 0.0F;
  for (const float value : one.at(0, 0).a.values()) largest = std::max(largest, std::abs(value));
  EXPECT_LE(largest, 1.0F / std::sqrt(8.0F));
  EXPECT_GT(largest, 0.7F / std::sqrt(8.0F));
  EXPECT_EQ(one.at(1, 2).a(0, 0), draw(1).at(1, 2).a(0, 0));
  EXPECT_NE(one.at(1, 2).a(0, 0), draw(2).at(1, 2).a(0, 0));
  EXPECT_NE(one.at(0, 0).a(0, 0), one.at(1, 0).a(0, 0));
}

TEST(LoraFlat, GatherAndScatterAreInverse) {
  const LoraAdapter adapter = tiny_adapter(config(), all_targets);
  for (const Trainable trainable : {Trainable::b_only, Trainable::both}) {
    std::vector<float> flat(trainable_count(config(), adapter.config(), trainable));
    gather<float>(adapter, trainable, flat);
    LoraAdapter other{config(), adapter.config()};
    scatter<float>(flat, trainable, other);
    std::vector<float> again(flat.size());
    gather<float>(other, trainable, again);
    EXPECT_EQ(flat, again);
    EXPECT_EQ(other.at(0, 0).a(0, 0), trainable == Trainable::both ? adapter.at(0, 0).a(0, 0) : 0);
  }
}

TEST(LoraFlat, OrderIsBlockTargetThenAThenB) {
  const LoraConfig lora =
      LoraConfig::create({1, 1.0, {LoraTarget::down, LoraTarget::k}}, config()).value();
  LoraAdapter adapter{config(), lora};
  adapter.at(0, 0).a(0, 1) = 1.0F;  // k of block 0
  adapter.at(0, 0).b(2, 0) = 2.0F;
  adapter.at(0, 1).b(0, 0) = 3.0F;  // down of block 0
  adapter.at(1, 0).a(0, 0) = 4.0F;
  std::vector<float> both(trainable_count(config(), lora, Trainable::both));
  ASSERT_EQ(both.size(), 2U * (8 + 8 + 10 + 8));
  gather<float>(adapter, Trainable::both, both);
  EXPECT_EQ(both[1], 1.0F);
  EXPECT_EQ(both[8 + 2], 2.0F);
  EXPECT_EQ(both[8 + 8 + 10], 3.0F);
  EXPECT_EQ(both[34], 4.0F);
  std::vector<float> b_only(trainable_count(config(), lora, Trainable::b_only));
  ASSERT_EQ(b_only.size(), 2U * (8 + 8));
  gather<float>(adapter, Trainable::b_only, b_only);
  EXPECT_EQ(b_only[2], 2.0F);
  EXPECT_EQ(b_only[8], 3.0F);
}

TEST(LoraForward, IsTheFormulaOnTheRowsOfItsTarget) {
  const LoraAdapter adapter = tiny_adapter(config(), {LoraTarget::v});
  const auto& factors = adapter.at(1, 0);
  const Matrix x = as<float>(random_matrix(8, 3, "x"));
  Matrix y{32, 3};
  lora_forward<float>(adapter, 1, LinearGroup::qkv, x, y.view(), nullptr);
  for (std::size_t r = 0; r < 32; ++r) {
    for (std::size_t t = 0; t < 3; ++t) {
      double sum = 0.0;
      for (std::size_t i = 0; i < 2 && r >= 24; ++i) {
        for (std::size_t c = 0; c < 8; ++c) {
          sum += 1.5 * static_cast<double>(factors.b(r - 24, i) * factors.a(i, c) * x(c, t));
        }
      }
      EXPECT_NEAR(y(r, t), sum, 1e-6);
    }
  }
}

}  // namespace
}  // namespace hippocrypt::model
