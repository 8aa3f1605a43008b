// The clipped sum made layer by layer from norms, against whole gradients one after the other.

#include "federation/client/lot_gradients.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>

#include "base/random.hpp"
#include "model/plain_oracle.hpp"
#include "model/pretrain.hpp"
#include "model/transformer.hpp"
#include "model/unit_gradient.hpp"

namespace hippocrypt::privacy {
struct LotAccumulatorTestPeer {
  static std::vector<std::int64_t> integers(const LotAccumulator& lot) {
    const auto values = lot.sum_.reveal();
    return {values.begin(), values.end()};
  }
};
}  // namespace hippocrypt::privacy

namespace hippocrypt::federation {
namespace {

using privacy::Clipping;
using privacy::ClipRule;
using privacy::LotAccumulator;
using privacy::LotAccumulatorTestPeer;
using privacy::NoiseGrid;

struct Case {
  Case() {
    model::ModelLiteral shape;
    shape.vocab = 50;
    shape.hidden = 32;
    shape.blocks = 2;
    shape.heads = 2;
    shape.kv_heads = 1;
    shape.ffn = 48;
    shape.max_context = 64;
    model.emplace(model::initial_model(model::ModelConfig::create(shape).value(), 3, 0.1));
    SeededSequence random{1, "notes"};
    for (std::size_t u = 0; u < 9; ++u) {
      units.emplace_back();
      for (std::size_t note = 0; note <= u % 3; ++note) {
        std::vector<std::uint32_t> tokens(2 + random.below(u < 4 ? 3 : 40));
        for (auto& token : tokens) token = static_cast<std::uint32_t>(random.below(50));
        model::append_sequence(batch, tokens, u == 2 ? 50.0F : 0.2F);
        units.back().push_back(batch.sequences.back());
      }
    }
  }

  model::LoraTape tape(std::size_t rank, model::Trainable trainable) const {
    const auto lora =
        model::LoraConfig::create(
            {rank, 8.0, {model::LoraTarget::q, model::LoraTarget::o, model::LoraTarget::down}},
            model->config)
            .value();
    const auto init = model::trains_core(trainable) ? model::LoraInit::orthonormal_core
                                                    : model::LoraInit::kaiming_uniform;
    auto adapter = model::initial_adapter(model->config, lora, init, 1);
    const std::vector<float> core(model::trainable_count(model->config, lora, trainable), 0.1F);
    if (model::trains_core(trainable)) model::scatter<float>(core, trainable, adapter);
    SeededSequence random{2, "b"};
    for (std::size_t b = 0; b < adapter.blocks(); ++b) {
      for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
        if (model::trains_core(trainable)) continue;
        for (float& value : adapter.at(b, i).b.values()) {
          value = static_cast<float>(0.1 * random.normal());
        }
      }
    }
    model::PlainFp32Oracle oracle{model->base};
    const model::Transformer transformer{model->config, model->client, oracle};
    return std::move(transformer.forward_backward(batch, adapter, trainable)->tape);
  }

  std::optional<model::Model> model;
  model::Batch batch;
  std::vector<std::vector<model::SequenceSpan>> units;
};

LotAccumulator whole_gradients(const Case& test, const model::LoraTape& tape,
                               const ClipRule& rule) {
  LotAccumulator lot{model::layer_sizes(tape), rule};
  std::vector<float> gradient(lot.size());
  for (const auto& unit : test.units) {
    model::unit_gradient<float>(tape, unit, gradient);
    lot.add(gradient);
  }
  return lot;
}

TEST(LotGradients, AddWhatWholeGradientsAddUpToRounding) {
  const Case test;
  for (const auto trainable : {model::Trainable::both, model::Trainable::b_only,
                               model::Trainable::a_only, model::Trainable::core}) {
    for (const std::size_t rank : {std::size_t{2}, std::size_t{16}}) {
      const model::LoraTape tape = test.tape(rank, trainable);
      for (const Clipping kind : {Clipping::flat, Clipping::per_layer}) {
        for (const double clip : {1e-3, 0.3, 1e3}) {
          const ClipRule rule{kind, clip, NoiseGrid::of(1.0), 0};
          const auto expected = whole_gradients(test, tape, rule);
          LotAccumulator lot{model::layer_sizes(tape), rule};
          add_units(tape, test.units, lot, 2);
          EXPECT_EQ(lot.units(), test.units.size());
          EXPECT_EQ(lot.clipped(), expected.clipped());
          EXPECT_EQ(lot.rejected(), 0U);
          // Norms that differ by rounding move a unit's integers by as little: less than a grid
          // unit and 2^-22 of the clip norm.
          const auto a = LotAccumulatorTestPeer::integers(lot);
          const auto b = LotAccumulatorTestPeer::integers(expected);
          const auto most = static_cast<std::int64_t>(test.units.size() * 16);
          for (std::size_t i = 0; i < a.size(); ++i) ASSERT_LE(std::abs(a[i] - b[i]), most);
        }
      }
    }
  }
}

TEST(LotGradients, DoNotDependOnThreadsOrOnHowTheLotIsCut) {
  const Case test;
  const model::LoraTape tape = test.tape(4, model::Trainable::both);
  const ClipRule rule{Clipping::flat, 0.3, NoiseGrid::of(1.0), 0};
  LotAccumulator one{model::layer_sizes(tape), rule};
  add_units(tape, test.units, one, 1);
  LotAccumulator several{model::layer_sizes(tape), rule};
  const std::span<const std::vector<model::SequenceSpan>> units{test.units};
  add_units(tape, units.subspan(4), several, 3);
  add_units(tape, units.subspan(0, 4), several, 3);
  EXPECT_EQ(LotAccumulatorTestPeer::integers(one), LotAccumulatorTestPeer::integers(several));
}

TEST(LotGradients, LeaveOutAUnitThatIsNotFiniteAndNoOther) {
  const Case test;
  model::LoraTape tape = test.tape(4, model::Trainable::both);
  const std::size_t first = test.units[5].front().begin;
  tape.blocks[1].dy[static_cast<std::size_t>(tape.shapes[1].group)](3, first) =
      std::numeric_limits<float>::quiet_NaN();
  const ClipRule rule{Clipping::flat, 0.3, NoiseGrid::of(1.0), 0};
  LotAccumulator lot{model::layer_sizes(tape), rule};
  add_units(tape, test.units, lot, 1);
  EXPECT_EQ(lot.rejected(), 1U);
  auto others = test.units;
  others.erase(others.begin() + 5);
  LotAccumulator expected{model::layer_sizes(tape), rule};
  add_units(tape, others, expected, 1);
  EXPECT_EQ(LotAccumulatorTestPeer::integers(lot), LotAccumulatorTestPeer::integers(expected));
}

}  // namespace
}  // namespace hippocrypt::federation
