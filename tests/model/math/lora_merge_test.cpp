#include "model/lora_merge.hpp"

#include "model/transformer.hpp"
#include "tests/model/math/math_support.hpp"

namespace hippocrypt::model {
namespace {

TEST(LoraMergeTest, GivesTheLogitsOfBaseAndAdapter) {
  for (const Head head : {Head::tied, Head::untied}) {
    const ModelConfig config = config_of(tiny_literal(head));
    const Model model = tiny_model(config);
    const LoraAdapter adapter = tiny_adapter(config, all_targets);
    PlainFp32Oracle apart{model.base};
    const Transformer with_adapter{config, model.client, apart};
    const Matrix wanted = with_adapter.logits(tiny_batch(), &adapter, LogitPositions::all).value();
    const Matrix base = with_adapter.logits(tiny_batch(), nullptr, LogitPositions::all).value();

    BaseWeights merged = model.base;
    merge_adapter(adapter, merged);
    PlainFp32Oracle together{merged};
    const Transformer alone{config, model.client, together};
    const Matrix got = alone.logits(tiny_batch(), nullptr, LogitPositions::all).value();
    double change = 0.0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      // Logits of a few units, each the end of about 100 float sums: 1e-4 is 800 ulps.
      ASSERT_NEAR(got.values()[i], wanted.values()[i], 1e-4);
      change = std::max(change, std::abs(double{base.values()[i]} - double{wanted.values()[i]}));
    }
    EXPECT_GT(change, 0.1);  // the adapter does something
  }
}

TEST(LoraMergeTest, TouchesOnlyTheRowsOfItsTargets) {
  const ModelConfig config = config_of(tiny_literal());
  const Model model = tiny_model(config);
  const LoraAdapter adapter = tiny_adapter(config, {LoraTarget::k});
  BaseWeights merged = model.base;
  merge_adapter(adapter, merged);
  const std::size_t begin = config.query_width(), end = begin + config.kv_width();
  for (std::uint32_t block = 0; block < config->blocks; ++block) {
    for (std::size_t g = 0; g < linear_group_count; ++g) {
      const LinearSite site{block, static_cast<LinearGroup>(g)};
      const Matrix &before = model.base.at(site), &after = merged.at(site);
      for (std::size_t r = 0; r < before.rows(); ++r) {
        const bool same =
            std::equal(before.row(r).begin(), before.row(r).end(), after.row(r).begin());
        EXPECT_EQ(same, site.group != LinearGroup::qkv || r < begin || r >= end) << g << " " << r;
      }
    }
  }
  // One value by hand: W + (alpha/rank)·(b0·a0 + b1·a1).
  const auto& factors = adapter.at(1, 0);
  const double update = 1.5 * (double{factors.b(2, 0)} * double{factors.a(0, 3)} +
                               double{factors.b(2, 1)} * double{factors.a(1, 3)});
  const LinearSite site{1, LinearGroup::qkv};
  EXPECT_FLOAT_EQ(merged.at(site)(begin + 2, 3),
                  static_cast<float>(double{model.base.at(site)(begin + 2, 3)} + update));
}

}  // namespace
}  // namespace hippocrypt::model
